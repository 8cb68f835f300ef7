"""The build on made-up lists that grow, beside other programs for some of its marts.

    python -m benchmarks.scaling [rounds|models ROWS...]

Belongs here: measuring, what is kept of it (`growth.csv`, as the largest sizes take long and are
measured seldom), the exponents fitted to it, its rows of the page and its drawing. Not here: how a
process is measured (`cost`), the lists (`generate`) and the programs (`peers`), which begin with
what the build has resolved.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import altair as alt
import numpy as np
import pandas as pd
import vl_convert

from benchmarks import peers
from benchmarks.cost import DBT, INGEST, Cost, cost
from benchmarks.generate import Size, generate
from orchestration import config

GROWTH = Path(__file__).with_name("growth.csv")
DRAWING = Path(__file__).with_name("growth.svg")
# Each is measured in this order: later ones find what earlier ones made.
LANDING, RUN, TESTS = "landing", "dbt run", "dbt test"
SAME, SAME_TESTS = "dbt run of the same marts", "dbt test of the same marts"
WHOLE = (LANDING, RUN, TESTS)
# What DuckDB may hold while dbt builds; the other programs take what they need.
MEMORY = "2GiB"
# Polars and pandas hold a row for each company and month: more takes more memory than there is.
IN_MEMORY, IN_MEMORY_UP_TO = ("polars", "pandas"), 1_000_000
# Below, most of a run is the same at any size.
FITTED_FROM = 100_000


class Subject(NamedTuple):
    """What grows: how it is generated, by which programs it is made again, and at which sizes."""

    peer: peers.Peer
    programs: tuple[str, ...]
    sizes: tuple[int, ...]

    def size(self, rows: int) -> Size:
        """Say what to generate for so many rows."""
        return Size(rows) if self.peer is peers.ROUNDS else Size(0, rows)


SUBJECTS = {
    "rounds": Subject(peers.ROUNDS, ("sql", "polars", "pandas"), (10_000, 100_000, 1_000_000)),
    "models": Subject(peers.MODELS, ("sql",), (100_000, 1_000_000)),
}


def measure(name: str, sizes: Sequence[int] = ()) -> None:
    """Measure a subject and keep it. Raises AssertionError if a program differs from the marts."""
    for rows in sizes or SUBJECTS[name].sizes:
        with tempfile.TemporaryDirectory() as folder:
            costs = _measured(SUBJECTS[name], rows, Path(folder))
        keep(name, rows, costs)


def _measured(subject: Subject, rows: int, home: Path) -> dict[str, Cost]:
    generate(home / "raw", subject.size(rows))
    environment = {
        "GENAI_LEDGER_HOME": str(home),
        "GENAI_LEDGER_RAW": str(home / "raw"),
        config.MEMORY_LIMIT: MEMORY,
        "DBT_PROFILES_DIR": str(config.DBT_PROJECT),
        "DBT_LOG_PATH": str(home / "logs"),
        "DBT_TARGET_PATH": str(home / "dbt"),
    }

    def measured(*command: str) -> Cost:
        return cost(command, environment, config.DBT_PROJECT)

    costs = {LANDING: measured(sys.executable, "-c", INGEST)}
    measured(DBT, "seed")
    costs[RUN] = measured(DBT, "run")
    tests = ("test", "--exclude-resource-type", "unit_test")
    costs[TESTS] = measured(DBT, *tests)
    costs[SAME] = measured(DBT, "run", "--select", *subject.peer.models)
    costs[SAME_TESTS] = measured(DBT, *tests, "--select", *subject.peer.models)
    peers.write_inputs(subject.peer, home, home / "inputs")
    for program in subject.programs:
        if program in IN_MEMORY and rows > IN_MEMORY_UP_TO:
            continue
        made = home / program
        made.mkdir()
        command = [sys.executable, "-m", "benchmarks.peers", program, subject.peer.name]
        folders = [str(home / "inputs"), str(made)]
        costs[program] = cost([*command, *folders], {}, config.PROJECT)
        differing = list(peers.differences(subject.peer, home / "candidate.duckdb", made))
        assert not differing, (program, differing)
    return costs


def keep(name: str, rows: int, costs: Mapping[str, Cost]) -> None:
    """Put what was measured in the place of what was kept of the same size."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    facts = {"subject": name, "rows": rows, "measured_on": dt.date.today(), "machine": machine}
    measured = pd.DataFrame([facts | {"step": step} | c._asdict() for step, c in costs.items()])
    if GROWTH.exists():
        kept = pd.read_csv(GROWTH)
        measured = pd.concat([kept[(kept["subject"] != name) | (kept["rows"] != rows)], measured])
    measured = measured.sort_values(["subject", "rows"], ascending=[False, True], kind="stable")
    measured.round(2).to_csv(GROWTH, index=False)


