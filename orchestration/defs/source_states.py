"""How each source stands: fresh, late, refused. One judgement for `status`, checks and alerts.

Belongs here: data recency, and what was refused. Not here: run recency, which Dagster judges, and
printing (`terminal.status`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from orchestration import files
from orchestration.config import Home
from orchestration.landing.catalogue import Entry, read_entries
from orchestration.sources.kinds import Kind
from orchestration.sources.registry import Inventory, Source, period

State = Literal["fresh", "frozen", "awaiting consent", "awaiting build", "late", "stale", "refused"]


class Landed(NamedTuple):
    """What of a source is in use: its newest snapshot, that one's rows and newest date."""

    snapshot_date: dt.date | None = None
    newest_row: dt.date | None = None
    rows: int = 0

    @property
    def spoken_to(self) -> dt.datetime:
        """When the day ended, in UTC, of the newest snapshot or of its newest row, if older."""
        days = [day for day in (self.snapshot_date, self.newest_row) if day]
        ended = min(days, default=dt.date(1970, 1, 1)) + dt.timedelta(days=1)
        return dt.datetime.combine(ended, dt.time(), dt.timezone.utc)


class SourceState(NamedTuple):
    """How a source stands; `why` is a sentence.

    It is fresh until `late_at`, and stale after `stale_at`; None where more than time decides.
    """

    kind: str
    source: str
    cadence: str
    landed: Landed
    state: State
    why: str
    late_at: dt.datetime | None = None
    stale_at: dt.datetime | None = None

    @property
    def name(self) -> str:
        """The source's folder below raw/."""
        return f"{self.kind}/{self.source}"

    @property
    def is_well(self) -> bool:
        """Whether nobody has to look after it."""
        return self.state not in ("late", "stale", "refused")


def source_states(
    home: Home, found: Inventory, kinds: Mapping[str, Kind], now: dt.datetime
) -> list[SourceState]:
    """Judge every source that is in raw/ or has landed, by name; `now` has a time zone."""
    entries: dict[tuple[str, str], list[Entry]] = {}
    for entry in read_entries(home.landing):
        entries.setdefault((entry.kind, entry.source), []).append(entry)
    present = {(source.kind, source.name): source for source in found.sources}
    refused = refusals(home, found)
    states = []
    for kind, name in sorted({*present, *entries, *(p[:2] for p in found.problems if p.source)}):
        own, source = entries.get((kind, name), []), present.get((kind, name))
        columns = kinds[kind].columns if kind in kinds else ()
        turns: list[dt.datetime | None] = []
        landed = _landed(home, [c.name for c in columns if c.parse == "date"], own)
        cadence = source.cadence if source else own[0].cadence if own else "unknown"
        if problems := refused.get((kind, name)):
            state: State = "refused"
            why = "; ".join(problems)
        elif source is None:  # its folder is gone: the next build retires it
            continue
        elif source.snapshots and not own:
            state, why = (
                "awaiting build",
                "Its files came after the last build: the next one reads them.",
            )
        else:
            state, why, *turns = judge_recency(source, landed, now)
        states.append(SourceState(kind, name, cadence, landed, state, why, *turns))
    return states


def refusals(home: Home, found: Inventory) -> dict[tuple[str, str], list[str]]:
    """Return sentences on what of raw/ can't be used, by kind and source ("" for a stray file)."""
    told: dict[tuple[str, str], list[str]] = {}
    for problem in found.problems:
        told.setdefault((problem.kind, problem.source), []).append(problem.message)
    for entry in read_entries(home.landing):
        for sheet in entry.sheets:
            if sheet.status == "refused" and sheet.problem:
                told.setdefault((entry.kind, entry.source), []).append(sheet.problem)
    return told


def judge_recency(
    source: Source, landed: Landed, now: dt.datetime
) -> tuple[State, str, dt.datetime | None, dt.datetime | None]:
    """Judge what a source says by its newest snapshot and row: late after its cadence, then stale.

    A snapshot or row is of a day until that day ends, in UTC. Stale, which fails, is what is older
    than twice the cadence, has no rows, or is of a day to come. Behind state and sentence stand
    when it is late and when stale, where its age alone decides.
    """
    snapshot, row = landed.snapshot_date, landed.newest_row
    if source.awaits_consent:
        why = "Nobody has enabled its download, and it has no snapshot yet."
        return "awaiting consent", why, None, None
    if snapshot is None:
        return "stale", "No snapshot of this source could be read yet.", None, None
    if snapshot > now.date():
        why = f"The newest snapshot is of {snapshot}, a day to come: correct its name."
        return "stale", why, None, None
    if not landed.rows:
        return "stale", f"The newest snapshot, of {snapshot}, holds no rows.", None, None
    if source.cadence == "frozen":
        return "frozen", str(source.frozen_because), None, None
    due = period(source.cadence)
    late_at, stale_at = landed.spoken_to + due, landed.spoken_to + 2 * due
    state: State = "stale" if now > stale_at else "late" if now > late_at else "fresh"
    newest = f", the newest row in it of {row}" if row else ""
    why = f"The newest snapshot is of {snapshot}{newest}; a new one is due every {source.cadence}."
    return state, why, late_at, stale_at


def _landed(home: Home, date_columns: list[str], entries: list[Entry]) -> Landed:
    """Find the newest snapshot in use, and the newest date in any date column of its rows."""
    in_use = [entry for entry in entries if entry.object]
    if not in_use:
        return Landed()
    newest = max(in_use, key=lambda entry: entry.snapshot_on)
    try:
        columns = [f"{name}_day" for name in date_columns]
        rows = files.read_parquet(home.landing / str(newest.object), columns)
    except (OSError, pa.ArrowException):  # what is damaged, the next build lands again
        return Landed(newest.snapshot_on)
    days = [day for column in rows.columns if (day := pc.max(column).as_py())]
    return Landed(newest.snapshot_on, max(days, default=None), newest.rows)
