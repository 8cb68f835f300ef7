"""What every reader takes and gives: settings in, sheets of text cells out.

Belongs here: the types that the formats share, and what is done to every cell whatever the
format. Doesn't: anything that knows one format, or what a column means.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.config import LedgerError

_LISTED = 5  # items of a finding, before it says how many more there are


class ReadError(LedgerError):
    """A file or a sheet that can't be read; its text is one sentence for an analyst.

    `columns_found` tells how near a sheet without a header came to having one.
    """

    def __init__(self, sentence: str, columns_found: int = 0) -> None:  # noqa: D107
        super().__init__(sentence)
        self.columns_found = columns_found


class Sheet(NamedTuple):
    """One table of text as it stands in a file, title rows and notes included.

    `cells` has string columns, each named by its 1-based number in the file ("2" is column B);
    `row_numbers` (int32) holds each row's 1-based row or line in the file. `name` is empty for
    formats without sheets. `findings` are sentences on what an analyst should know: what was
    filled, hidden, repaired or left out. `follows_blank` says of each row of a cleaned sheet
    whether a blank one stood above it. `beside` is the first column ("H") of a table that stands
    beside another one of the same rows. Rows of a table that `is_inner` lie inside those of the one
    before it, and are read where that one isn't of the kind.
    """

    name: str
    cells: pa.Table
    row_numbers: pa.Array
    findings: tuple[str, ...] = ()
    follows_blank: pa.Array = None
    beside: str | None = None
    is_inner: bool = False


class Range(NamedTuple):
    """A merged range, 1-based and inclusive."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        """Write it as spreadsheets do: A3:A7."""
        return f"{letters(self.left)}{self.top}:{letters(self.right)}{self.bottom}"


def from_rows(name: str, rows: Sequence[Sequence[str | None]], numbers: Sequence[int]) -> Sheet:
    """Make a sheet of rows of text, which may differ in length."""
    columns = [pa.array(column, pa.string()) for column in zip_longest(*rows)]
    names = [str(number) for number in range(1, len(columns) + 1)]
    cells = pa.table(columns, names=names)
    return Sheet(name, cells, pa.array(numbers, pa.int32()))


def choose_tables(tables: Sequence[Sheet], heading: str | None) -> list[Sheet]:
    """Choose a document's tables under a heading, all of them when it is None.

    Those that share a name are told apart by numbers: a sheet and a row then name one position.
    """
    chosen = [t for t in tables if heading is None or _plain(t.name) == _plain(heading)]
    if heading is not None and not chosen:
        headings = ", ".join(repr(table.name) for table in tables) or "no tables at all"
        raise ReadError(
            f"there is no table under the heading {heading!r}, which source.yml names; "
            f"there are tables under {headings}"
        )
    counts: Counter[str] = Counter()
    for index, table in enumerate(chosen):
        counts[table.name] += 1
        if counts[table.name] > 1:
            chosen[index] = table._replace(name=f"{table.name} ({counts[table.name]})")
    return chosen


def _plain(heading: str) -> str:
    return " ".join(heading.casefold().split())


def fill_merged(sheet: Sheet, ranges: Sequence[Range]) -> Sheet:
    """Fill merged ranges of a sheet whose rows are numbered 1, 2, 3... without a gap.

    Only rows that hold something else are filled, and only cells that are empty: a title or a
    note that is merged across the table stays one cell, and no blank row comes to life.
    """
    if not ranges or sheet.cells.num_rows == 0:
        return sheet
    columns = {
        int(name): [text if text and text.strip() else None for text in cells.to_pylist()]
        for name, cells in zip(sheet.cells.column_names, sheet.cells.columns, strict=True)
    }
    counts = [sum(map(bool, row)) for row in zip(*columns.values(), strict=True)]
    filled = [area for area in sorted(ranges) if _fill(columns, counts, area)]
    if not filled:
        return sheet
    arrays = [pa.array(cells, pa.string()) for cells in columns.values()]
    finding = f"filled with the text of their first cell: {numbered('merged range', filled)}"
    return sheet._replace(
        cells=pa.table(arrays, names=sheet.cells.column_names), findings=(*sheet.findings, finding)
    )


def _fill(columns: dict[int, list[str | None]], counts: list[int], area: Range) -> bool:
    """Fill a range; `counts` are the cells that each row held before any was filled."""
    top = area.top - 1
    text = columns[area.left][top] if area.left in columns and top < len(counts) else None
    is_filled = False
    for number, cells in columns.items() if text else ():
        if area.left <= number <= area.right:
            for row in range(top, min(area.bottom, len(counts))):
                if cells[row] is None and counts[row] > (row == top):
                    cells[row] = text
                    is_filled = True
    return is_filled


def letters(number: int) -> str:
    """Name a column as spreadsheets do: 1 is A, 27 is AA."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def numbered(noun: str, items: Sequence[object]) -> str:
    """Write items with what they are: "row 3", "rows 3, 5, 9, 10, 11 and 12 more"."""
    return f"{noun if len(items) == 1 else f'{noun}s'} {listed(items)}"


def listed(items: Sequence[object]) -> str:
    """Write the first items, and how many more there are: "3, 5, 9 and 12 more"."""
    first, more = [str(item) for item in items[:_LISTED]], len(items) - _LISTED
    if more > 0:
        return f"{', '.join(first)} and {more:,} more"
    return " and ".join(filter(None, [", ".join(first[:-1]), *first[-1:]]))


def clean(sheet: Sheet, empty_values: Sequence[str]) -> Sheet:
    """Strip the cells, make empty ones null and leave out rows without any text."""
    empties = pa.array(["", *empty_values], pa.string())
    columns = [_clean_cells(column, empties) for column in sheet.cells.columns]
    kept = pc.greater(filled_cells(columns, len(sheet.row_numbers)), 0)
    if kept.true_count < len(kept):
        columns = [column.filter(kept) for column in columns]
    cells = pa.table(columns, names=sheet.cells.column_names)
    follows_blank = pc.greater(pc.pairwise_diff(pc.indices_nonzero(kept)), 1).fill_null(False)
    if sheet.follows_blank is not None:
        follows_blank = pc.or_(follows_blank, sheet.follows_blank.filter(kept))
    numbers = sheet.row_numbers.filter(kept)
    return sheet._replace(cells=cells, row_numbers=numbers, follows_blank=follows_blank)


def sliced(sheet: Sheet, start: int, end: int | None = None) -> Sheet:
    """Take some rows of a cleaned sheet."""
    length = None if end is None else end - start
    return sheet._replace(
        cells=sheet.cells.slice(start, length),
        row_numbers=sheet.row_numbers.slice(start, length),
        follows_blank=sheet.follows_blank and sheet.follows_blank.slice(start, length),
    )


def filled_cells(columns: Sequence[pa.Array], length: int) -> pa.Array:
    """Count the filled cells of each row (int32)."""
    count = np.zeros(length, np.int32)  # most columns of a wide sheet are filled or empty
    for column in columns:
        if column.null_count == 0:
            count += 1
        elif column.null_count < length:
            count += column.is_valid().to_numpy(zero_copy_only=False)
    return pa.array(count)


def whole(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array; one that is in one piece isn't copied."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _clean_cells(cells: pa.ChunkedArray, empties: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(whole(cells))
    # A byte order mark or zero-width space can't be seen, so no analyst would look for it.
    trimmed = pc.utf8_trim(trimmed, "\ufeff\u200b \xa0")
    is_empty = pc.is_in(trimmed, value_set=empties)
    if not is_empty.true_count:
        return trimmed
    return pc.replace_with_mask(trimmed, is_empty, pa.scalar(None, pa.string()))
