"""One run of Dagster's job from the command line, with a line a stage instead of Dagster's log.

Belongs here: starting the job, showing its progress, collecting what went wrong as sentences. Not
here: what the stages do (`assets`), and whether there is anything to run (`build`).
"""

import contextlib
import functools
import io
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.definitions.repository_definition import SINGLETON_REPOSITORY_NAME
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin
from rich.console import Console

from orchestration import config, files
from orchestration.config import Home
from orchestration.defs import runs
from orchestration.defs.definitions import definitions
from orchestration.defs.progress import LOGGER, StageLines
from orchestration.defs.status import BUILD
from orchestration.publication import publish

_TAGS = {"started_by": "command line"}


def run_job(
    home: Home, raw_dir: Path, console: Console, variables: Mapping[str, str], *, force: bool
) -> list[str]:
    """Run the job; return a sentence for each thing that went wrong. Needs `lock.sole_writer`."""
    # Made before standard output is redirected, so that it writes to the terminal.
    stages = StageLines(console.file)
    with _quiet(stages.failures), dg.DagsterInstance.get() as instance:
        runs.fail_killed(home, instance)
        # The job's own logger: Dagster's console logger prints a line an event.
        LOGGER.handlers, LOGGER.propagate = [stages], False
        LOGGER.setLevel(logging.DEBUG)  # Dagster logs its events as debug messages
        requested: dict[str, Any] = {"config": {**variables, "force": force}}
        job = definitions(home, raw_dir).resolve_job_def(BUILD)
        _show_in_timeline(instance)
        result = job.execute_in_process(
            instance=instance,
            run_config={"loggers": {"stages": {}}, "resources": {"request": requested}},
            tags=_TAGS,
            raise_on_error=False,
        )
    return _problems(home, stages, result)


def _show_in_timeline(instance: dg.DagsterInstance) -> None:
    """Have runs that are made in this process stand in the UI's timeline, as if started there."""
    location = RegisteredCodeLocationOrigin(config.CODE_LOCATION)
    origin = RemoteRepositoryOrigin(location, SINGLETON_REPOSITORY_NAME).get_job_origin(BUILD)
    create = functools.partial(instance.create_run_for_job, remote_job_origin=origin)
    instance.create_run_for_job = create  # type: ignore[method-assign] # Dagster has no argument


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
