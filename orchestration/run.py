"""Running the whole build from the command line, with a line a stage instead of Dagster's log.

Belongs here: starting the job, showing its progress, collecting what went wrong as sentences. Not
here: what the stages do (`assets`) and what is printed of the result (`report.headline`).
"""

import contextlib
import io
import logging
from collections.abc import Iterator

import dagster as dg
from rich.console import Console

from orchestration import config, publication
from orchestration.progress import LOGGER, StageLines


def build_warehouse(place: config.Home, console: Console, *, force: bool) -> list[str]:
    """Build and publish; return a sentence for each thing that went wrong, none when all is well.

    Nothing runs when every raw file, the dbt project and the engines are those of the served file,
    unless `force` is set.
    """
    inputs = publication.inputs(config.raw_dir())
    written = (place.report, place.docs, place.exports / "index.json")
    complete = all(path.exists() for path in written)
    if complete and not force and publication.published(place).get("inputs") == inputs:
        for name in sorted(name for name in inputs if "/" in name):
            console.print(f"  unchanged  {name}")
        console.print("Nothing changed since the served file was published: nothing to build.")
        return []
    console.print("[bold]Loading Dagster and the dbt project[/bold] ...")
    # Made before standard output is redirected, so that it writes to the terminal.
    stages = StageLines(console.file)
    with _quiet(), dg.DagsterInstance.get() as instance:
        # Loading the definitions reads raw/ and may parse the dbt project.
        from orchestration.assets import FOUND  # noqa: PLC0415
        from orchestration.definitions import defs  # noqa: PLC0415

        # The job's own logger: Dagster's console logger prints a line an event.
        LOGGER.handlers, LOGGER.propagate = [stages], False
        LOGGER.setLevel(logging.DEBUG)  # Dagster logs its events as debug messages
        result = defs.resolve_job_def("build_warehouse").execute_in_process(
            instance=instance,
            run_config={"loggers": {"stages": {}}},
            raise_on_error=False,
        )
    problems = [problem.message for problem in FOUND.problems] + stages.problems
    if "published" not in stages.ended:
        # Dagster doesn't even try to publish what could not be built or did not pass a test.
        manifest = place.dbt_target / "manifest.json"
        try:
            problems += publication.failed_audits(place.audit_results, manifest)
        except publication.PublicationRefusedError:
            problems.append("dbt stopped before any result: its log is in the folder dbt/logs.")
    return problems or ([] if result.success else [f"Run {result.run_id} failed: see `make ui`."])


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep dbt's own lines, which Dagster repeats on standard output, from the terminal."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield
