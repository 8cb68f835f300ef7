"""The same models on Apache Spark: what is built and published is what DuckDB makes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks import engines

if TYPE_CHECKING:
    from conftest import Warehouse

# Sums of squared dollars are beyond what a double holds exactly: the last digits are of the order.
OF_THE_ORDER = "rpt_concentration"


def test_each_table_is_that_of_duckdb(warehouse: Warehouse, on_spark: Warehouse) -> None:
    assert list(engines.differences(warehouse.served, on_spark.served)) == []


def test_exports_are_the_same_bytes(warehouse: Warehouse, on_spark: Warehouse) -> None:
    ours, theirs = (built.home / "exports" for built in (warehouse, on_spark))
    files = sorted(path.relative_to(ours) for path in ours.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(theirs) for path in theirs.rglob("*") if path.is_file())
    # The index says when the version was made.
    same = [path for path in files if path.stem not in ("index", OF_THE_ORDER)]
    assert same
    assert [p for p in same if (ours / p).read_bytes() != (theirs / p).read_bytes()] == []


def test_the_page_is_the_same_but_for_the_moment_of_its_build(
    warehouse: Warehouse, on_spark: Warehouse
) -> None:
    built_on = r"[Bb]uilt \d+ \w+ \d{4}(, \d{2}:\d{2} UTC)?"
    of_table = r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?"
    moment = re.compile(rf"\d{{8}}T\d{{6}}Z|{built_on}|{of_table}")
    pages = [
        (built.home / "report.html").read_text(encoding="utf-8") for built in (warehouse, on_spark)
    ]
    ours, theirs = (moment.sub("", page).splitlines() for page in pages)
    assert [pair for pair in zip(ours, theirs, strict=True) if len(set(pair)) > 1] == []
