"""What holds the tables of one engine against another's sees each difference."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks.engines import differences

ROWS = "(1, 'a', 0.1), (2, null, 1e9), (2, 'b', null)"


def made(path: Path, rows: str = ROWS, columns: str = "id int, name text, share double") -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(f"create table marts.t ({columns})")
        connection.execute(f"insert into marts.t values {rows}")
    return path


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (ROWS, []),
        ("(2, 'b', null), (1, 'a', 0.1 + 1e-12), (2, null, 1e9 + 0.1)", []),
        ("(1, 'a', 0.2), (2, null, 1e9), (2, 'b', null)", ["marts.t: 1 of its rows differ"]),
        ("(1, 'a', 0.1), (2, '', 1e9), (2, 'b', 0)", ["marts.t: 2 of its rows differ"]),
        (f"{ROWS}, (3, 'c', 1)", ["marts.t: 1 of its rows differ"]),
    ],
    ids=["same", "order and last digits", "fraction", "null is no value", "one row more"],
)
def test_rows_that_differ_are_counted(rows: str, said: list[str], tmp_path: Path) -> None:
    one, other = made(tmp_path / "one.duckdb"), made(tmp_path / "other.duckdb", rows)
    assert list(differences(one, other)) == said


def test_other_columns_and_tables_are_named(tmp_path: Path) -> None:
    one = made(tmp_path / "one.duckdb")
    other = made(tmp_path / "other.duckdb", columns="id bigint, name text, share double")
    with duckdb.connect(str(other)) as connection:
        connection.execute("create table marts.u as select 1 as id")
    assert list(differences(one, other)) == ["marts.t: other columns", f"marts.u: only in {other}"]
