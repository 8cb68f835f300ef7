"""What Dagster loads, assembled as a function of the home. Nothing is read at import."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from orchestration import config
from orchestration.defs import assets, automation, progress
from orchestration.defs.dbt_project import dbt_build_asset, dbt_process, prepare_manifest
from orchestration.defs.request import build_request
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import find_sources


def definitions(home: config.Home, raw_dir: Path) -> dg.Definitions:
    """Build the definitions of a prepared home; parses the dbt project when it has changed."""
    kinds = read_kinds()
    # Without a folder of raw files there is something to look at, but nothing to build.
    found = find_sources(raw_dir, kinds).sources if raw_dir.is_dir() else ()
    sources = [source for source in found if not source.awaits_consent]
    prepare_manifest(home)
    dbt_build = dbt_build_asset(home)
    landed = assets.landing_assets(home, raw_dir, kinds, sources)
    refresh = automation.refresh_job(home, raw_dir)
    return dg.Definitions(
        assets=[landed, dbt_build, *assets.published_assets(home, dbt_build)],
        jobs=[automation.build_job, refresh],
        schedules=[automation.daily_refresh(refresh), automation.daily_build],
        sensors=[automation.raw_folder_sensor(raw_dir)],
        loggers={"console": dg.colored_console_logger, "stages": progress.stage_logger},
        executor=dg.in_process_executor,
        resources={"dbt": dbt_process(), "request": build_request(home, raw_dir)},
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions of the home and the raw folder that the environment names."""
    return definitions(config.prepare_environment(), config.raw_dir())
