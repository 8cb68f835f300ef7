"""The sensor that looks every minute whether all is well, and has people told when it isn't."""

import datetime as dt
import os
from pathlib import Path

import dagster as dg

from orchestration import config
from orchestration.config import Home
from orchestration.defs.alerts import send_alerts, sender
from orchestration.defs.status import find_status
from orchestration.sources.kinds import read_kinds


def alert_sensor(home: Home, raw_dir: Path) -> dg.SensorDefinition:
    """Return the sensor; it starts no run."""

    @dg.sensor(
        name="alert_sensor",
        minimum_interval_seconds=config.timetable().alert_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells who is named by GENAI_LEDGER_ALERTS what is not well, and when it is.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        addresses = os.environ.get(config.ALERTS)
        if not addresses:
            return dg.SkipReason(f"{config.ALERTS} names nobody to tell.")
        now = dt.datetime.now(dt.timezone.utc)
        found = find_status(home, raw_dir, read_kinds(), context.instance, now)
        sent = send_alerts(home, found.incidents, found.claims, sender(addresses))
        return dg.SkipReason("; ".join(message.title for message in sent) or "Nothing new to tell.")

    return sensor
