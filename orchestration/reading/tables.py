"""Several tables on one sheet: side by side, or one above the other.

Belongs here: where one table of the kind ends and the next begins. Doesn't: what a header is
(header), or the rows of a table that isn't of the kind (row_roles).
"""

import pyarrow as pa
import pyarrow.compute as pc

from orchestration.reading.header import Header, Wanted, find_header, header_at, top_rows
from orchestration.reading.sheet import (
    ReadError,
    Sheet,
    clean,
    filled_cells,
    letters,
    sliced,
    whole,
)

_SHARED = 2  # columns of the kind that a further table names, or shares with the first


def split_tables(sheet: Sheet, wanted: Wanted) -> list[tuple[Sheet, Header]]:
    """Cut a sheet into parts with one table of the kind each; row and column numbers stay true.

    A part that lacks the kind's required columns stays with its neighbour: its cells are kept as
    the neighbour's other cells. The first part has what stands above the first header. Raises
    ReadError when there is no header of the kind.
    """
    is_named = sheet.row_numbers.slice(0, 1).to_pylist() == [0]  # its columns, by the format
    if is_named or wanted.settings.unpivot or wanted.settings.header_row is not None:
        return [(sheet, find_header(sheet, wanted))]
    return [table for part in _side_by_side(sheet, wanted) for table in _stacked(part, wanted)]


def _side_by_side(sheet: Sheet, wanted: Wanted) -> list[Sheet]:
    """Cut at empty columns where both sides have a header of their own with the same columns."""
    groups: list[list[str]] = []
    last = None
    for name in sheet.cells.column_names:
        if sheet.cells[name].null_count < sheet.cells.num_rows:
            if last is None or int(name) > last + 1:
                groups.append([])
            groups[-1].append(name)
            last = int(name)
    if len(groups) < 2:  # noqa: PLR2004
        return [sheet]
    parts: list[list[str]] = []
    shared: set[str] = set()
    for group in groups:
        names = _named_columns(_selected(sheet, group), wanted)
        if names and not shared:
            # What stands to the left has no header of its own; the table goes first, so that
            # of two columns with one header its own is taken.
            parts = [[*group, *(name for part in parts for name in part)]]
            shared = names
        elif parts and len(names & shared) < _SHARED:
            parts[-1] += group
        else:
            parts.append(group)
    first, *others = (_selected(sheet, part) for part in parts)
    return [first, *(o._replace(beside=letters(int(o.cells.column_names[0]))) for o in others)]


def _selected(sheet: Sheet, columns: list[str]) -> Sheet:
    return clean(sheet._replace(cells=sheet.cells.select(columns)), ())


def _named_columns(part: Sheet, wanted: Wanted) -> set[str]:
    """Return the kind's columns that a part's own header names; none if it has no header."""
    try:
        return set(find_header(part, wanted).columns)
    except ReadError:
        return set()


def _stacked(part: Sheet, wanted: Wanted) -> list[tuple[Sheet, Header]]:
    """Cut above each further header that isn't the one above it repeated."""
    header = find_header(part, wanted)
    starts, headers = [0], [header]
    end_of_header = header.position
    for row in _possible_headers(part, header):
        if row <= end_of_header:
            continue
        further = header_at(top_rows(sliced(part, row), 3), 0, wanted)
        if further and _is_new(further, headers[-1]):
            starts.append(row)
            headers.append(further)
            end_of_header = row + further.position
    ends = [*starts[1:], part.cells.num_rows]
    tables = [sliced(part, start, end) for start, end in zip(starts, ends, strict=True)]
    return list(zip(tables, headers, strict=True))


def _is_new(further: Header, header: Header) -> bool:
    """Whether a header below another one is no repetition of it, and no record that looks so."""
    texts = [text for text in further.texts if text]
    known = len(further.columns) + sum(text in header.texts for text in texts)
    is_header = len(further.columns) >= _SHARED and 2 * known >= len(texts)
    return is_header and further.columns != header.columns


def _possible_headers(part: Sheet, header: Header) -> list[int]:
    """Find the rows that follow a blank row or one with one cell, or that repeat a header text."""
    length = part.cells.num_rows
    columns = [whole(column) for column in part.cells.columns]
    is_title = pc.equal(filled_cells(columns, length), 1)
    follows_title = pa.concat_arrays([pa.array([False]), is_title.slice(0, length - 1)])
    possible = pc.or_(part.follows_blank, follows_title)
    for column, text in zip(columns, header.texts, strict=True):
        if text:
            possible = pc.or_(possible, pc.equal(column, text).fill_null(False))
    return [int(row) for row in pc.indices_nonzero(possible).to_pylist()]
