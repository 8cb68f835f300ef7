"""A whole build with Apache Spark beside one with DuckDB: the same tables, and what each takes.

    python -m benchmarks.engines ROUNDS...

Belongs here: comparing what two builds serve, row for row. Not here: what the lists hold
(`generate`) and how a process is measured (`cost`). Spark is there after `make spark`.
"""

from __future__ import annotations

import math
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.cost import INGEST, LEDGER, Cost, cost
from benchmarks.generate import Size, generate
from benchmarks.scaling import keep, read_kept
from orchestration import config

SUBJECT = "rounds on each engine"
SERVED = "warehouse.duckdb"
# These name the moment of the build.
OF_THE_BUILD = {"audit.publications"}
# Engines add in another order, so that the last digits of a fraction differ.
TOLERANCE = 1e-9


def measure(rounds: int) -> None:
    """Build with each engine and keep what it took. Raises AssertionError if a table differs."""
    with tempfile.TemporaryDirectory() as folder:
        raw, landed = Path(folder) / "raw", Path(folder) / "landed"
        generate(raw, Size(rounds))

        def measured(home: Path, *command: str, engine: str = "duckdb") -> Cost:
            folders = {"GENAI_LEDGER_HOME": str(home), "GENAI_LEDGER_RAW": str(raw)}
            return cost(command, folders | {config.ENGINE: engine}, config.PROJECT)

        measured(landed, sys.executable, "-c", INGEST)
        costs: dict[str, Cost] = {}
        for engine in config.ENGINES:
            home = Path(folder) / engine
            shutil.copytree(landed, home)
            # Spark's Java is ended, not waited for: only the clock has all of a build.
            taken = measured(home, LEDGER, "build", engine=engine)
            costs[engine] = Cost(taken.seconds, math.nan, math.nan)
        one, other = (Path(folder) / engine / SERVED for engine in config.ENGINES)
        differing = list(differences(one, other))
        assert not differing, differing
    keep(SUBJECT, rounds, costs)


def differences(one: Path, other: Path) -> Iterator[str]:
    """Say which tables of two served files differ, in columns or in how many rows."""
    with duckdb.connect() as connection:
        for name, path in (("one", one), ("other", other)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        columns = connection.execute(
            "select database_name, schema_name || '.' || table_name as name, column_name, data_type"
            " from duckdb_columns() where database_name in ('one', 'other') order by column_index"
        ).df()
        tables, others = (
            {str(name): rows for name, rows in of_file.groupby("name")}
            for _, of_file in columns.groupby("database_name")
        )
        described = ["column_name", "data_type"]
        for name in sorted({*tables, *others} - OF_THE_BUILD):
            mine, theirs = tables.get(name), others.get(name)
            if mine is None or theirs is None:
                yield f"{name}: only in {one if theirs is None else other}"
            elif mine[described].to_numpy().tolist() != theirs[described].to_numpy().tolist():
                yield f"{name}: other columns"
            elif unlike := _unlike_rows(connection, name, mine):
                yield f"{name}: {unlike:,} of its rows differ"


def _unlike_rows(connection: duckdb.DuckDBPyConnection, table: str, columns: pd.DataFrame) -> int:
    """Count the rows that differ, in an order that the last digits of a fraction don't decide."""
    fractions = columns["data_type"] == "DOUBLE"
    ordered = [*columns["column_name"][~fractions], *columns["column_name"][fractions]]
    by = ", ".join(f'"{column}"' for column in ordered)
    differs = [
        f'a."{column}" is distinct from b."{column}"'
        + f' and not coalesce(abs(a."{column}" - b."{column}")'
        f' <= {TOLERANCE} * greatest(1, abs(a."{column}")), false)' * is_fraction
        for column, is_fraction in zip(columns["column_name"], fractions, strict=True)
    ]
    counted = connection.execute(
        f"select count(*) from (from one.{table} order by {by}) as a"
        f" positional join (from other.{table} order by {by}) as b where {' or '.join(differs)}"
    ).fetchone()
    assert counted
    return int(counted[0])


def lines() -> list[str]:
    """Write what is kept as a table."""
    kept = read_kept(SUBJECT)
    heads = ["made-up rounds", *config.ENGINES, "Spark : DuckDB", "measured"]
    table = [f"| {' | '.join(heads)} |", f"|{' ---: |' * len(heads)}"]
    for rows, of_size in kept.groupby("rows"):
        seconds = of_size.set_index("step")["seconds"]
        ours, sparks = (seconds[engine] for engine in config.ENGINES)
        measured_on = of_size["measured_on"].iloc[0]
        table.append(
            f"| {rows:,} | {ours:,.1f} s | {sparks:,.1f} s | {sparks / ours:.2f} | {measured_on} |"
        )
    return [*table, "", "Every table that the two builds serve is the same, row for row."]


def main(sizes: Sequence[str]) -> None:
    """Measure the sizes."""
    for size in sizes:
        measure(int(size.replace("_", "")))
    print("\n".join(lines()))


if __name__ == "__main__":
    main(sys.argv[1:])
