"""Twenty questions to the served file, while nothing else goes on and while it is built again.

Belongs here: asking and timing them (`queries.sql`). Not here: the made-up lists (`generate`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np

from benchmarks.cost import LEDGER
from benchmarks.generate import Size, generate

ROUNDS = 100_000
IDLE_PASSES = 30
QUERIES = duckdb.extract_statements(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


class Measured(NamedTuple):
    """Seconds of each query, over all passes."""

    rounds: int
    idle: list[float]
    rebuilding: list[float]

    @property
    def p95(self) -> tuple[float, float]:
        """Return the 95th percentile of both."""
        return float(np.percentile(self.idle, 95)), float(np.percentile(self.rebuilding, 95))


def measure(rounds: int = ROUNDS) -> Measured:
    """Build a made-up list, ask before and after a second build of it, and during that build."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        generate(Path(folder) / "raw", Size(rounds))
        environment = os.environ | {
            "GENAI_LEDGER_RAW": str(Path(folder) / "raw"),
            "GENAI_LEDGER_HOME": str(home),
        }
        environment.pop("DAGSTER_HOME", None)
        command = [LEDGER, "build", "--force"]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        served = home / "warehouse.duckdb"
        ask(served)  # warms
        idle = [seconds for _ in range(IDLE_PASSES) for seconds in ask(served)]
        rebuilding = []
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as build:
            while build.poll() is None:
                rebuilding += ask(served)
        assert build.returncode == 0
        idle += [seconds for _ in range(IDLE_PASSES) for seconds in ask(served)]
    return Measured(rounds, idle, rebuilding)


def ask(served: Path) -> list[float]:
    """Open the served file as a tool does, ask each question once, return the seconds of each."""
    seconds = []
    with duckdb.connect(str(served), read_only=True) as connection:
        for query in QUERIES:
            started = time.perf_counter()
            connection.execute(query.query).fetchall()
            seconds.append(time.perf_counter() - started)
    return seconds


def lines(measured: Measured) -> list[str]:
    """Return the row of a table of what `measure` found."""
    idle, rebuilding = measured.p95
    return [
        f"| 95th percentile of {len(QUERIES)} analysts' queries of {measured.rounds:,} rounds, "
        f"during a rebuild ({len(measured.rebuilding):,} asked) | {1000 * rebuilding:.0f} ms "
        f"| idle {1000 * idle:.0f} ms | {rebuilding / idle:.2f} |"
    ]


if __name__ == "__main__":
    print("\n".join(lines(measure(*map(int, sys.argv[1:])))))
