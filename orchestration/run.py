"""Running the whole build from the command line, with a line a stage instead of Dagster's log.

Belongs here: starting the job, showing its progress, collecting what went wrong as sentences. Not
here: what the stages do (`assets`) and what is printed of the result (`report.headline`).
"""

import contextlib
import io
import logging
import time
from collections.abc import Iterator

import dagster as dg
from rich.console import Console

from orchestration import config, publication

STAGES = {
    "land": "Reading and landing raw files",
    "dbt_build": "Building and auditing with dbt",
    "docs": "Writing the docs",
    "published": "Publishing",
}


def build_warehouse(place: config.Home, console: Console, *, force: bool) -> list[str]:
    """Build and publish; return a sentence for each thing that went wrong, none when all is well.

    Nothing runs when every raw file, the dbt project and the engines are those of the served file,
    unless `force` is set.
    """
    inputs = publication.inputs(config.raw_dir())
    if not force and publication.published(place).get("inputs") == inputs:
        for name in sorted(n for n in inputs if n.startswith("raw/")):
            console.print(f"  unchanged  {name}")
        console.print("Nothing changed since the served file was published: nothing to build.")
        return []
    with _quiet(), dg.DagsterInstance.get() as instance:
        from orchestration.definitions import defs  # noqa: PLC0415 - loading it reads raw/ and dbt
        from orchestration.assets import FOUND  # noqa: PLC0415

        stages = _StageLines(console)
        # The job's own logger: Dagster's console logger prints a line an event.
        logger = logging.getLogger("genai_ledger.stages")
        logger.handlers, logger.propagate = [stages], False
        logger.setLevel(logging.INFO)
        result = defs.resolve_job_def("build_warehouse").execute_in_process(
            instance=instance,
            run_config={"loggers": {"stages": {}}},
            raise_on_error=False,
        )
    problems = [problem.message for problem in FOUND.problems] + stages.problems
    if not result.success and not problems:
        problems = [f"The build failed; `make ui` shows run {result.run_id}."]
    return problems


@dg.logger
def stage_logger(_: dg.InitLoggerContext) -> logging.Logger:
    """Hand Dagster the logger that prints stages."""
    return logging.getLogger("genai_ledger.stages")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep dbt's own lines, which Dagster repeats on standard output, from the terminal."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield


class _StageLines(logging.Handler):
    """Prints a line when a stage starts, what it says, and how long it took."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        # The console's own file, because standard output is redirected while the job runs.
        self.console = Console(file=console.file, highlight=False, soft_wrap=True)
        self.started = 0.0
        self.problems: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        facts = getattr(record, "dagster_meta", {})
        event = facts.get("dagster_event")
        if event is None:
            self._say(record, facts.get("orig_message", record.getMessage()))
        elif event.event_type_value == "STEP_START":
            self.started = time.monotonic()
            self.console.print(f"[bold]{STAGES.get(event.step_key, event.step_key)}[/bold] ...")
        elif event.event_type_value == "STEP_SUCCESS":
            self.console.print(f"  done in {time.monotonic() - self.started:,.1f} s")
        elif event.event_type_value == "STEP_FAILURE":
            error = event.event_specific_data.user_failure_data or event.event_specific_data.error
            sentence = getattr(error, "description", None) or str(error)
            if sentence not in self.problems:
                self.problems.append(sentence)
            self.console.print(f"  failed after {time.monotonic() - self.started:,.1f} s")

    def _say(self, record: logging.LogRecord, message: str) -> None:
        if record.levelno >= logging.ERROR:
            self.problems.append(message)
        self.console.print(f"  {message}", markup=False)
