"""Running the whole build from the command line, with a line a stage instead of Dagster's log.

Belongs here: starting the job, showing its progress, collecting what went wrong as sentences. Not
here: what the stages do (`assets`) and what is printed of the result (`report.headline`).
"""

import contextlib
import io
import logging
import time
from collections.abc import Iterator
from typing import IO

import dagster as dg
from rich.console import Console

from orchestration import config, publication

STAGES = {
    "land": "Reading and landing raw files",
    "dbt_build": "Building and auditing with dbt",
    "docs": "Writing the docs",
    "published": "Publishing",
    "report": "Writing the report",
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
    console.print("[bold]Loading Dagster and the dbt project[/bold] ...")
    # Made before standard output is redirected, so that it writes to the terminal.
    stages = _StageLines(console.file)
    with _quiet(), dg.DagsterInstance.get() as instance:
        # Loading the definitions reads raw/ and may parse the dbt project.
        from orchestration.assets import FOUND  # noqa: PLC0415
        from orchestration.definitions import defs  # noqa: PLC0415

        # The job's own logger: Dagster's console logger prints a line an event.
        logger = logging.getLogger("genai_ledger.stages")
        logger.handlers, logger.propagate = [stages], False
        logger.setLevel(logging.DEBUG)  # Dagster logs its events as debug messages
        result = defs.resolve_job_def("build_warehouse").execute_in_process(
            instance=instance,
            run_config={"loggers": {"stages": {}}},
            raise_on_error=False,
        )
    problems = [problem.message for problem in FOUND.problems] + stages.problems
    if "published" not in stages.ended:
        # Dagster doesn't even try to publish what could not be built or did not pass a test.
        manifest = place.dbt_target / "manifest.json"
        problems += publication.failed_audits(place.audit_results, manifest)
    return problems or ([] if result.success else [f"Run {result.run_id} failed: see `make ui`."])


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
    """Prints a line when a stage starts and ends, with what it says in between.

    On a terminal a spinner with the count of models and checks done turns while it works.
    """

    def __init__(self, terminal: IO[str]) -> None:
        super().__init__()
        self.console = Console(file=terminal, highlight=False, soft_wrap=True)
        self.status = self.console.status("")
        self.started = 0.0
        self.done = {"ASSET_MATERIALIZATION": 0, "ASSET_CHECK_EVALUATION": 0}
        self.problems: list[str] = []
        self.ended: set[str | None] = set()

    def emit(self, record: logging.LogRecord) -> None:
        facts = getattr(record, "dagster_meta", {})
        event = facts.get("dagster_event")
        step = facts.get("step_key")
        if event is not None:
            self._show(event.event_type_value, STAGES.get(step or "", step), event)
        elif step == "land" and record.levelno >= logging.ERROR:
            self._problem(facts["orig_message"])
        elif step == "land" and record.levelno >= logging.INFO:
            self.console.print(f"  {facts['orig_message']}", markup=False)

    def _show(self, kind: str, stage: str | None, event: dg.DagsterEvent) -> None:
        if kind == "STEP_START":
            self.started = time.monotonic()
            self.done = dict.fromkeys(self.done, 0)
            self.console.print(f"[bold]{stage}[/bold] ...")
            self.status.update(f"{stage}")
            self.status.start()
        elif kind in self.done:
            self.done[kind] += 1
            self.status.update(f"{stage}: {self._counts()}")
        elif kind in ("STEP_SUCCESS", "STEP_FAILURE"):
            self.status.stop()
            ending = "done" if kind == "STEP_SUCCESS" else "failed"
            seconds = time.monotonic() - self.started
            self.console.print(f"  {ending} in {seconds:,.1f} s: {self._counts()}")
            self.ended.add(event.step_key)
        if kind == "STEP_FAILURE" and event.step_key != "dbt_build":
            # What failed in dbt is told from its results, after the run.
            failure = event.step_failure_data
            told = failure.user_failure_data
            unexpected = f"{stage} failed: {getattr(failure.error, 'message', '')}".strip()
            self._problem(told.description or unexpected if told else unexpected)

    def _counts(self) -> str:
        tables, checks = self.done.values()
        return f"{tables:,} assets, {checks:,} checks"

    def _problem(self, sentence: str) -> None:
        if sentence.strip() not in self.problems:
            self.problems.append(sentence.strip())
