"""Raw files of two versions, cell by cell; a line that only moved is the same line.

Belongs here: which files, lines and cells differ. Not here: what that does to a figure (`diff`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb

from orchestration.publication.contents import Rows, query

# Above so many lines that are new or gone, only those in the same row are held for one line.
MOST_COMPARED = 4_000


@dataclass
class RawChanges:
    """What differs between the raw files of two versions; docs/trace.md tells what the rows hold.

    `old_lines` names, for lines that moved, those that they were before.
    """

    files_added: list[str]
    files_removed: list[str]
    files_changed: list[str]
    columns: Rows
    cells: Rows
    lines_added: Rows
    lines_removed: Rows
    old_lines: dict[str, str]


class File(NamedTuple):
    """A raw file of a version: its header row and columns by sheet."""

    name: str
    source: tuple[str, str]
    is_current: bool
    sha256: str
    sheets: dict[str, tuple[int, dict[str, Any]]]


def compare_files(connection: duckdb.DuckDBPyConnection) -> RawChanges:
    """Return the files, columns, lines and cells that differ between `old` and `new`."""
    old, new = _files(connection, "old"), _files(connection, "new")
    added, removed = sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys())
    changes = RawChanges(added, removed, [], [], [], [], [], {})
    # A new snapshot is compared with the one whose place it takes.
    last = {file.source: file for file in old.values() if file.is_current}
    for file in new.values():
        before = old.get(file.name) or (last.get(file.source) if file.is_current else None)
        if before:
            changes.columns += _changed_columns(before, file)
            if before.sha256 != file.sha256:
                changes.files_changed += [file.name] if before.name == file.name else []
                _compare_lines(connection, before.name, file.name, changes)
    return changes


def _files(connection: duckdb.DuckDBPyConnection, side: str) -> dict[str, File]:
    files: dict[str, File] = {}
    for row in query(connection, f"from {side}.audit.source_files"):
        source = row["kind"], row["source"]
        file = File(row["file"], source, row["is_current"], row["file_sha256"], {})
        sheets = files.setdefault(file.name, file).sheets
        sheets[row["sheet"]] = row["header_row"], json.loads(row["columns_read"] or "{}")
    return files


def _changed_columns(old: File, new: File) -> Iterator[dict[str, Any]]:
    """Yield each column of a sheet that was another one, or had another header."""
    nothing = {"header": None, "column": None}
    for sheet, (header_row, columns) in new.sheets.items():
        before = old.sheets.get(sheet, (0, columns))[1]
        for name in sorted(before.keys() | columns.keys()):
            was, now = before.get(name, nothing), columns.get(name, nothing)
            if was != now:
                address = f"{now['column'] or was['column']}{header_row}"
                column = {"file": new.name, "sheet": sheet, "address": address}
                yield {**column, "column_name": name, "old": was, "new": now}


# A cell goes by its column; one that was unpivoted, or that the kind has no column for, by header.
_CELLS = """
create or replace temp table cells as
select
    side, sheet, row_number, column_name, column_letter, header, cell_text,
    if(column_letter is null, concat(column_name, ':', header), column_name) as place
from (
    select 'old' as side, * from old.audit.source_cells where file = ?
    union all by name
    select 'new' as side, * from new.audit.source_cells where file = ?
)
"""
# Equal lines, wherever they stand; later also those that are alike.
_PAIRS = """
create or replace temp table pairs as
with lines as (
    select side, sheet, row_number, sum(hash(place, cell_text)) as content from cells group by all
),
numbered as (
    select *, row_number() over (partition by side, sheet, content order by row_number) as copy
    from lines
)
select sheet, old.row_number as old_row, new.row_number as new_row, true as is_equal
from numbered as old
inner join numbered as new using (sheet, content, copy)
where old.side = 'old' and new.side = 'new'
"""
_UNPAIRED = """
create or replace temp view unpaired as
select * from cells where not exists (
    select 1 from pairs
    where pairs.sheet = cells.sheet
      and cells.row_number = case cells.side when 'old' then old_row else new_row end
)
"""
# Lines are one line before and after when half of their cells, or all but one, are the same.
_ALIKE = """
with lines as (
    select side, sheet, row_number, count(*) as cells from unpaired group by all
),
same_cells as (
    select sheet, old.row_number as old_row, new.row_number as new_row, 1 as same
    from unpaired as old
    inner join unpaired as new using (sheet, place, cell_text)
    where old.side = 'old' and new.side = 'new'
      and (old.row_number = new.row_number or (select count(*) from lines) <= ?)
    union all
    select sheet, row_number, row_number, 0
    from lines group by sheet, row_number having count(*) = 2
),
compared as (
    select sheet, old_row, new_row, sum(same) as same from same_cells group by all
)
select sheet, old_row, new_row
from compared
inner join (select sheet, row_number as old_row, cells as old_cells from lines where side = 'old')
  using (sheet, old_row)
inner join (select sheet, row_number as new_row, cells as new_cells from lines where side = 'new')
  using (sheet, new_row)
where 2 * same >= greatest(old_cells, new_cells) - 1
order by same desc, abs(old_row - new_row), sheet, old_row, new_row
"""
_CHANGED = """
with old as (
    select * from cells inner join pairs using (sheet)
    where side = 'old' and row_number = old_row and not is_equal
),
new as (
    select * from cells inner join pairs using (sheet)
    where side = 'new' and row_number = new_row and not is_equal
)
select
    $file as file, sheet, new_row as row_number, old_row as old_row_number,
    coalesce(new.column_letter, old.column_letter) || new_row as address,
    coalesce(new.column_name, old.column_name) as column_name,
    coalesce(new.header, old.header) as header,
    old.cell_text as old, new.cell_text as new,
    concat($file, '#', sheet, '!', new_row) as line
from old
full join new using (sheet, old_row, new_row, place)
where old.cell_text is distinct from new.cell_text
order by sheet, new_row, coalesce(new.column_letter, old.column_letter), place
"""
_WHOLE_LINES = """
select
    if(side = 'old', $old, $new) as file, sheet, row_number,
    concat(file, '#', sheet, '!', row_number) as line,
    if(side = 'old', 'removed', 'added') as line_is,
    list([coalesce(header, column_name), cell_text] order by column_letter, place) as cells
from unpaired group by side, sheet, row_number order by all
"""


def _compare_lines(
    connection: duckdb.DuckDBPyConnection, old_file: str, new_file: str, changes: RawChanges
) -> None:
    """Add to the changes what differs between two files."""
    connection.execute(_CELLS, [old_file, new_file])
    connection.execute(_PAIRS)
    connection.execute(_UNPAIRED)
    paired: set[tuple[str, str, int]] = set()
    for pair in connection.execute(_ALIKE, [MOST_COMPARED]).fetchall():
        ends = {("old", pair[0], pair[1]), ("new", pair[0], pair[2])}
        if not ends & paired:
            paired |= ends
            connection.execute("insert into pairs values (?, ?, ?, false)", pair)
    changes.cells += query(connection, _CHANGED, {"file": new_file})
    for line in query(connection, _WHOLE_LINES, {"old": old_file, "new": new_file}):
        lines = changes.lines_added if line["line_is"] == "added" else changes.lines_removed
        lines.append({**line, "cells": dict(line["cells"])})
    for sheet, old_row, new_row in connection.execute(
        "select sheet, old_row, new_row from pairs where ? <> ? or old_row <> new_row",
        [old_file, new_file],
    ).fetchall():
        changes.old_lines[f"{new_file}#{sheet}!{new_row}"] = f"{old_file}#{sheet}!{old_row}"
