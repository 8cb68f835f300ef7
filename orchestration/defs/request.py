"""What a run was asked for, and its sole right to write the home.

Belongs here: the resource `request` that the assets share, and how Dagster shows an error that a
person can mend. Not here: what the assets do (`assets`, `dbt_project`).
"""

import contextlib
import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from dagster._core.errors import DagsterUserCodeProcessError
from dagster_shared.error import SerializableErrorInfo

from orchestration.config import Home, LedgerError
from orchestration.defs import runs
from orchestration.publication import lock
from orchestration.publication.publish import BuildRequest
from orchestration.sources.registry import raw_files

_OPTIONS = {
    "as_of": "The last day the marts speak of, or empty.",
    "known_by": "The day after which snapshots don't count, or empty.",
}


class SentenceError(DagsterUserCodeProcessError, dg.Failure):
    """Fails a step with a sentence, below which Dagster's UI shows no stack trace.

    What comes from another process, as this says that it does, Dagster shows as it came.
    """

    def __init__(self, sentence: str) -> None:
        """Say what a person can mend; trying again doesn't help."""
        shown = [SerializableErrorInfo(sentence, [], None)]
        super().__init__(  # type: ignore[no-untyped-call]
            sentence, allow_retries=False, user_code_process_error_infos=shown
        )


@contextlib.contextmanager
def one_sentence(request: BuildRequest) -> Iterator[None]:
    """Show an error that a person can mend as its sentence alone, first what was asked for."""
    try:
        if request.problem:
            raise LedgerError(request.problem)
        yield
    except LedgerError as error:
        raise SentenceError(str(error)) from None


def _day(name: str, text: str) -> str:
    """Return a day as people type one in the launchpad. Raises LedgerError for what is none."""
    try:
        return f"{dt.datetime.strptime(text.strip(), '%Y-%m-%d'):%Y-%m-%d}"
    except ValueError:
        sentence = f"{name} is {text[:40]!r}, which is no day; write it as 2026-11-23"
        raise LedgerError(sentence) from None


def build_request(home: Home, raw_dir: Path) -> dg.ResourceDefinition:
    """Return the resource that waits for other writers, and is there while no other writes."""
    fields = {
        name: dg.Field(str, default_value="", description=text) for name, text in _OPTIONS.items()
    }
    force = dg.Field(bool, default_value=False, description="Build all, though nothing changed.")

    @dg.resource(description="What a run builds.", config_schema={**fields, "force": force})
    def request(context: dg.InitResourceContext) -> Iterator[BuildRequest]:
        given = context.resource_config
        say = context.log.info if context.log else print
        run, instance = context.run, context.instance
        if run:
            runs.hold(home, run.run_id)
        try:
            variables = {name: _day(name, given[name]) for name in _OPTIONS if given[name]}
        except LedgerError as error:  # of a resource that fails the UI shows a stack trace first
            yield BuildRequest({}, {}, problem=str(error))
            return
        with lock.sole_writer(home, say):
            # Before any is read: a file that changes meanwhile is read by the next build.
            raw = raw_files(raw_dir)
            if run and instance:
                runs.prune(instance)
                if not (variables or run.asset_selection):
                    instance.add_run_tags(run.run_id, runs.raw_tags(home, raw_dir, raw))
            yield BuildRequest(raw, variables, force=given["force"], started=time.monotonic())

    return request
