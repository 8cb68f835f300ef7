"""Thirty days of sources that are late, broken, empty, misnamed: who is told what on which day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import dagster as dg

from benchmarks.resilience.source import source_yml
from orchestration import landing
from orchestration.config import Home
from orchestration.defs.alerts import send_alerts
from orchestration.defs.status import find_status
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import find_sources

KINDS = read_kinds()


class Month:
    """A raw folder of two sources in January 2026; keeps by day what was told and is in use."""

    def __init__(self, folder: Path) -> None:
        self.home, self.raw = Home(folder / "home"), folder / "raw" / "funding_rounds"
        self.instance = dg.DagsterInstance.ephemeral()
        self.told: dict[int, list[str]] = {}
        self.spoken_of: dict[str, list[int]] = {"daily": [], "weekly": []}
        for name, cadence in (("daily", "1d"), ("weekly", "7d")):
            (self.raw / name).mkdir(parents=True)
            self.describe(name, cadence)

    def describe(self, name: str, cadence: str) -> None:
        (self.raw / name / "source.yml").write_text(source_yml(cadence))

    def path(self, source: str, day: int, month: int = 1) -> Path:
        return self.raw / source / f"2026-{month:02}-{day:02}.csv"

    def add(self, source: str, day: int) -> None:
        self.path(source, day).write_text(f"Company,Date,Amount\nA,2026-01-{day:02},$1M\n")

    def half_copy(self, source: str, day: int) -> None:
        """Leave a download that was cut off beside the whole file; nobody needs to know."""
        whole = self.path(source, day)
        whole.with_name(f".{whole.name}.part").write_text("Company,Da")

    def end(self, day: int) -> None:
        """Land what is there, as the builds of the day did, and tell what is not well at noon."""
        found = find_sources(self.raw.parent, KINDS)
        landing.land(found.sources, KINDS, self.raw.parent, self.home.landing)
        noon = dt.datetime(2026, 1, day, 12, tzinfo=dt.timezone.utc)
        state = find_status(self.home, self.raw.parent, KINDS, self.instance, noon)
        # Nothing is built here: what is served is another test's.
        incidents = {k: v for k, v in state.incidents.items() if k != "nothing served"}
        sent = send_alerts(self.home, incidents, {}, lambda *_: True)
        for source in state.sources:
            assert source.landed.rows == 1
            assert source.landed.newest_row
            self.spoken_of[source.source].append(source.landed.newest_row.day)
        if sent:
            names = [m.title.removeprefix("GenAI Ledger: funding_rounds/") for m in sent]
            self.told[day] = [n.replace("GenAI Ledger: over: funding_rounds/", "-") for n in names]


def test_each_thing_that_goes_wrong_is_told_on_its_day_and_once_when_it_is_over(
    tmp_path: Path,
) -> None:
    month = Month(tmp_path)
    yml = month.raw / "weekly" / "source.yml"

    def misname(name: str) -> None:
        month.path("weekly", 22).rename(month.raw / "weekly" / name)

    def undo_and_add() -> None:
        month.path("daily", 5, month=12).unlink()
        month.add("weekly", 22)

    def break_header(day: int) -> None:
        month.path("daily", day).write_text("Nothing,of,this\n1,2,3\n")

    half_a_workbook = month.path("weekly", 5).with_suffix(".xlsx")
    events: dict[int, Callable[[], object]] = {
        5: lambda: half_a_workbook.write_bytes(b"PK\x03\x04half"),
        6: half_a_workbook.unlink,
        8: lambda: month.add("weekly", 8),
        9: lambda: break_header(9),
        10: lambda: month.path("daily", 9).unlink(),
        12: lambda: month.path("daily", 12).write_text(""),  # empty
        13: lambda: month.path("daily", 12).unlink(),
        14: lambda: month.half_copy("daily", 14),
        15: lambda: month.add("weekly", 15),
        16: lambda: month.path("daily", 16).with_suffix(".tsv").write_text("a\tb\n"),  # twice
        17: lambda: month.path("daily", 16).with_suffix(".tsv").unlink(),
        18: lambda: yml.write_text("title: ["),
        19: lambda: month.describe("weekly", "7d"),
        # The same bytes again are no news, and nothing that anybody has to mend.
        20: lambda: month.path("daily", 20).write_bytes(month.path("daily", 19).read_bytes()),
        21: lambda: month.path("daily", 5, month=12).write_text(month.path("daily", 8).read_text()),
        22: undo_and_add,
        23: lambda: misname("newest.csv"),
        24: lambda: (month.raw / "weekly" / "newest.csv").rename(month.path("weekly", 22)),
    }
    month.add("weekly", 1)
    for day in range(1, 31):
        if day not in (9, 12) and not 25 <= day <= 28:  # the daily source stops for four days
            month.add("daily", day)
        events.get(day, lambda: None)()
        month.end(day)

    assert month.told == {
        5: ["weekly refused"],
        6: ["-weekly refused"],
        9: ["daily refused"],
        10: ["-daily refused"],
        12: ["daily refused"],
        13: ["-daily refused"],
        16: ["daily refused"],
        17: ["-daily refused"],
        18: ["weekly refused"],
        19: ["-weekly refused"],
        21: ["daily stale"],  # of a day to come
        22: ["-daily stale"],
        23: ["weekly refused"],
        24: ["-weekly refused"],
        26: ["daily late"],
        27: ["daily stale"],  # worse, not over
        29: ["-daily stale"],
        30: ["weekly late"],
    }
    # What can't be read leaves the last good day in use; what is gone is in use no more.
    daily = {9: 8, 12: 11, 20: 19, 21: 8, 25: 24, 26: 24, 27: 24, 28: 24}
    assert month.spoken_of["daily"] == [daily.get(day, day) for day in range(1, 31)]
    assert month.spoken_of["weekly"] == [1] * 7 + [8] * 7 + [15] * 7 + [22, 15] + [22] * 7


def test_what_was_good_stays_in_use_while_a_source_is_refused(tmp_path: Path) -> None:
    month = Month(tmp_path)
    month.add("weekly", 1)
    month.add("daily", 1)
    month.end(1)
    month.path("daily", 2).write_text("Nothing,of,this\n")
    (month.raw / "weekly" / "source.yml").write_text("title: [")
    month.end(2)
    rows = landing.read_catalogue(month.home.landing).to_pylist()
    in_use = {row["file"] for row in rows if row["object"]}
    names = [month.path(name, 1) for name in ("daily", "weekly")]
    assert in_use == {path.relative_to(tmp_path).as_posix() for path in names}
