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


@dg.op(description="Download new snapshots of the sources whose source.yml enables it.")
def refresh_sources(context: dg.OpExecutionContext) -> None:
    """Refresh every enabled source, then fail with a sentence for each that could not be."""
    # The libraries of the network are imported where they are used: they would slow every start.
    from orchestration.sources.refresh import refresh  # noqa: PLC0415

    failed = []
    for result in refresh(config.raw_dir(), config.home(), (), lambda *_: None):
        context.log.info(f"{result.outcome:>9}  {result.source}: {result.sentence}")
        if result.outcome == "failed":
            failed.append(f"{result.source}: {result.sentence}")
    if failed:
        raise dg.Failure("; ".join(failed), allow_retries=False)


@dg.job(description="Fetch what is new of remote sources.", executor_def=dg.in_process_executor)
def refresh_job() -> None:
    """Bring new snapshots to raw/; the next build lands them."""
    refresh_sources()


daily_refresh = dg.ScheduleDefinition(
    name="daily_refresh",
    job=refresh_job,
    cron_schedule=config.DAILY_REFRESH_CRON,
    execution_timezone="UTC",
)


def raw_folder_state() -> str:
    """Return a hash of the names, sizes and times of all files in raw/: it changes when they do.

    Hidden files don't count: what is being downloaded is one.
    """
    state = hashlib.sha256()
    root = config.raw_dir()
    visible = (p for p in root.rglob("*") if "/." not in f"/{p.relative_to(root)}")
    for path in sorted(p for p in visible if p.is_file()):
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
