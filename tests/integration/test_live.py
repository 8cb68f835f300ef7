"""The real daemon, code server and webserver: what they take, what they forget, and who is told."""

from __future__ import annotations

import datetime as dt
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.resilience.live import Live, wait_for
from benchmarks.resilience.source import WEEKLY
from orchestration import config

if TYPE_CHECKING:
    from conftest import Warehouse

# Builds share the machine with other tests.
PATIENCE = 900.0
QUICK = {
    "GENAI_LEDGER_POLL_SECONDS": "5",
    "GENAI_LEDGER_ALERT_SECONDS": "5",
    "GENAI_LEDGER_RETRY_SECONDS": "15",
    "GENAI_LEDGER_FRESHNESS_CRON": "* * * * *",
    "FRESHNESS_DAEMON_INTERVAL_SECONDS": "5",
}
SCHEDULES = ("BUILD", "FRESHNESS", "PRUNING", "REFRESH")
RECENCY = """query($path: [String!]!) {
  assetNodeOrError(assetKey: {path: $path}) { ... on AssetNode {
    freshnessStatusInfo { freshnessStatus }
    assetChecksOrError { ... on AssetChecks { checks {
      name executionForLatestMaterialization { evaluation { severity success } }
    } } }
  } }
}"""


class SlowCopies(threading.Thread):
    """Writes a list a source, row by row, until it is told that the copies end."""

    def __init__(self, raw: Path, days: dict[str, dt.date]) -> None:
        super().__init__(daemon=True)
        self.files, self.rows, self.ending = {}, 0, threading.Event()
        for name, day in days.items():
            source = raw / "funding_rounds" / name
            source.mkdir(parents=True)
            (source / "source.yml").write_text(WEEKLY)
            self.files[source / f"{day}.csv"] = day
            (source / f"{day}.csv").write_text("Company,Date,Amount,Round\n")

    def run(self) -> None:
        while not self.ending.wait(0.5):
            for path, day in self.files.items():
                self.rows += 1
                with path.open("a") as file:
                    file.write(f"Company {self.rows},{day},${self.rows}M,Seed\n")


def recency(live: Live, name: str) -> tuple[str, Any]:
    """Return the badge and the verdict of a source's asset in the UI."""
    node = live.ask(RECENCY, path=["raw", "funding_rounds", name])["assetNodeOrError"]
    checks = {c["name"]: c for c in node["assetChecksOrError"]["checks"]}
    run = checks["data_recency"]["executionForLatestMaterialization"]
    verdict = run and run["evaluation"]
    told = verdict and ("PASS" if verdict["success"] else verdict["severity"])
    return node["freshnessStatusInfo"]["freshnessStatus"], told


def states(live: Live) -> dict[str, str]:
    sources = json.loads(live.run("status", "--json").stdout)["sources"]
    return {source["source"]: source["state"] for source in sources}


@pytest.fixture(autouse=True)
def parsed(tmp_path: Path, new_warehouse: Callable[[Path], Warehouse]) -> None:
    new_warehouse(tmp_path)


@pytest.fixture
def live(tmp_path: Path) -> Live:
    return Live(tmp_path, **QUICK)


