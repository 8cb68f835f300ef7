"""Parsers answer any text; headers are found or missed; readers read or refuse any bytes."""

from __future__ import annotations

import gzip
import resource
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import case
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from judge import KINDS

from orchestration import parsing
from orchestration.reading import ReadError, read_sheets
from orchestration.reading.header import find_header, wanted_headers
from orchestration.reading.sheet import clean, from_rows
from orchestration.sources.formats import ENDINGS, Settings

# Pieces of what the grammars know, between pieces of anything.
_WORDS = (
    "$ € USD Rs. ~ - \u2013 to / ( ) [ ] 1 2023 05 12.5 1,234 20,00,000 M Bn Mrd lakh crore k % "
    "undisclosed n/a Jan février Q3 H1 Series Inc. ; , and <!-- --> \\xc2\\xa0 ٣ १२ ½ \uff11 1e308 "
    "0x1F ∞ NaN"
)
WORDS = st.sampled_from([*_WORDS.split(), "\u00a0", "\u202e", "\0", "\n", "9" * 400])
TEXTS = st.lists(WORDS | st.text(max_size=5), min_size=1, max_size=8).map("".join).filter(str.strip)
CONTEXTS = st.builds(
    parsing.Context,
    currency=st.sampled_from([None, "EUR"]),
    multiplier=st.sampled_from([None, 1e6]),
    header=st.sampled_from(["", "Amount (USD M)", "\0", "%s"]),
)


@pytest.mark.parametrize("name", parsing.PARSERS)
@settings(max_examples=300, deadline=None)
@given(texts=st.lists(TEXTS, max_size=6, unique=True), context=CONTEXTS)
@example(texts=["9" * 5000, "$" + "9" * 5000, "1/" * 2000], context=parsing.Context())
@example(texts=["(" * 5000, "[" * 5000 + "]" * 5000, "- " * 5000], context=parsing.Context())
def test_a_parser_answers_every_text(name: str, texts: list[str], context: parsing.Context) -> None:
    columns = parsing.PARSERS[name](texts, context)
    assert set(columns) == set(parsing.FIELDS[name])
    for suffix, column in columns.items():
        assert len(column) == len(texts)
        assert column.type == parsing.FIELDS[name][suffix]


@settings(max_examples=200, deadline=None)
@given(rows=st.lists(st.lists(st.none() | TEXTS, max_size=6), min_size=1, max_size=6))
def test_a_header_is_found_or_missed_in_one_sentence(rows: list[list[str | None]]) -> None:
    sheet = clean(from_rows("", rows, range(1, len(rows) + 1)), ())
    for kind in KINDS.values():
        try:
            header = find_header(sheet, wanted_headers(kind, Settings()))
        except ReadError as error:
            assert str(error).isprintable()
        else:
            assert 0 <= header.position < sheet.cells.num_rows


GOOD = {
    ".xlsx": case.workbook(),
    ".xls": case.old_workbook(),
    ".ods": case.open_document(),
    ".csv": case.CSV,
    ".json": case.JSON,
    ".jsonl": case.JSONL,
    ".md": case.MARKDOWN,
    ".html": case.HTML,
    ".parquet": case.parquet(),
}
MEMORY_BYTES = 8 << 30
CHANGES = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8)


@lru_cache(maxsize=1)
def reader() -> ProcessPoolExecutor:
    """Return a process that reads, as in a build: compiled code may end it."""
    limit = (resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    spawned = get_context("spawn")
    pool = ProcessPoolExecutor(1, spawned, initializer=resource.setrlimit, initargs=limit)
    pool.submit(check, "a.csv", case.CSV).result()  # one that can't start is no reader
    return pool


def read_in_child(name: str, data: bytes) -> None:
    pool = reader()
    try:
        pool.submit(read, name, data).result()
    except BrokenProcessPool:
        reader.cache_clear()


def read(name: str, data: bytes) -> None:
    try:
        check(name, data)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # compiled code gave up
            raise


def check(name: str, data: bytes) -> None:
    try:
        sheets = read_sheets(Path(name), Settings(), data)
    except ReadError as error:
        assert str(error).isprintable()
        return
    for sheet in sheets:
        assert sheet.cells.num_rows == len(sheet.row_numbers)
        assert all(column.type == pa.string() for column in sheet.cells.columns)


@pytest.mark.parametrize("ending", [ending for ending in ENDINGS if ending in GOOD])
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=CHANGES, cut=st.integers(0, 10_000), wrapped=st.booleans())
@example(changes=[(28, 0)], cut=1, wrapped=False)  # the byte order of an .xls
def test_changed_bytes_are_read_or_refused(
    ending: str, changes: list[tuple[int, int]], cut: int, wrapped: bool
) -> None:
    data = bytearray(GOOD[ending])
    for place, byte in changes:
        data[place % len(data)] = byte
    if cut % 3 == 0:
        del data[cut % len(data) :]
    content = gzip.compress(bytes(data)) if wrapped else bytes(data)
    read_in_child(f"a{ending}.gz" if wrapped else f"a{ending}", content)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=300), ending=st.sampled_from(list(ENDINGS)))
def test_any_bytes_are_read_or_refused(data: bytes, ending: str) -> None:
    read_in_child(f"a{ending}", data)
    read_in_child(f"a{ending}.gz", gzip.compress(data))
