"""What is refused before it is served, whatever dbt says of it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.config import Home
from orchestration.publication import publish


@pytest.mark.parametrize(
    ("judged", "sentence"),
    [
        ([("a.csv", 3, 2), ("b.csv", 1, 0)], None),
        ([], "Of a.csv 5 rows have landed, but the candidate accepted and rejected 0; so it is"),
        ([("a.csv", 0, 0), ("b.csv", 0, 0)], "with 2 of 2 files, and the served file stays"),
        ([("a.csv", 3, 2), ("b.csv", 1, 1)], "Of b.csv 1 rows have landed, but the candidate"),
    ],
)
def test_every_row_that_landed_is_accepted_or_rejected(
    tmp_path: Path, judged: list[tuple[str, int, int]], sentence: str | None
) -> None:
    """An empty warehouse passes dbt's tests: there is no row that could fail one."""
    home = Home(tmp_path)
    home.landing.mkdir()
    rows = [("a.csv", 2), ("a.csv", 3), ("b.csv", 1)]  # a sheet each
    catalogue = pa.table({"file": [f for f, _ in rows], "rows": [count for _, count in rows]})
    pq.write_table(catalogue, home.landing / "catalogue.parquet")
    with duckdb.connect() as connection:
        connection.execute(
            "create schema audit; create table audit.source_files "
            "(file text, rows_accepted bigint, rows_rejected bigint)"
        )
        for row in judged:
            connection.execute("insert into audit.source_files values (?, ?, ?)", list(row))
        if sentence is None:
            publish._require_landed_rows(home, connection)
            return
        with pytest.raises(publish.PublicationRefusedError) as refused:
            publish._require_landed_rows(home, connection)
    assert sentence in str(refused.value)