class Clock:
    """The clock of all processes of a home, which can be moved; libfaketime is asked at each look.

    It refuses the sleep of Python's own, which waits for an event instead.
    """

    def __init__(self, folder: Path, days: int) -> None:
        libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        if not libraries:
            pytest.skip("libfaketime is not installed: apt-get install libfaketime")
        self.file = folder / "clock"
        self.move(days)
        code = folder / "code"
        code.mkdir()
        (code / "sitecustomize.py").write_text(
            "import threading, time\ntime.sleep = lambda s: threading.Event().wait(s) and None\n"
        )
        never = "0 0 1 1 *"
        self.settings = {
            "LD_PRELOAD": str(libraries[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": f"{config.PROJECT}{os.pathsep}{code}",
            **{f"GENAI_LEDGER_{name}_CRON": never for name in SCHEDULES},
        }

    def move(self, days: int) -> None:
        self.file.write_text(f"{days:+}d\n")
        time.sleep(3)  # each process looks once a second; a run of two days would count as stuck


def test_slow_copies_are_built_whole_and_a_killed_build_is_made_good_and_told_once(
    live: Live,
) -> None:
    today = dt.datetime.now(dt.timezone.utc).date()
    ages = {"fresh": 1, "late": 10, "stale": 20}
    copies = SlowCopies(live.raw, {n: today - dt.timedelta(days=age) for n, age in ages.items()})
    copies.start()
    with live.running(PATIENCE):
        time.sleep(30)
        assert live.runs() == []  # the sensor has looked, and files grew
        copies.ending.set()
        copies.join()

        wait_for("a build", lambda: live.statuses() == ["STARTED"], PATIENCE)
        time.sleep(3)  # into the build
        wait_for("the run's process", lambda: live.kill("run"), PATIENCE)

        wait_for("the next build", lambda: "SUCCESS" in live.statuses(), PATIENCE)
        assert live.statuses() == ["FAILURE", "SUCCESS"]
        assert live.query("select count(*) from marts.fct_funding_rounds") == [(copies.rows,)]

        over = {f"over: {what}" for what in ("build_warehouse failed", "nothing served")}
        wait_for("all told", lambda: over <= set(live.webhook.titles), PATIENCE)
        assert set(Counter(live.webhook.titles).values()) == {1}, live.webhook.titles
        late = {"funding_rounds/late late", "funding_rounds/stale stale"}
        assert set(live.webhook.titles) == {t.removeprefix("over: ") for t in over} | over | late

        wait_for("the schedule", lambda: "SUCCESS" in live.statuses("check_freshness"), PATIENCE)
        wanted = {"fresh": ("HEALTHY", "PASS"), "late": ("WARNING", "WARN")}
        wanted["stale"] = ("DEGRADED", "ERROR")
        wait_for(
            "badges as the checks",
            lambda: {name: recency(live, name) for name in ages} == wanted,
            120,
        )
        assert states(live) == {name: name for name in ages}
        time.sleep(15)
        assert live.statuses() == ["FAILURE", "SUCCESS"]  # what is published starts nothing


def test_as_the_clock_moves_badge_check_status_and_alerts_say_the_same_of_a_source(
    tmp_path: Path,
) -> None:
    # Builds see the machine's own clock, which is the last that the others see.
    builder = Live(tmp_path, **QUICK)
    clock = Clock(tmp_path, -20)
    live = Live(tmp_path, **{**QUICK, **clock.settings})
    source = live.raw / "funding_rounds" / "weekly"
    source.mkdir(parents=True)
    (source / "source.yml").write_text(WEEKLY)

    def build(age: int) -> None:
        day = dt.datetime.now(dt.timezone.utc).date() - dt.timedelta(days=age)
        (source / f"{day}.csv").write_text(f"Company,Date,Amount\nA,{day},$1M\n")
        built = builder.run("build")
        assert built.returncode == 0, built.stderr

    def wait_until(state: str, *told: str) -> None:
        said = {"fresh": ("HEALTHY", "PASS"), "late": ("WARNING", "WARN")}
        wanted = said.get(state, ("DEGRADED", "ERROR"))
        live.launch("check_freshness")
        wait_for(f"{state} in the UI", lambda: recency(live, "weekly") == wanted, PATIENCE)
        assert states(live) == {"weekly": state}
        wait_for(f"{told} told", lambda: about_source() == list(told), PATIENCE)

    def about_source() -> list[str]:
        titles = [t for t in live.webhook.titles if "funding_rounds/weekly" in t]
        return [title.replace("funding_rounds/weekly ", "") for title in titles]

    build(21)
    with live.running(PATIENCE):
        wait_until("fresh")
        clock.move(-10)
        wait_until("late", "late")
        clock.move(0)
        wait_until("stale", "late", "stale")
        build(1)
        wait_until("fresh", "late", "stale", "over: stale")
