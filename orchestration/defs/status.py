"""How all stands at a moment: sources, what is served, the last runs, the scheduler, the disk.

Belongs here: finding that out, and the incidents in it. Not here: judging one source
(`source_states`), telling people (`alerts`), printing (`terminal.status`).
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import dagster as dg
from dagster._utils.schedules import schedule_execution_time_iterator

from orchestration import config
from orchestration.config import Home
from orchestration.defs.runs import REFUSED_TAG
from orchestration.defs.source_states import SourceState, refusals, source_states
from orchestration.publication import versions
from orchestration.sources.kinds import Kind
from orchestration.sources.registry import Inventory, find_sources

BUILD = "build_warehouse"
_RUNS_LOOKED_AT = 50
_FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]


class Run(NamedTuple):
    """The last run of a job that ended by itself; `why` says what failed, if anything."""

    job: str
    run_id: str
    ended_at: dt.datetime
    succeeded: bool
    why: str


class Scheduler(NamedTuple):
    """Dagster's daemon: `alive`, `dead`, or `never started` in this home."""

    state: str
    last_heartbeat: dt.datetime | None


class Status(NamedTuple):
    """How all stands; `incidents` has a sentence for each thing that somebody has to look after."""

    sources: list[SourceState]
    published_at: str | None
    version: str
    claims: dict[str, str]
    runs: list[Run]
    next_build: dt.datetime
    scheduler: Scheduler
    used_bytes: int
    free_bytes: int
    incidents: dict[str, str]


def find_status(
    home: Home,
    raw_dir: Path,
    kinds: Mapping[str, Kind],
    instance: dg.DagsterInstance,
    now: dt.datetime,
) -> Status:
    """Look at everything; `now` has a time zone. Nothing is changed, and nobody is waited for."""
    found = find_sources(raw_dir, kinds) if raw_dir.is_dir() else Inventory((), ())
    sources = source_states(home, found, kinds, now)
    served = versions.served(home)
    runs, scheduler = _last_runs(instance), _scheduler(instance, now)
    incidents = {
        **dict(_source_incidents(sources, refusals(home, found))),
        **dict(_run_incidents(runs, scheduler, now)),
    }
    if not raw_dir.is_dir():
        incidents["raw"] = f"The folder of raw files, {raw_dir}, is not there."
    if not served:
        incidents["nothing served"] = "No version is served: run `genai-ledger build`."
    times = config.timetable()
    builds = schedule_execution_time_iterator(now.timestamp(), times.build_cron, times.time_zone)
    return Status(
        sources,
        served.get("published_at"),
        str(served.get("id", "")),
        served.get("claims", {}),
        runs,
        next(builds),
        scheduler,
        sum(path.stat().st_size for path in home.path.rglob("*") if path.is_file()),
        shutil.disk_usage(next(p for p in (home.path, *home.path.parents) if p.exists())).free,
        incidents,
    )


def _source_incidents(
    sources: list[SourceState], refused: Mapping[tuple[str, str], list[str]]
) -> Iterator[tuple[str, str]]:
    """Yield a key, the same while it lasts, and a sentence for each source that is not well."""
    for state in sources:
        if not state.is_well:
            yield f"{state.name} {state.state}", f"{state.name} is {state.state}: {state.why}"
    for (kind, source), sentences in refused.items():
        if not source:
            yield f"stray file {kind}", "; ".join(sentences)


def _run_incidents(
    runs: list[Run], scheduler: Scheduler, now: dt.datetime
) -> Iterator[tuple[str, str]]:
    for run in runs:
        if run.why:
            yield f"{run.job} failed", f"The last run of {run.job} failed: {run.why}"
    if scheduler.state == "dead":
        since = f"{scheduler.last_heartbeat:%Y-%m-%d %H:%M} UTC"
        yield "scheduler", f"Dagster's daemon, which runs all, has been silent since {since}."
    late = dt.timedelta(hours=config.RUN_WARNS_AFTER_HOURS)
    builds = [run.ended_at for run in runs if run.job == BUILD]
    # Who builds by hand alone has no schedule to miss.
    if scheduler.state == "alive" and builds and now - builds[0] > late:
        yield "missed schedule", f"No build has ended since {builds[0]:%Y-%m-%d %H:%M} UTC."


def _last_runs(instance: dg.DagsterInstance) -> list[Run]:
    last: dict[str, Run] = {}
    filters = dg.RunsFilter(statuses=_FINISHED)
    for record in instance.get_run_records(filters, limit=_RUNS_LOOKED_AT):
        run = record.dagster_run
        if run.job_name in last or run.job_name.startswith("__") or _has_variables(run):
            continue
        ended = record.end_time or record.update_timestamp.timestamp()
        # What was refused is told source by source.
        why = "" if run.is_success or REFUSED_TAG in run.tags else _what_failed(instance, run)
        moment = dt.datetime.fromtimestamp(ended, dt.timezone.utc)
        last[run.job_name] = Run(run.job_name, run.run_id, moment, run.is_success, why)
    return list(last.values())


def _has_variables(run: dg.DagsterRun) -> bool:
    """Whether the run made a version that isn't served."""
    settings: Any = run.run_config
    asked = settings.get("resources", {}).get("request", {}).get("config", {})
    return bool(asked.get("as_of") or asked.get("known_by"))


def _what_failed(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """Return what the steps that failed said, or else the run."""
    kinds = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE}
    events = [log.dagster_event for log in instance.all_logs(run.run_id, of_type=kinds)]
    told = []
    for event in events:
        if event and event.event_type == dg.DagsterEventType.STEP_FAILURE:
            failure = event.step_failure_data
            data, error = failure.user_failure_data, failure.error
            said = data.description if data else error.message if error else ""
            told.append(f"{event.step_key}: {' '.join(str(said).split())}")
    if told:
        return "; ".join(told)
    return next((str(event.message) for event in events if event and event.message), "see the UI")


def _scheduler(instance: dg.DagsterInstance, now: dt.datetime) -> Scheduler:
    beats = [beat.timestamp for beat in instance.get_daemon_heartbeats().values()]
    if not beats:
        return Scheduler("never started", None)
    newest = dt.datetime.fromtimestamp(max(beats), dt.timezone.utc)
    silent = now - newest > dt.timedelta(seconds=config.DAEMON_SILENT_SECONDS)
    return Scheduler("dead" if silent else "alive", newest)
