"""When things run: the job that builds everything, its schedule and the raw-folder sensor."""

import hashlib

import dagster as dg

from orchestration import config

build_job = dg.define_asset_job(
    "build_warehouse",
    selection=dg.AssetSelection.all(),
    description="Land what changed in raw/, build and audit the marts, publish.",
    executor_def=dg.in_process_executor,
)

daily_schedule = dg.ScheduleDefinition(
    name="daily_build",
    job=build_job,
    cron_schedule=config.DAILY_RUN_CRON,
    execution_timezone="UTC",
)


def raw_folder_state() -> str:
    """Return a hash of the names, sizes and times of all files in raw/: it changes when they do."""
    state = hashlib.sha256()
    root = config.raw_dir()
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        facts = path.stat()
        state.update(f"{path.relative_to(root)}|{facts.st_size}|{facts.st_mtime_ns}\n".encode())
    return state.hexdigest()


@dg.sensor(
    job=build_job,
    minimum_interval_seconds=config.RAW_FOLDER_POLL_SECONDS,
    description="Starts a build when a file in raw/ is added, changed or removed.",
)
def raw_folder_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Ask for one build a state of the raw folder; the state is the run's key."""
    state = raw_folder_state()
    if state == context.cursor:
        return dg.SkipReason("Nothing in raw/ changed.")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=state)], cursor=state)
