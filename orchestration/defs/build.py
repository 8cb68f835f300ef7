"""Running the whole build from the command line, with a line a stage instead of Dagster's log.

Belongs here: starting the job, showing its progress, collecting what went wrong as sentences. Not
here: what the stages do (`assets`) and what is printed of the result (`terminal.summary`).
"""

import contextlib
import io
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from rich.console import Console

from orchestration import config, files
from orchestration.defs.progress import LOGGER, StageLines
from orchestration.publication import exports, lock, provenance, publish, versions
from orchestration.report import page

# Marks the runs of this module: one that still seems to go on while the lock is free was killed.
_TAGS = {"started_by": "command line"}
_UNFINISHED = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED]


def build_warehouse(
    place: config.Home, console: Console, variables: Mapping[str, str], *, force: bool
) -> list[str]:
    """Build and publish; return a sentence for each thing that went wrong, none when all is well.

    Nothing runs when every raw file, the dbt project, the engines and `variables` are those of a
    version that there is, unless `force` is set. Waits for another run to end.
    """
    with lock.sole_writer(place, console.print):
        inputs = provenance.inputs(config.raw_dir(), variables)
        if not force and _is_built(place, inputs, variables):
            for name in sorted(name for name in inputs if "/" in name):
                console.print(f"  unchanged  {name}")
            console.print("Nothing changed since this was built: nothing to build.")
            return []
        return _run(place, console, variables, force=force)


def _is_built(place: config.Home, inputs: dict[str, str], variables: Mapping[str, str]) -> bool:
    if variables:
        return any(v["inputs"] == inputs and v["all_inputs_used"] for v in versions.kept(place))
    now, newest = versions.current(place)
    written = place.docs.exists() and (place.exports / "index.json").exists()
    is_shown = written and page.version_of(place.report) == now.get("id")
    alike = (v for v in (now, newest) if v and v["inputs"] == inputs and v["all_inputs_used"])
    return bool(now) and is_shown and any(alike)


def _run(
    place: config.Home, console: Console, variables: Mapping[str, str], *, force: bool
) -> list[str]:
    console.print("[bold]Loading Dagster and the dbt project[/bold] ...")
    # Made before standard output is redirected, so that it writes to the terminal.
    stages = StageLines(console.file)
    with _quiet(stages.failures), dg.DagsterInstance.get() as instance:
        for killed in instance.get_runs(dg.RunsFilter(tags=_TAGS, statuses=_UNFINISHED)):
            instance.report_run_failed(killed, "The process of this run was killed.")
        # Loading the definitions reads raw/ and may parse the dbt project.
        from orchestration.definitions import defs  # noqa: PLC0415
        from orchestration.defs.assets import FOUND  # noqa: PLC0415

        # The job's own logger: Dagster's console logger prints a line an event.
        LOGGER.handlers, LOGGER.propagate = [stages], False
        LOGGER.setLevel(logging.DEBUG)  # Dagster logs its events as debug messages
        ordered: dict[str, Any] = {"config": {**variables, "force": force}}
        result = defs.resolve_job_def("build_warehouse").execute_in_process(
            instance=instance,
            run_config={"loggers": {"stages": {}}, "resources": {"build": ordered}},
            tags=_TAGS,
            raise_on_error=False,
        )
    problems = [problem.message for problem in FOUND.problems] + stages.problems
    if "dbt_build" in stages.ended and "published" not in stages.ended:
        # Dagster doesn't even try to publish what could not be built or did not pass a test.
        manifest = place.dbt_target / "manifest.json"
        try:
            problems += publish.failed_audits(place.audit_results, manifest)
        except publish.PublicationRefusedError:
            has_log = place.dbt_log.exists()
            told = f"its log is {place.dbt_log}" if has_log else "`make ui` shows what it said"
            problems.append(f"dbt stopped before any result: {told}.")
    is_whole = result.success and "published" in stages.ended
    if not is_whole and (full := files.full_disk(place.path, *stages.failures, *problems)):
        return [full]
    return problems or ([] if result.success else [f"Run {result.run_id} failed: see `make ui`."])


def roll_back(place: config.Home, console: Console, wanted: str | None) -> versions.Manifest:
    """Serve an older version again, and rewrite what people look at beside the served file.

    Raises `versions.VersionError` when there is no such version.
    """
    with lock.sole_writer(place, console.print):
        version = versions.rollback(place, wanted)
        # All that stands beside the served file and is made from it; the report, last, says so.
        exports.write(place.served, place.exports)
        page.write_report(place.served, place.report)
    return version


@contextlib.contextmanager
def _quiet(said: list[str]) -> Iterator[None]:
    """Keep dbt's own lines, which Dagster repeats on standard output, from the terminal.

    What goes to standard error is added to `said`: Dagster says there what it can't write down.
    """
    errors = io.StringIO()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(errors):
            yield
    finally:
        said.append(errors.getvalue())
