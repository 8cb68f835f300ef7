"""What Dagster loads, assembled as a function of the home. Nothing is read at import."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import dagster as dg
from dagster._core.definitions.definitions_load_context import StateBackedDefinitionsLoader

from orchestration import config
from orchestration.defs import alert_sensor, assets, automation, progress, raw_folder
from orchestration.defs.dbt_project import dbt_build_asset, dbt_process, prepare_manifest
from orchestration.defs.request import build_request
from orchestration.sources.kinds import Kind, read_kinds
from orchestration.sources.registry import (
    Inventory,
    Problem,
    Source,
    find_sources,
    unusable_sources,
)


def shown_sources(
    raw_dir: Path, kinds: Mapping[str, Kind], names: Sequence[str] | None = None
) -> list[Source]:
    """Return the sources that Dagster shows: those in raw/, usable or not, or those of some names.

    Of a name (<kind>/<source>) whose folder is gone the source is empty, and says so.
    """
    # Without a folder of raw files there is something to look at, but nothing to build.
    found = find_sources(raw_dir, kinds) if raw_dir.is_dir() else Inventory((), ())
    sources = [source for source in found.sources if not source.awaits_consent]
    sources += unusable_sources(found, kinds, raw_dir)
    if names is None:
        return sources
    folders = [name.partition("/")[::2] for name in names]
    gone = [Problem(kind, name, "Its folder in raw/ is gone.") for kind, name in folders]
    by_name = {
        f"{source.kind}/{source.name}": source
        for source in [*unusable_sources(Inventory((), tuple(gone)), kinds, raw_dir), *sources]
    }
    return [by_name[name] for name in names if name in by_name]


def definitions(
    home: config.Home, raw_dir: Path, shown: Sequence[str] | None = None
) -> dg.Definitions:
    """Build the definitions of a prepared home; parses the dbt project when it has changed."""
    config.collect_garbage_seldom()
    with warnings.catch_warnings():
        # That code references are beta is known here, and tells nobody else anything.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return _assemble(home, raw_dir, shown)


def _assemble(home: config.Home, raw_dir: Path, shown: Sequence[str] | None) -> dg.Definitions:
    kinds = read_kinds()
    sources = shown_sources(raw_dir, kinds, shown)
    prepare_manifest(home)
    dbt_build = dbt_build_asset(home)
    landed = assets.landing_assets(home, raw_dir, kinds, sources)
    keys = {f"{source.kind}/{source.name}": assets.raw_key(source) for source in sources}
    recency = automation.data_recency_checks(home, raw_dir, kinds, keys)
    freshness_job = dg.define_asset_job(
        "check_freshness",
        selection=dg.AssetSelection.checks(recency),
        description="Compare each source's newest snapshot and row with its cadence.",
        executor_def=dg.in_process_executor,
    )
    refresh_job = automation.refresh_job(home, raw_dir)
    written = [landed, *assets.published_assets(home, dbt_build)]
    return dg.Definitions(
        assets=[*dg.with_source_code_references(written), dbt_build],
        asset_checks=[recency, assets.all_used_check(home, raw_dir, kinds)],
        jobs=[automation.build_job, refresh_job, freshness_job, automation.prune_job],
        schedules=automation.schedules(),
        sensors=[
            raw_folder.raw_folder_sensor(home, raw_dir),
            alert_sensor.alert_sensor(home, raw_dir),
        ],
        loggers={"console": dg.colored_console_logger, "stages": progress.stage_logger},
        executor=dg.in_process_executor,
        resources={"dbt": dbt_process(home), "request": build_request(home, raw_dir)},
    )


class _Loader(StateBackedDefinitionsLoader[list[str]]):
    """Decides once, when Dagster loads, which sources it shows: each run has the same.

    A source that comes or goes meanwhile would make a run's assets others than those asked for.
    """

    def __init__(self, home: config.Home, raw_dir: Path) -> None:
        self.home, self.raw_dir = home, raw_dir

    @property
    def defs_key(self) -> str:
        return "genai_ledger_sources"

    def fetch_state(self) -> list[str]:
        return [f"{s.kind}/{s.name}" for s in shown_sources(self.raw_dir, read_kinds())]

    def defs_from_state(self, state: list[str]) -> dg.Definitions:
        return _loaded(self.home.path, self.raw_dir, tuple(state))


@lru_cache(maxsize=1)
def _loaded(home: Path, raw_dir: Path, shown: tuple[str, ...]) -> dg.Definitions:
    """Return the definitions once for each process: Dagster asks for them up to five times."""
    return definitions(config.Home(home), raw_dir, shown)


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions of the home and the raw folder that the environment names."""
    has_home = "DAGSTER_HOME" in os.environ
    home = config.prepare_environment()
    if not has_home:
        print(
            f"DAGSTER_HOME is not set: this process uses {os.environ['DAGSTER_HOME']}; `dg dev` "
            "keeps its runs in a folder that goes with it. `genai-ledger ui` uses one for both.",
            file=sys.stderr,
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)  # as for what is beta
        return _Loader(home, config.raw_dir()).build_defs()
