"""A made-up raw folder of any size: deal lists that overlap, a market map and a list of models.

The same sizes give the same bytes on any machine. One truth (`generate.sql`) lies behind all lists.
Each list knows a part of the rounds and tells them in its own words:
"$12.5M", "USD 12.5 million", "11,4 Mio. EUR"; to the day, some days late, or to the month; with or
without the general word of a company's name; some rows twice. Not here: what is measured on it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import duckdb

from orchestration import config

SNAPSHOT, EARLIER_SNAPSHOT = "2026-01-15", "2025-06-15"
ROWS_A_FILE = 200_000
LISTS = ("deals_world", "deals_press", "deals_europe")
SQL = Path(__file__).with_suffix(".sql")
# Rows of all lists together for each true round: the parts of it that the lists know, and repeats.
ROWS_A_ROUND = 1.5
SOURCE = """title: {title}
producer: benchmarks/generate.py
url: https://example.org/
licence: CC0-1.0
accessed_on: 2026-01-15
contents: Made up.
cadence: frozen
frozen_because: It is made up.
"""


class Size(NamedTuple):
    """How many rows of the newest snapshots of deal lists, about, and how many models."""

    rounds: int
    models: int = 0


def generate(raw: Path, size: Size) -> None:
    """Write the raw folder `raw`, with the shipped exchange rates, claims and benchmarks beside."""
    for kind in ("exchange_rates", "claims", "benchmarks"):
        shutil.copytree(config.PROJECT / "raw" / kind, raw / kind)
    rounds = int(size.rounds / ROWS_A_ROUND)
    counts = {"rounds": rounds, "companies": max(rounds // 5, 50)}
    counts |= {"investors": max(rounds // 40, 20)}
    counts |= {"models": size.models, "makers": max(size.models // 15, 20)}
    with duckdb.connect() as connection:
        for name, count in counts.items():
            connection.execute(f"set variable {name} = {count}")
        connection.execute(SQL.read_text(encoding="utf-8"))
        if rounds:
            _write(connection, "market_map order by n", raw / "companies" / "market_map")
            for name in LISTS:
                _write_parts(connection, name, raw / "funding_rounds", rounds)
        if size.models:
            _write_parts(connection, "hub", raw / "open_models", size.models, "access: open\n")


def _write_parts(
    connection: duckdb.DuckDBPyConnection, name: str, folder: Path, rows: int, more: str = ""
) -> None:
    """Write a list as so many sources that no file is large, by the company or model of a row."""
    connection.execute(f"create or replace table listed as from {name}")
    parts = -(-rows // ROWS_A_FILE)
    for part in range(parts):
        of_part = f"listed where n % {parts} = {part}"
        source = folder / (f"{name}_{part + 1:03}" if parts > 1 else name)
        _write(connection, f"{of_part} order by all", source, more=more)
        if name == "deals_europe":
            earlier = f"{of_part} and draw(n, 'earlier') < 0.6 order by all"
            _write(connection, earlier, source, EARLIER_SNAPSHOT)


def _write(
    connection: duckdb.DuckDBPyConnection,
    rows: str,
    folder: Path,
    day: str = SNAPSHOT,
    more: str = "",
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    source = SOURCE.format(title=folder.name.replace("_", " ")) + more
    (folder / "source.yml").write_text(source, encoding="utf-8")
    connection.execute(f"copy (select * exclude n from {rows}) to '{folder / day}.csv' (header)")
