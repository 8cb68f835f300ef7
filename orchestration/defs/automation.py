"""When things run, and what counts as late: jobs, schedules, the raw-folder sensor, freshness.

Fresh has two meanings. Run recency: was the asset rebuilt lately? Dagster's freshness policies
answer that. Data recency: is what a source says still recent? A check on each source compares its
newest snapshot with its cadence, so that re-reading an old file never looks fresh.
"""

import datetime as dt
import hashlib
from pathlib import Path

import dagster as dg

from orchestration import config, files
from orchestration.sources.registry import Source, period

RUN_RECENCY = dg.FreshnessPolicy.time_window(
    warn_window=dt.timedelta(hours=config.RUN_WARNS_AFTER_HOURS),
    fail_window=dt.timedelta(hours=config.RUN_FAILS_AFTER_HOURS),
)

build_job = dg.define_asset_job(
    "build_warehouse",
    selection=dg.AssetSelection.all(),
    description="Land what changed in raw/, build and audit the marts, publish.",
    executor_def=dg.in_process_executor,
)

daily_build = dg.ScheduleDefinition(
    name="daily_build",
    job=build_job,
    cron_schedule=config.DAILY_RUN_CRON,
    execution_timezone="UTC",
)


def refresh_job(home: config.Home, raw_dir: Path) -> dg.JobDefinition:
    """Return the job that brings new snapshots to raw/; the next build lands them."""

    @dg.op(description="Download new snapshots of the sources whose source.yml enables it.")
    def refresh_sources(context: dg.OpExecutionContext) -> None:
        """Refresh every enabled source, then fail with a sentence for each that could not be."""
        # The libraries of the network are imported where they are used: they slow every start.
        from orchestration.sources.refresh import refresh  # noqa: PLC0415

        failed = []
        for result in refresh(raw_dir, home, (), lambda *_: None):
            context.log.info(f"{result.outcome:>9}  {result.source}: {result.sentence}")
            if result.outcome == "failed":
                failed.append(f"{result.source}: {result.sentence}")
        if failed:
            raise dg.Failure("; ".join(failed), allow_retries=False)

    @dg.job(
        name="refresh_job",
        description="Fetch what is new of remote sources.",
        executor_def=dg.in_process_executor,
    )
    def job() -> None:
        refresh_sources()

    return job


def daily_refresh(job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """Return the schedule of the downloads."""
    return dg.ScheduleDefinition(
        name="daily_refresh",
        job=job,
        cron_schedule=config.DAILY_REFRESH_CRON,
        execution_timezone="UTC",
    )


def raw_folder_state(raw_dir: Path) -> str:
    """Return a hash of the names, sizes and times of all files in raw/: it changes when they do.

    Hidden files don't count: what is being downloaded is one.
    """
    state = hashlib.sha256()
    visible = (p for p in raw_dir.rglob("*") if "/." not in f"/{p.relative_to(raw_dir)}")
    for path in sorted(p for p in visible if files.is_file(p)):
        facts = path.stat()
        state.update(f"{path.relative_to(raw_dir)}|{facts.st_size}|{facts.st_mtime_ns}\n".encode())
    return state.hexdigest()


def raw_folder_sensor(raw_dir: Path) -> dg.SensorDefinition:
    """Return the sensor that asks for one build a state of the raw folder."""

    @dg.sensor(
        name="raw_folder_sensor",
        job=build_job,
        minimum_interval_seconds=config.RAW_FOLDER_POLL_SECONDS,
        description="Starts a build when a file in raw/ is added, changed or removed.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        state = raw_folder_state(raw_dir)
        if state == context.cursor:
            return dg.SkipReason("Nothing in raw/ changed.")
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=state)], cursor=state)

    return sensor


def run_recency(cadence: str) -> dg.FreshnessPolicy | None:
    """Return the policy for landing a source: late after its cadence, failed after twice that.

    A frozen source has none; its check of data recency says why.
    """
    if cadence == "frozen":
        return None
    due = period(cadence)
    return dg.FreshnessPolicy.time_window(warn_window=due, fail_window=2 * due)


def data_recency_check(
    asset: dg.AssetKey, source: Source, newest_row: dt.date | None, today: dt.date
) -> dg.AssetCheckResult:
    """Judge one source: `passed` when its newest snapshot is no older than its cadence.

    A frozen source passes and says why it is frozen. A late source warns; it never fails a run,
    because old data are still the best there are.
    """
    newest_snapshot = max((snapshot.snapshot_date for snapshot in source.snapshots), default=None)
    if source.cadence == "frozen":
        passed, sentence = True, f"Frozen: {source.frozen_because}"
    elif newest_snapshot is None:
        passed, sentence = False, "No snapshot of this source could be read yet."
    else:
        age = today - newest_snapshot
        passed = age <= period(source.cadence)
        sentence = (
            f"The newest snapshot is of {newest_snapshot}, {age.days:,} days old; "
            f"a new one is due every {source.cadence}. The newest row is of {newest_row}."
        )
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name="data_recency",
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=sentence,
        metadata={
            "cadence": source.cadence,
            "newest_snapshot": str(newest_snapshot),
            "newest_row": str(newest_row),
        },
    )
