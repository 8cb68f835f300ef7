"""The two meanings of fresh, and how each is judged.

Run recency: was the asset rebuilt lately? Dagster's freshness policies answer that.
Data recency: is what a source says still recent? A check on each source compares its newest
snapshot with its cadence, so that re-reading an old file never looks fresh.
"""

from __future__ import annotations

import datetime as dt

import dagster as dg

from orchestration import config
from orchestration.sources.registry import period

RUN_RECENCY = dg.FreshnessPolicy.time_window(
    warn_window=dt.timedelta(hours=config.RUN_WARNS_AFTER_HOURS),
    fail_window=dt.timedelta(hours=config.RUN_FAILS_AFTER_HOURS),
)


def run_recency(cadence: str) -> dg.FreshnessPolicy | None:
    """Return the policy for landing a source: late after its cadence, failed after twice that.

    A frozen source has none; its check of data recency says why.
    """
    if cadence == "frozen":
        return None
    due = period(cadence)
    return dg.FreshnessPolicy.time_window(warn_window=due, fail_window=2 * due)


def data_recency_check(
    asset: dg.AssetKey,
    *,
    cadence: str,
    frozen_because: str | None,
    newest_snapshot: dt.date | None,
    newest_row: dt.date | None,
    today: dt.date,
) -> dg.AssetCheckResult:
    """Judge one source: `passed` when its newest snapshot is no older than its cadence.

    A frozen source passes and says why it is frozen. A late source warns; it never fails a run,
    because old data are still the best there are.
    """
    found = {
        "cadence": cadence,
        "newest_snapshot": str(newest_snapshot),
        "newest_row": str(newest_row),
    }
    if cadence == "frozen":
        passed, sentence = True, f"Frozen: {frozen_because}"
    elif newest_snapshot is None:
        passed, sentence = False, "No snapshot of this source could be read yet."
    else:
        age = today - newest_snapshot
        passed = age <= period(cadence)
        sentence = (
            f"The newest snapshot is of {newest_snapshot}, {age.days:,} days old; "
            f"a new one is due every {cadence}. The newest row is of {newest_row}."
        )
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name="data_recency",
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=sentence,
        metadata=found,
    )
