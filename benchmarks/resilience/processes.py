"""Run worker, code server, daemon and the whole machine killed at random moments of builds.

    python -m benchmarks.resilience.processes --kills 20

A webserver, a daemon and a code server run on loopback, each started again when it dies. Each kill
falls into the build of a new file; after it that file has to be served, without a hand, and whoever
is told has had at most one message of each thing that failed, and one that it is over.
"""

from __future__ import annotations

import argparse
import functools
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.resilience.live import Live, wait_for
from benchmarks.resilience.source import FROZEN

KILLED = ("run", "code", "daemon", "machine")
LONGEST_WAIT_SECONDS = 30.0
PATIENCE_SECONDS = 1800.0
QUICK = {
    "GENAI_LEDGER_POLL_SECONDS": "5",
    "GENAI_LEDGER_ALERT_SECONDS": "5",
    "GENAI_LEDGER_RETRY_SECONDS": "15",
}


def add_rounds(live: Live, rows: int) -> None:
    """Put a list of so many rounds into raw/, as a new snapshot."""
    source = live.raw / "funding_rounds" / "rounds"
    source.mkdir(parents=True, exist_ok=True)
    (source / "source.yml").write_text(FROZEN)
    lines = (f"Company {n},2026-01-{1 + n % 28:02},${n + 1}M,Seed\n" for n in range(rows))
    partial = source / ".partial"
    partial.write_text("Company,Date,Amount,Round\n" + "".join(lines))
    partial.rename(source / f"2026-02-{rows:02}.csv")


def served(live: Live) -> tuple[int, int]:
    """Return how many rounds are served, and their dollars in millions."""
    if not live.home.served.exists():
        return 0, 0
    totals = "select count(*), coalesce(sum(amount_usd), 0) / 1e6 from marts.fct_funding_rounds"
    ((rows, millions),) = live.query(totals)
    return int(rows), int(millions)


def is_building(live: Live) -> bool:
    """Whether a build runs, or the webserver isn't there to say."""
    try:
        return "STARTED" in live.statuses()
    except OSError:
        return False


def told_in_pairs(titles: list[str]) -> bool:
    """Whether all that began is over, and neither was told twice."""
    begun: Counter[str] = Counter()
    for title in titles:
        begun[title.removeprefix("over: ")] += -1 if title.startswith("over: ") else 1
        if any(count not in (0, 1) for count in begun.values()):
            return False
    return not any(begun.values())


def is_well(live: Live, rows: int) -> bool:
    """Whether the newest file is served, nothing runs, and all that was told is over."""
    wanted = (rows, rows * (rows + 1) // 2)
    return served(live) == wanted and not is_building(live) and told_in_pairs(live.webhook.titles)


def measure(live: Live, kills: int) -> None:
    """Kill, wait, look; print each. Raises TimeoutError or AssertionError for what isn't well."""
    chance = random.Random(13)  # noqa: S311 - not for secrets
    began = time.monotonic()
    for number in range(kills):
        rows, told = number + 1, len(live.webhook.titles)
        add_rounds(live, rows)
        wait_for("a build", lambda: is_building(live), PATIENCE_SECONDS)
        time.sleep(chance.uniform(0, LONGEST_WAIT_SECONDS))
        what, was_building = KILLED[number % len(KILLED)], is_building(live)
        live.kill(what)
        killed = time.monotonic()
        wait_for(f"{rows} rounds", functools.partial(is_well, live, rows), PATIENCE_SECONDS)
        seconds, said = time.monotonic() - killed, live.webhook.titles[told:]
        assert len(said) == len(set(said)), said
        moment = "in" if was_building else "after"
        print(
            f"{killed - began:>6,.0f} s  killed {what:<8} {moment} a build; {rows} rounds are "
            f"served after {seconds:,.0f} s; told: {said}",
            flush=True,
        )
    print(f"{kills} kills; builds: {dict(Counter(live.statuses()))}.")


def main() -> None:
    """Read the arguments, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--folder", type=Path, help="for the logs; one for now without it")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # nothing is left running
    with (
        tempfile.TemporaryDirectory() as folder,
        Live((asked.folder or Path(folder)).resolve(), **QUICK).running(600) as live,
    ):
        measure(live, asked.kills)


if __name__ == "__main__":
    main()
