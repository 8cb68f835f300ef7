"""Runs as the operating system knows them: going on or killed, and of which raw files each is.

Belongs here: telling a run that goes on from one whose process is gone, the tags that say what a
run read and how it ended, and forgetting old ones. Not here: when a run starts (`raw_folder`,
`automation`).
"""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg
import sqlalchemy as sa
from dagster._core.instance.utils import RUNLESS_RUN_ID
from dagster._core.storage.event_log import SqlEventLogStorage
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    SqlEventLogStorageTable,
)
from filelock import FileLock, Timeout

from orchestration.config import RUN_START_SECONDS, RUNS_KEPT, Home
from orchestration.publication import versions

CHANGED_TAG = "genai_ledger/changed"  # which raw files differ from what is published
RAW_TAG = "genai_ledger/raw"  # the raw files that a whole build reads, as `raw_hash`
REFUSED_TAG = "genai_ledger/refused"  # all else of the run went well: only a new file helps
_HELD: list[FileLock] = []  # a lock is dropped when nothing refers to it
_LEFT_OVER_SECONDS = 86_400
_HASH_LETTERS = 12
_UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def raw_tags(home: Home, raw_dir: Path, raw: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of a whole build of what `registry.raw_files` returned."""
    inputs = versions.served(home).get("inputs", {})
    built = {name: h for name, h in inputs.items() if name.startswith(f"{raw_dir.name}/")}
    changed = versions.what_changed(raw, built) or "no raw file"
    return {RAW_TAG: raw_hash(raw), CHANGED_TAG: changed}


def raw_hash(raw: Mapping[str, str]) -> str:
    """Return one hash of what `registry.raw_files` returns, as short as people can bear to see."""
    return hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()[:_HASH_LETTERS]


def hold(home: Home, run_id: str) -> None:
    """Lock the file of a run until this process ends, however it ends: the system drops it.

    Not earlier: a run whose lock is free, and that hasn't told how it ended, was killed.
    """
    path = _file(home, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Dagster may make a run's resources twice, as `dagster job execute` does.
    lock = FileLock(path, is_singleton=True)
    lock.acquire()
    _HELD.append(lock)


def fail_killed(home: Home, instance: dg.DagsterInstance) -> list[str]:
    """Mark as failed each run whose process is gone, so that it blocks nothing; return their ids.

    One that has not yet taken its lock is given the time that a process may need to start.
    """
    killed = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=_UNFINISHED)):
        run, file = record.dagster_run, _file(home, record.dagster_run.run_id)
        seconds = time.time() - record.update_timestamp.timestamp()
        if _is_free(file) if file.exists() else seconds > RUN_START_SECONDS:
            instance.report_run_failed(run, "The process of this run was killed.")
            killed.append(run.run_id)
    for file in home.runs.glob("*.lock"):
        if time.time() - file.stat().st_mtime > _LEFT_OVER_SECONDS and _is_free(file):
            file.unlink()
    return killed


def prune(instance: dg.DagsterInstance) -> int:
    """Delete all but the newest runs of each job, with their events; return how many went.

    The newest that went well are kept beside the newest of all, so that what made an asset last is
    still known after many failures.
    """
    groups: dict[tuple[str, bool], int] = {}
    kept, gone = [], 0
    for run in instance.get_runs():  # newest first
        group = (run.job_name, run.is_success)
        if run.is_finished:
            groups[group] = groups.get(group, 0) + 1
        if run.is_finished and groups[group] > RUNS_KEPT:
            instance.delete_run(run.run_id)
            gone += 1
        else:
            kept.append(run.run_id)
    _forget_events(instance.event_log_storage, kept)
    return gone


def _forget_events(storage: object, kept: Sequence[str]) -> None:
    """Delete what Dagster leaves: what checks said in other runs, what sources reported in none.

    What each check or source said last stays.
    """
    if isinstance(storage, SqlEventLogStorage):
        said, reported = AssetCheckExecutionsTable, SqlEventLogStorageTable
        newest = sa.select(sa.func.max(said.c.id)).group_by(said.c.asset_key, said.c.check_name)
        others = sa.and_(said.c.run_id.not_in(kept), said.c.id.not_in(newest))
        of_no_run = reported.c.run_id == RUNLESS_RUN_ID
        last = sa.select(sa.func.max(reported.c.id)).where(of_no_run).group_by(reported.c.asset_key)
        with storage.index_transaction() as connection:
            connection.execute(said.delete().where(others))
            connection.execute(reported.delete().where(of_no_run, reported.c.id.not_in(last)))


def _file(home: Home, run_id: str) -> Path:
    return home.runs / f"{run_id}.lock"


def _is_free(file: Path) -> bool:
    try:
        with FileLock(file, timeout=0):
            return True
    except Timeout:
        return False
