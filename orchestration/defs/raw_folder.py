"""The sensor that starts a build when what lies in raw/ is not what is published.

Belongs here: whether files have settled, and whether a build of them is due. Not here: schedules
(`automation`), and what a build does. What is there is compared with what was built, never with
what was asked for, so that nothing that failed, was killed or moved out and back is forgotten.
"""

import hashlib
import time
from itertools import takewhile
from pathlib import Path

import dagster as dg

from orchestration import config, files
from orchestration.config import Home, LedgerError
from orchestration.defs import runs, stages
from orchestration.defs.automation import build_job
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import find_sources, is_beside, raw_files

_IN_PROGRESS = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_ATTEMPTS_COUNTED = 20


def raw_folder_state(raw_dir: Path) -> str:
    """Return a hash of the names, sizes and times of all files in raw/: it changes when they do.

    Hidden files don't count (what is being downloaded is one), nor what is no data by its name.
    """
    state = hashlib.sha256()
    visible = (p for p in raw_dir.rglob("*") if "/." not in f"/{p.relative_to(raw_dir)}")
    for path in sorted(p for p in visible if files.is_file(p) and not is_beside(p)):
        facts = path.stat()
        state.update(f"{path.relative_to(raw_dir)}|{facts.st_size}|{facts.st_mtime_ns}\n".encode())
    return state.hexdigest()


def raw_folder_sensor(home: Home, raw_dir: Path) -> dg.SensorDefinition:
    """Return the sensor; its cursor is what it saw last, and the record under which that stood."""

    @dg.sensor(
        name="raw_folder_sensor",
        job=build_job,
        minimum_interval_seconds=config.timetable().poll_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Starts a build when files in raw/ have settled and are not what is published.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        runs.fail_killed(home, context.instance)
        seen, _, built_under = (context.cursor or "").partition(" ")
        state, record = raw_folder_state(raw_dir), _record_time(home)
        if state != seen:
            return dg.SensorResult(
                skip_reason="Files in raw/ have changed: waiting until they change no more.",
                cursor=state,
            )
        if record == built_under:
            return dg.SensorResult(skip_reason="Nothing in raw/ changed.", cursor=context.cursor)
        due = _due(home, raw_dir, context.instance)
        if isinstance(due, dg.RunRequest):
            return dg.SensorResult(run_requests=[due], cursor=state)
        return dg.SensorResult(
            skip_reason=due or "What is in raw/ is published.",
            cursor=(state if due else f"{state} {record}"),
        )

    return sensor


def _record_time(home: Home) -> str:
    return str(home.keys.stat().st_mtime_ns) if home.keys.exists() else "none"


def _due(home: Home, raw_dir: Path, instance: dg.DagsterInstance) -> dg.RunRequest | str | None:
    """Return the build that settled files need, why it has to wait, or None when it stands."""
    try:
        find_sources(raw_dir, read_kinds()).require_data(raw_dir)
    except LedgerError as error:
        return str(error)
    filters = dg.RunsFilter(job_name=build_job.name, statuses=_IN_PROGRESS)
    if instance.get_runs(filters, limit=1):
        return "A build is queued or running: what it leaves is looked at when it has ended."
    present = raw_files(raw_dir)
    if stages.is_built(home, present, {}):
        return None
    tags = runs.raw_tags(home, raw_dir, present)
    return _wait(instance, tags[runs.RAW_TAG]) or dg.RunRequest(tags=tags)


def _wait(instance: dg.DagsterInstance, raw: str) -> str | None:
    """Say why files that were tried and could not be built are not tried again now."""
    newest = instance.get_run_records(
        dg.RunsFilter(job_name=build_job.name), limit=_ATTEMPTS_COUNTED
    )
    # A run of a part, or with variables, has no such tag, and says nothing of these files.
    whole = [record for record in newest if runs.RAW_TAG in record.dagster_run.tags]
    tried = list(takewhile(lambda record: record.dagster_run.tags[runs.RAW_TAG] == raw, whole))
    if not tried:
        return None
    run, ended = tried[0].dagster_run, tried[0].end_time or tried[0].update_timestamp.timestamp()
    if run.status == dg.DagsterRunStatus.SUCCESS:
        return "These files are built, by another version of the code: reload this code location."
    if run.status == dg.DagsterRunStatus.CANCELED:
        return "The build of these files was cancelled: the next change or schedule starts another."
    if runs.REFUSED_TAG in run.tags:
        return "Of these files some were refused: `genai-ledger status` tells which, and why."
    retry_seconds = config.timetable().retry_seconds
    pause = min(retry_seconds * 2 ** (len(tried) - 1), config.RETRY_LONGEST_SECONDS)
    left = ended + pause - time.time()
    if left <= 0:
        return None
    return f"The build of these files failed ({len(tried)} times): tried again in {left:,.0f} s."
