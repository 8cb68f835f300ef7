"""Delimited text (csv, tsv, txt) to sheets.

Belongs here: encoding, delimiter, quoting, line numbers. Doesn't: what a column means.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from orchestration.reading.sheet import ReadError, Settings, Sheet, decode, from_rows

_DELIMITERS = ",;\t|"
_SAMPLE = 100  # records that settle the delimiter
_END = "\x1e"  # a record of our own after the last: an unclosed quotation mark swallows it


def read(data: bytes, settings: Settings) -> list[Sheet]:  # noqa: ARG001
    """Read one table; a row's number is the line on which its record starts."""
    text = decode(data)
    delimiter = _find_delimiter(text)
    rows, lines = [], []
    try:
        for line, row in _records(text, delimiter):
            rows.append(row)
            lines.append(line)
    except csv.Error as error:
        raise ReadError(f"the record after line {lines[-1] if lines else 0}: {error}") from error
    if rows.pop() != [_END]:
        raise ReadError(
            f"a quotation mark opened on or after line {lines[-1]} is never closed; "
            "close it, or double it if it belongs to the text"
        )
    return [from_rows("", rows, lines[:-1])]


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    # newline="" leaves \n, \r\n and a lone \r to the csv module, which knows them all.
    reader = csv.reader(io.StringIO(f"{text}\n{_END}", newline=""), delimiter=delimiter)
    line = 1
    for row in reader:
        yield line, row
        line = reader.line_num + 1


def _find_delimiter(text: str) -> str:
    """Find the delimiter that cuts the largest share of records into the same number of cells."""
    declared = [d for d in _DELIMITERS if text.startswith(f"sep={d}")]  # as Excel understands it
    if declared:
        return declared[0]
    return max(_DELIMITERS, key=lambda delimiter: _regularity(text, delimiter))


def _regularity(text: str, delimiter: str) -> tuple[float, int]:
    """Return the share of records that have the commonest number of cells, and that number."""
    try:
        records = islice(_records(text, delimiter), _SAMPLE)
        widths = Counter(len(row) for _, row in records if row and row != [_END])
    except csv.Error:
        return (0, 0)
    shares = [(count / widths.total(), width) for width, count in widths.items() if width > 1]
    return max(shares, default=(0, 0))
