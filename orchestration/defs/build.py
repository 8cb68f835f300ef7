"""Running the whole build from the command line, with a line a stage instead of Dagster's log.

Belongs here: starting the job, showing its progress, collecting what went wrong as sentences. Not
here: what the stages do (`assets`) and what is printed of the result (`terminal.summary`).
"""

import contextlib
import io
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from rich.console import Console

from orchestration import config, files
from orchestration.config import Home
from orchestration.defs.progress import LOGGER, StageLines
from orchestration.publication import exports, lock, provenance, publish, versions
from orchestration.report import page
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import find_sources

# Marks the runs of this module: one that still seems to go on while the lock is free was killed.
_TAGS = {"started_by": "command line"}
_UNFINISHED = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED]


def build_warehouse(
    home: Home, raw_dir: Path, console: Console, variables: Mapping[str, str], *, force: bool
) -> list[str]:
    """Build and publish; return a sentence for each thing that went wrong, none when all is well.

    Nothing runs when every raw file, the dbt project, the engines and `variables` are those of a
    version that there is, unless `force` is set. Waits for another run to end. Raises LedgerError
    when there is nothing to build from.
    """
    with lock.sole_writer(home, console.print):
        find_sources(raw_dir, read_kinds(config.KINDS_FILE)).require_data(raw_dir)
        inputs = provenance.inputs(raw_dir, variables)
        if not force and _is_built(home, inputs, variables):
            for name in sorted(name for name in inputs if "/" in name):
                console.print(f"  unchanged  {name}")
            console.print("Nothing changed since this was built: nothing to build.")
            return []
        return _run(home, raw_dir, console, variables, force=force)


def _is_built(home: Home, inputs: dict[str, str], variables: Mapping[str, str]) -> bool:
    if variables:
        return any(v["inputs"] == inputs and v["all_inputs_used"] for v in versions.kept(home))
    now, newest = versions.current(home)
    written = home.docs.exists() and (home.exports / "index.json").exists()
    is_shown = written and page.version_of(home.report) == now.get("id")
    alike = (v for v in (now, newest) if v and v["inputs"] == inputs and v["all_inputs_used"])
    return bool(now) and is_shown and any(alike)


def _run(
    home: Home, raw_dir: Path, console: Console, variables: Mapping[str, str], *, force: bool
) -> list[str]:
    console.print("Loading Dagster and the dbt project ...", style="bold")
    # Made before standard output is redirected, so that it writes to the terminal.
    stages = StageLines(console.file)
    with _quiet(stages.failures), dg.DagsterInstance.get() as instance:
        for killed in instance.get_runs(dg.RunsFilter(tags=_TAGS, statuses=_UNFINISHED)):
            instance.report_run_failed(killed, "The process of this run was killed.")
        # dagster-dbt takes seconds to import.
        from orchestration.definitions import definitions  # noqa: PLC0415

        # The job's own logger: Dagster's console logger prints a line an event.
        LOGGER.handlers, LOGGER.propagate = [stages], False
        LOGGER.setLevel(logging.DEBUG)  # Dagster logs its events as debug messages
        requested: dict[str, Any] = {"config": {**variables, "force": force}}
        job = definitions(home, raw_dir).resolve_job_def("build_warehouse")
        result = job.execute_in_process(
            instance=instance,
            run_config={"loggers": {"stages": {}}, "resources": {"run": requested}},
            tags=_TAGS,
            raise_on_error=False,
        )
    return _problems(home, stages, result)


def _problems(home: Home, stages: StageLines, result: dg.ExecuteInProcessResult) -> list[str]:
    problems = list(stages.problems)
    if "dbt_build" in stages.ended and "published" not in stages.ended:
        # Dagster doesn't even try to publish what could not be built or did not pass a test.
        try:
            problems += publish.failed_audits(home)
        except publish.PublicationRefusedError:
            has_log = home.dbt_log.exists()
            told = f"its log is {home.dbt_log}" if has_log else "`make ui` shows what it said"
            problems.append(f"dbt stopped before any result: {told}.")
    is_whole = result.success and "published" in stages.ended
    if not is_whole and (full := files.full_disk(home.path, *stages.failures, *problems)):
        return [full]
    return problems or ([] if result.success else [f"Run {result.run_id} failed: see `make ui`."])


def roll_back(home: Home, console: Console, wanted: str | None) -> versions.Manifest:
    """Serve an older version again, and rewrite what people look at beside the served file.

    Raises `versions.VersionError` when there is no such version.
    """
    with lock.sole_writer(home, console.print):
        version = versions.rollback(home, wanted)
        # All that stands beside the served file and is made from it; the report, last, says so.
        exports.write(home.served, home.exports)
        page.write_report(home.served, home.report)
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
