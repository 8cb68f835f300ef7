"""Assembly only: what Dagster loads. Nothing is defined here."""

from __future__ import annotations

import dagster as dg

from orchestration import config

PLACE = config.prepare_environment()

from orchestration.defs import assets, automation, progress  # noqa: E402 - they read the prepared home

defs = dg.Definitions(
    assets=assets.ALL,
    jobs=[automation.build_job, automation.refresh_job],
    schedules=[automation.daily_refresh, automation.daily_schedule],
    sensors=[automation.raw_folder_sensor],
    loggers={"console": dg.colored_console_logger, "stages": progress.stage_logger},
    executor=dg.in_process_executor,
    resources={"dbt": assets.DBT, "build": assets.Build()},
)
