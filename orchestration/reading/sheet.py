"""What every reader takes and gives: settings in, sheets of text cells out.

Belongs here: the types that the formats share, and what is done to every cell whatever the
format. Doesn't: anything that knows one format, or what a column means.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

# UTF-32 comes first: its little-endian mark begins with that of UTF-16.
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF8: "utf-8-sig",
}


class ReadError(Exception):
    """A file or a sheet that can't be read; its text is one sentence for an analyst.

    `columns_found` tells how near a sheet without a header came to having one.
    """

    def __init__(self, sentence: str, columns_found: int = 0) -> None:  # noqa: D107
        super().__init__(sentence)
        self.columns_found = columns_found


class Unpivot(NamedTuple):
    """How a wide table becomes long: `keep` are headers, the others become rows."""

    keep: tuple[str, ...]
    name: str
    value: str


class Units(NamedTuple):
    """What a bare number of a column stands for."""

    currency: str | None = None
    multiplier: float | None = None


class Settings(NamedTuple):
    """Everything in a source.yml that changes what is read; see source_schema.json."""

    sheets: tuple[str, ...] = ()
    header_row: int | None = None
    heading: str | None = None
    sheet_name_is: str | None = None
    unpivot: Unpivot | None = None
    empty_values: tuple[str, ...] = ()
    columns: Mapping[str, str] = {}
    units: Mapping[str, Units] = {}
    values: Mapping[str, Mapping[str, str]] = {}
    constants: Mapping[str, str] = {}


class Sheet(NamedTuple):
    """One table of text as it stands in a file, title rows and notes included.

    `cells` has string columns, each named by its 1-based number in the file ("2" is column B);
    `row_numbers` (int32) holds each row's 1-based row or line in the file. `name` is empty for
    formats without sheets. `findings` are sentences on what an analyst should know of the reading.
    """

    name: str
    cells: pa.Table
    row_numbers: pa.Array
    findings: tuple[str, ...] = ()


def from_rows(name: str, rows: Sequence[Sequence[str | None]], numbers: Sequence[int]) -> Sheet:
    """Make a sheet of rows of text, which may differ in length."""
    columns = [pa.array(column, pa.string()) for column in zip_longest(*rows)]
    names = [str(number) for number in range(1, len(columns) + 1)]
    return Sheet(name, pa.table(columns, names=names), pa.array(numbers, pa.int32()))


def clean(sheet: Sheet, empty_values: Sequence[str]) -> Sheet:
    """Strip the cells, make empty ones null and leave out rows without any text."""
    empties = pa.array(["", *empty_values], pa.string())
    columns = [_clean_cells(column, empties) for column in sheet.cells.columns]
    kept = pc.greater(filled_cells(columns, len(sheet.row_numbers)), 0)
    kept_columns = [column.filter(kept) for column in columns]
    cells = pa.table(kept_columns, names=sheet.cells.column_names)
    return sheet._replace(cells=cells, row_numbers=sheet.row_numbers.filter(kept))


def filled_cells(columns: Sequence[pa.Array], length: int) -> pa.Array:
    """Count the filled cells of each row (int32)."""
    count = pa.repeat(pa.scalar(0, pa.int32()), length)
    for column in columns:
        count = pc.add(count, column.is_valid().cast(pa.int32()))
    return count


def decode(data: bytes) -> str:
    """Text of a file: by its byte order mark, else UTF-8, else Windows-1252."""
    marked = [name for mark, name in _BYTE_ORDER_MARKS.items() if data.startswith(mark)]
    for encoding in marked[:1] or ("utf-8", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ReadError(
        "what is inside is not text, or not in a usual encoding; save it again as UTF-8, "
        "or give the file the ending of what it really is"
    )


def _clean_cells(cells: pa.ChunkedArray, empties: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(cells.combine_chunks())
    # A byte order mark or zero-width space can't be seen, so no analyst would look for it.
    trimmed = pc.utf8_trim(trimmed, "\ufeff\u200b \xa0")
    is_empty = pc.is_in(trimmed, value_set=empties)
    return pc.replace_with_mask(trimmed, is_empty, pa.scalar(None, pa.string()))
