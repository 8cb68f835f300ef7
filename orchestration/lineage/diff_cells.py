"""Raw files of two versions, cell by cell; a line that only moved is the same line.

Belongs here: which files, lines and cells differ (the lines in diff_cells.sql). Not here: what that
does to a figure (`diff`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from orchestration.publication.contents import Rows, query, quoted

# Above so many lines that are new or gone, only those in the same row are held for one line.
MOST_COMPARED = 4_000
_VIEWS = Path(__file__).with_name("diff_cells.sql")


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


def _compare_lines(
    connection: duckdb.DuckDBPyConnection, old_file: str, new_file: str, changes: RawChanges
) -> None:
    """Add to the changes what differs between two files."""
    for name, value in (("old_file", old_file), ("new_file", new_file)):
        connection.execute(f"set variable {name} = {quoted(value)}")
    connection.execute(f"set variable most_compared = {MOST_COMPARED}")
    connection.execute(_VIEWS.read_text(encoding="utf-8"))
    paired: set[tuple[str, str, int]] = set()
    for pair in connection.execute("from alike").fetchall():
        ends = {("old", pair[0], pair[1]), ("new", pair[0], pair[2])}
        if not ends & paired:
            paired |= ends
            connection.execute("insert into pairs values (?, ?, ?, false)", pair)
    changes.cells += query(connection, "from changed_cells")
    for line in query(connection, "from whole_lines"):
        lines = changes.lines_added if line["line_is"] == "added" else changes.lines_removed
        lines.append({**line, "cells": dict(line["cells"])})
    for sheet, old_row, new_row in connection.execute(
        "select sheet, old_row, new_row from pairs where ? <> ? or old_row <> new_row",
        [old_file, new_file],
    ).fetchall():
        changes.old_lines[f"{new_file}#{sheet}!{new_row}"] = f"{old_file}#{sheet}!{old_row}"
