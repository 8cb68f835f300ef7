"""When things run, and what counts as late: jobs, schedules, freshness.

Fresh has two meanings. Run recency: was the asset rebuilt lately? Dagster's freshness policies
answer that. Data recency: is what a source says still recent? A check on each source compares its
newest snapshot and row with its cadence, so that re-reading an old file never looks fresh.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path

import dagster as dg
from dagster._core.definitions.data_version import DATA_VERSION_TAG
from dagster._core.events import DagsterEvent, DagsterEventType, StepMaterializationData
from dagster._core.instance.utils import RUNLESS_JOB_NAME, RUNLESS_RUN_ID
from dagster._utils.schedules import is_valid_cron_schedule

from orchestration import config
from orchestration.config import LedgerError
from orchestration.defs import runs
from orchestration.defs.request import SentenceError
from orchestration.defs.source_states import SourceState, source_states
from orchestration.defs.status import BUILD
from orchestration.sources.kinds import Kind
from orchestration.sources.registry import Source, find_sources, period

RUN_RECENCY = dg.FreshnessPolicy.time_window(
    warn_window=dt.timedelta(hours=config.RUN_WARNS_AFTER_HOURS),
    fail_window=dt.timedelta(hours=config.RUN_FAILS_AFTER_HOURS),
)
DATA_RECENCY = "data_recency"
HAS_NO_PERIOD = ("frozen", "unknown")  # unknown is that of a source that can't be used


def freshness_policy(source: Source) -> dg.FreshnessPolicy:
    """Return when a source's asset warns and fails: as its data do, by its cadence."""
    if source.cadence in HAS_NO_PERIOD:
        return RUN_RECENCY
    due = period(source.cadence)
    return dg.FreshnessPolicy.time_window(warn_window=due, fail_window=2 * due)


def report_data_time(
    instance: dg.DagsterInstance, key: dg.AssetKey, state: SourceState, content: dg.DataVersion
) -> None:
    """Have Dagster count a source's freshness from what its data speak of, not from the run.

    Else reading an old file again would turn the badge green beside a check that warns. `content`
    is the version that the run has given it: what is made of it isn't outdated by this.
    """
    moment = state.landed.spoken_to
    if state.state in ("stale", "refused"):  # whatever the reason, such as a day to come
        moment = min(moment, dt.datetime.now(dt.timezone.utc) - 2 * period(state.cadence))
    event = dg.AssetMaterialization(
        key,
        f"Its data speak of the time to {moment:%Y-%m-%d}.",
        tags={DATA_VERSION_TAG: content.value},
    )
    instance.report_dagster_event(
        DagsterEvent(
            DagsterEventType.ASSET_MATERIALIZATION.value,
            RUNLESS_JOB_NAME,
            event_specific_data=StepMaterializationData(event),
        ),
        RUNLESS_RUN_ID,
        timestamp=moment.timestamp(),
    )


build_job = dg.define_asset_job(
    BUILD,
    selection=dg.AssetSelection.all(),
    description="Land what changed in raw/, build and audit the marts, publish.",
    executor_def=dg.in_process_executor,
)


def refresh_job(home: config.Home, raw_dir: Path) -> dg.JobDefinition:
    """Return the job that brings new snapshots to raw/; the next build lands them."""

    @dg.op(description="Download new snapshots of the sources whose source.yml enables it.")
    def refresh_sources(context: dg.OpExecutionContext) -> None:
        """Refresh every enabled source, then fail with a sentence for each that could not be."""
        # The libraries of the network are imported where they are used: they slow every start.
        from orchestration.sources.refresh import refresh  # noqa: PLC0415

        failed = []
        runs.hold(home, context.run_id)
        for result in refresh(raw_dir, home, (), lambda *_: None):
            context.log.info(f"{result.outcome:>9}  {result.source}: {result.sentence}")
            if result.outcome == "failed":
                failed.append(f"{result.source}: {result.sentence}")
        if failed:
            raise SentenceError("; ".join(failed))

    @dg.job(
        name="refresh_job",
        description="Fetch what is new of remote sources.",
        executor_def=dg.in_process_executor,
    )
    def job() -> None:
        refresh_sources()

    return job


@dg.op(description="Delete the oldest runs and their events.")
def prune_runs(context: dg.OpExecutionContext) -> None:
    """Keep as many runs of each job as `config.RUNS_KEPT` says."""
    context.log.info(f"{runs.prune(context.instance):,} runs deleted.")


@dg.job(
    description="Delete what Dagster keeps of old runs, which grows with each.",
    executor_def=dg.in_process_executor,
)
def prune_job() -> None:
    """Prune Dagster's own storage."""
    prune_runs()


def schedules() -> list[dg.ScheduleDefinition]:
    """Return a schedule for each job. Raises LedgerError for times that are none."""
    times = config.timetable()
    crons = {
        ("daily_refresh", "refresh_job"): times.refresh_cron,
        ("daily_build", build_job.name): times.build_cron,
        ("hourly_freshness", "check_freshness"): times.freshness_cron,
        ("daily_pruning", prune_job.name): times.pruning_cron,
    }
    for cron in crons.values():
        if not is_valid_cron_schedule(cron):
            raise LedgerError(f"{cron!r} in the environment is no cron; write it as in 0 6 * * *")
    return [
        dg.ScheduleDefinition(
            name=name,
            job_name=job,
            cron_schedule=cron,
            execution_timezone=times.time_zone,
            # Who started Dagster wants them to run; each can be stopped in the UI.
            default_status=dg.DefaultScheduleStatus.RUNNING,
        )
        for (name, job), cron in crons.items()
    ]


def data_recency_checks(
    home: config.Home,
    raw_dir: Path,
    kinds: Mapping[str, Kind],
    assets: Mapping[str, dg.AssetKey],
) -> dg.AssetChecksDefinition:
    """Return the check of each source, by <kind>/<name>: late warns, stale fails.

    It needs no lock, and it fails no run: old data are still the best there are.
    """
    question = "Are the newest snapshot and its newest row as recent as the cadence promises?"

    @dg.multi_asset_check(
        name=DATA_RECENCY,
        specs=[
            dg.AssetCheckSpec(DATA_RECENCY, asset=asset, description=question)
            for asset in assets.values()
        ],
        can_subset=True,
    )
    def judge(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        found = find_sources(raw_dir, kinds)
        now = dt.datetime.now(dt.timezone.utc)
        states = {state.name: state for state in source_states(home, found, kinds, now)}
        selected = {check.asset_key for check in context.selected_asset_check_keys}
        for name, asset in assets.items():
            if asset not in selected:
                continue
            state = states.get(name)
            is_stale = state is None or state.state in ("stale", "refused")
            yield dg.AssetCheckResult(
                asset_key=asset,
                check_name=DATA_RECENCY,
                passed=state is not None and state.is_well,
                severity=dg.AssetCheckSeverity.ERROR if is_stale else dg.AssetCheckSeverity.WARN,
                description=f"{state.state.capitalize()}: {state.why}"
                if state
                else "Its folder in raw/ is gone.",
                metadata={
                    "state": state.state if state else "gone",
                    "cadence": state.cadence if state else "unknown",
                    "newest_snapshot": str(state.landed.snapshot_date) if state else "none",
                    "newest_row": str(state.landed.newest_row) if state else "none",
                },
            )

    return judge