def read_kept(*names: str) -> pd.DataFrame:
    """Return what is kept of some subjects."""
    kept = pd.read_csv(GROWTH)
    of_subjects: pd.DataFrame = kept[kept["subject"].isin(names)]
    return of_subjects


def lines() -> list[str]:
    """Write what is kept as a table for each subject; draw it."""
    kept = read_kept(*SUBJECTS)
    _draw(kept)
    page = [f"![Seconds by rows, both by powers of ten]({DRAWING.name})", ""]
    for name, of_subject in kept.groupby("subject", sort=False):
        page += _table(str(name), SUBJECTS[str(name)], of_subject)
    return [
        *page,
        "In brackets the processor's seconds of all cores, which a busy machine changes less. The",
        f"build is given {MEMORY} of memory. The other programs take what they need and begin with",
        f"what the build has resolved; they make {_named(peers.ROUNDS)} of all",
        f"universes, or {_named(peers.MODELS)}.",
        "Their figures equal the marts', row for row.",
    ]


def _named(peer: peers.Peer) -> str:
    *names, last = (table.replace("_", " ") for table in peer.tables)
    return f"{', '.join(names)} and {last}"


def _table(name: str, subject: Subject, kept: pd.DataFrame) -> list[str]:
    steps = [*WHOLE, SAME, SAME_TESTS, *subject.programs]
    ratios = [f"{SAME} : sql", "with their tests : sql"]
    heads = [f"made-up {name}", *steps, *ratios, "largest peak", "measured"]
    table = [f"| {' | '.join(heads)} |", f"|{' ---: |' * len(heads)}"]
    for rows, of_size in kept.groupby("rows"):
        costs = of_size.set_index("step")
        cells = [f"{rows:,}"]
        for step in steps:
            if step not in costs.index:
                cells.append("")
                continue
            taken = costs.loc[step]
            # The process that parses is ended, not waited for: what it took is not known.
            used = "" if step == LANDING else f" ({taken['processor_seconds']:,.1f})"
            cells.append(f"{taken['seconds']:,.1f} s{used}")
        seconds = costs["seconds"]
        ratio, tested = seconds[SAME] / seconds["sql"], ""
        if SAME_TESTS in seconds:
            tested = f"{(seconds[SAME] + seconds[SAME_TESTS]) / seconds['sql']:.2f}"
        peak = costs.loc[list(WHOLE), "peak_mb"].max()
        cells += [f"{ratio:.2f}", tested, f"{peak:,.0f} MB", costs["measured_on"].iloc[0]]
        table.append(f"| {' | '.join(cells)} |")
    whole = kept[kept["step"].isin(WHOLE) & (kept["rows"] >= FITTED_FROM)]
    sums = whole.groupby("rows")["seconds"].sum()
    if len(sums) < 2:  # a line has two points
        return [*table, ""]
    exponent = np.polyfit(np.log(sums.index), np.log(sums), 1)[0]
    return [
        *table,
        "",
        f"From {sums.index.min():,} to {sums.index.max():,} {name} the time of "
        f"{', '.join(WHOLE[:-1])} and {WHOLE[-1]} together grows with the power {exponent:.2f}.",
        "",
    ]


def _draw(kept: pd.DataFrame) -> None:
    scale, grid = alt.Scale(type="log"), alt.Axis(values=[10**n for n in range(9)], format="~s")
    chart = (
        alt.Chart(kept)
        .mark_line(point=True)
        .encode(
            alt.X("rows", scale=scale, title="rows", axis=grid),
            alt.Y("seconds", scale=scale, title="seconds", axis=grid),
            alt.Color("step", sort=None, title=None),
        )
        .properties(width=320, height=300)
        .facet(alt.Column("subject", title=None, sort="descending"))
    )
    DRAWING.write_text(vl_convert.vegalite_to_svg(chart.to_dict()), encoding="utf-8")


if __name__ == "__main__":
    subject, *sizes = sys.argv[1:] or ["rounds"]
    measure(subject, [int(size) for size in sizes])
    print("\n".join(lines()))
