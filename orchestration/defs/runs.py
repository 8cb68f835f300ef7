"""Runs as the operating system knows them: going on or killed, and of which raw files each is.

Belongs here: telling a run that goes on from one whose process is gone, and the tags that say what
a run read and how it ended. Not here: when a run starts (`raw_folder`, `automation`).
"""

import contextlib
import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import dagster as dg
from filelock import FileLock, Timeout

from orchestration.config import RUN_START_SECONDS, RUNS_KEPT, Home
from orchestration.monitoring.status import REFUSED_TAG

__all__ = ["RAW_TAG", "REFUSED_TAG", "fail_killed", "going_on", "prune", "raw_hash"]

RAW_TAG = "genai_ledger/raw"  # the raw files that a whole build reads, as `raw_hash`
_UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def raw_hash(raw: Mapping[str, str]) -> str:
    """Return one hash of what `provenance.raw_files` returns."""
    return hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()


@contextlib.contextmanager
def going_on(home: Home, run_id: str) -> Iterator[None]:
    """Hold a lock while a run goes on: the system drops it when the process ends, however."""
    path = _lock(home, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path):
        yield
    path.unlink(missing_ok=True)


def fail_killed(home: Home, instance: dg.DagsterInstance) -> list[str]:
    """Mark as failed each run whose process is gone, so that it blocks nothing; return their ids.

    One that has not yet taken its lock is given the time that a process may need to start.
    """
    killed = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=_UNFINISHED)):
        run = record.dagster_run
        lock = _lock(home, run.run_id)
        seconds = time.time() - record.update_timestamp.timestamp()
        if _is_free(lock) if lock.exists() else seconds > RUN_START_SECONDS:
            instance.report_run_failed(run, "The process of this run was killed.")
            lock.unlink(missing_ok=True)
            killed.append(run.run_id)
    return killed


def prune(instance: dg.DagsterInstance) -> int:
    """Delete all but the newest runs of each job, with their events; return how many went.

    The newest that went well are kept beside the newest of all, so that what made an asset last is
    still known after many failures.
    """
    kept: dict[tuple[str, bool], int] = {}
    gone = 0
    for run in instance.get_runs():  # newest first
        if run.is_finished:
            group = (run.job_name, run.is_success)
            kept[group] = kept.get(group, 0) + 1
            if kept[group] > RUNS_KEPT:
                instance.delete_run(run.run_id)
                gone += 1
    return gone


def _lock(home: Home, run_id: str) -> Path:
    return home.runs / f"{run_id}.lock"


def _is_free(lock: Path) -> bool:
    try:
        with FileLock(lock, timeout=0):
            return True
    except Timeout:
        return False
