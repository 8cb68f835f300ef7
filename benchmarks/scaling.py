"""`dbt run` on made-up lists that grow, beside a script and a program for three marts.

Belongs here: measuring, the exponent fitted to it, and its rows of the page. Not here: the lists
(`generate`) and the programs (`peers`), which begin with rounds that the build has resolved.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks import peers
from benchmarks.generate import Size, generate
from orchestration import config, landing
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import find_sources

SIZES = (10_000, 30_000, 100_000)
_DBT = [str(Path(sys.executable).with_name("dbt"))]


class Cost(NamedTuple):
    """What a process took."""

    seconds: float
    processor_seconds: float
    peak_mb: float


class Measured(NamedTuple):
    """What one size took, by what was done: landing, dbt, tests, sql, pandas."""

    rounds: int
    costs: Mapping[str, Cost]


def measure(sizes: Sequence[int] = SIZES) -> list[Measured]:
    """Measure each size. Raises AssertionError when a program differs from the marts."""
    return [_measured(rounds) for rounds in sizes]


def _measured(rounds: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        generate(home / "raw", Size(rounds))
        started = time.perf_counter()
        kinds = read_kinds(config.KINDS_FILE)
        sources = find_sources(home / "raw", kinds).sources
        results = landing.land(sources, kinds, home / "raw", home / "landing")
        assert {result.outcome for result in results} == {"landed"}
        costs = {"landing": Cost(time.perf_counter() - started, float("nan"), float("nan"))}
        dbt = {"GENAI_LEDGER_HOME": folder, "DBT_PROFILES_DIR": str(config.DBT_PROJECT)}
        dbt |= {"DBT_LOG_PATH": str(home / "logs"), "DBT_TARGET_PATH": str(home / "dbt")}
        cost([*_DBT, "seed"], dbt, config.DBT_PROJECT)
        costs["dbt"] = cost([*_DBT, "run"], dbt, config.DBT_PROJECT)
        test = [*_DBT, "test", "--exclude-resource-type", "unit_test"]
        costs["tests"] = cost(test, dbt, config.DBT_PROJECT)
        peers.write_inputs(home / "work.duckdb", home / "inputs")
        for program in peers.PROGRAMS:
            made = home / program
            made.mkdir()
            command = [sys.executable, "-m", "benchmarks.peers", program]
            costs[program] = cost(
                [*command, str(home / "inputs"), str(made)], {}, Path(__file__).parents[1]
            )
            differing = list(peers.differences(home / "candidate.duckdb", made))
            assert not differing, (program, differing)
        return Measured(rounds, costs)


def cost(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Cost:
    """Run a command, which must end well, and measure it with all processes that it waits for."""
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    peak = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    seconds = time.perf_counter() - started
    return Cost(seconds, usage.ru_utime + usage.ru_stime, peak)


def exponent(measured: Sequence[Measured]) -> float:
    """Fit the power of the number of rounds with which the processor's time of `dbt run` grows."""
    rounds = np.log([size.rounds for size in measured])
    seconds = np.log([size.costs["dbt"].processor_seconds for size in measured])
    return float(np.polyfit(rounds, seconds, 1)[0])


def lines(measured: Sequence[Measured]) -> list[str]:
    """Write the measures as a table of their own."""
    table = [
        "| made-up rounds | landing | `dbt run`, all models | its peak | all data tests "
        "| three marts by SQL script | by pandas |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for rounds, costs in measured:
        cells = [f"{rounds:,}", f"{costs['landing'].seconds:.1f} s"]
        cells += [_cell(costs["dbt"]), f"{costs['dbt'].peak_mb:,.0f} MB", _cell(costs["tests"])]
        cells += [_cell(costs[program]) for program in peers.PROGRAMS]
        table.append(f"| {' | '.join(cells)} |")
    return [
        *table,
        "",
        "In brackets the processor's seconds of all cores, which a busy machine changes less. That",
        f"time of `dbt run` grows with the power {exponent(measured):.2f} of the rounds",
        "between the smallest and the largest size; much of it is the same at any size. The",
        "script and the program begin with the rounds that the build resolved and make layer",
        "share, concentration and company share in all universes; their figures equal the marts',",
        "row for row.",
    ]


def _cell(cost: Cost) -> str:
    return f"{cost.seconds:.1f} s ({cost.processor_seconds:.1f})"


if __name__ == "__main__":
    print("\n".join(lines(measure([int(size) for size in sys.argv[1:]] or SIZES))))
