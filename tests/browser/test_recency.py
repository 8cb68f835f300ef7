"""How recent the sources are, on a page that was written once and is opened at any time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chromium import open_pages
from playwright.sync_api import Browser

from benchmarks.resilience.source import source_yml
from orchestration import landing
from orchestration.config import Home
from orchestration.defs.source_states import source_states
from orchestration.report.page import Recency, write_report
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import find_sources

if TYPE_CHECKING:
    from conftest import Warehouse

KINDS = read_kinds()
WRITTEN = dt.datetime(2026, 1, 3, 12, tzinfo=dt.timezone.utc)
AHEAD, OF_ROUNDS = "2026-03-01", "2026-01-01"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from open_pages()


def test_the_page_says_of_each_source_what_status_says_whenever_it_is_opened(
    warehouse: Warehouse, browser: Browser, tmp_path: Path
) -> None:
    raw, home = tmp_path / "raw", Home(tmp_path / "home")
    days = {"daily": OF_ROUNDS, "weekly": OF_ROUNDS, "misdated": AHEAD}
    for name, day in days.items():
        folder = raw / "funding_rounds" / name
        folder.mkdir(parents=True)
        (folder / "source.yml").write_text(source_yml("1d" if name == "daily" else "7d"))
        (folder / f"{day}.csv").write_text(f"Company,Date,Amount\nA,{OF_ROUNDS},$1M\n")
    broken = raw / "funding_rounds" / "broken"
    broken.mkdir()
    (broken / "source.yml").write_text("title: [")
    found = find_sources(raw, KINDS)
    landing.land(found.sources, KINDS, raw, home.landing)

    def stand(now: dt.datetime) -> dict[str, str]:
        return {state.name: state.state for state in source_states(home, found, KINDS, now)}

    recency = [
        Recency(state.name, state.state, state.why, state.late_at, state.stale_at)
        for state in source_states(home, found, KINDS, WRITTEN)
    ]
    page = tmp_path / "report.html"
    write_report(warehouse.served, page, recency=recency)

    seen = set()
    for hours in (0, 13, 37, 120, 300):
        now = WRITTEN + dt.timedelta(hours=hours)
        with browser.new_context() as context:
            opened = context.new_page()
            opened.clock.set_fixed_time(now)
            opened.goto(page.as_uri())
            told = {
                item.locator("code").text_content(): item.locator("b").text_content()
                for item in opened.locator("#recency li").all()
            }
            assert told == stand(now)
            summary = opened.locator("#recency summary").inner_text()
            assert all(str(state) in summary for state in told.values())
        seen |= set(told.values())
    assert seen == {"fresh", "late", "stale", "refused"}
