"""Raw files of two versions, cell by cell; a line that only moved is the same line.

Belongs here: which files, lines and cells differ. Not here: what that does to a figure.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

from orchestration.lineage.figure_queries import Rows, query

# Above so many lines that are new or gone, only those in the same place are held for one line.
MOST_COMPARED = 2_000

Place = tuple[str, int]  # sheet and row
Line = dict[str, dict[str, Any]]  # cells, by column

# A cell goes by its column; one that was unpivoted, or that the kind has no column for, by header.
_COLUMN = (
    "case when column_letter is null then concat(column_name, ':', header) else column_name end"
)


def changes(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return the files, columns, lines and cells that differ.

    `moved_lines` tells of lines, named as in `source_row_id`, where they stood before.
    """
    files = {side: _files(connection, side) for side in ("old", "new")}
    found: dict[str, Any] = {
        "files_added": sorted(files["new"].keys() - files["old"].keys()),
        "files_removed": sorted(files["old"].keys() - files["new"].keys()),
        "files_changed": [],
        "columns": [],
        "cells": [],
        "lines_added": [],
        "lines_removed": [],
        "moved_lines": {},
    }
    for old_file, new_file in _pairs(files["old"], files["new"]):
        old, new = files["old"][old_file], files["new"][new_file]
        found["columns"] += _columns(new_file, old["sheets"], new["sheets"])
        if old["sha256"] != new["sha256"]:
            found["files_changed"] += [new_file] if old_file == new_file else []
            _compare(connection, old_file, new_file, found)
    return found


def _files(connection: duckdb.DuckDBPyConnection, side: str) -> dict[str, dict[str, Any]]:
    files: dict[str, dict[str, Any]] = {}
    for line in query(connection, f"from {side}.audit.source_files"):
        facts = {"of": (line["kind"], line["source"]), "is_current": line["is_current"]}
        file = files.setdefault(
            line["file"], {**facts, "sha256": line["file_sha256"], "sheets": {}}
        )
        file["sheets"][line["sheet"]] = line["header_row"], json.loads(line["columns_read"] or "{}")
    return files


def _pairs(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each file with itself, and a new snapshot with the one whose place it takes."""
    last = {facts["of"]: name for name, facts in old.items() if facts["is_current"]}
    for name, facts in new.items():
        if name in old:
            yield name, name
        elif facts["is_current"] and facts["of"] in last:
            yield last[facts["of"]], name


def _columns(file: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Rows:
    """Say which column of a sheet was another one, or had another header."""
    nothing = {"header": None, "column": None}
    found = []
    for sheet in old.keys() & new.keys():
        header_row = new[sheet][0]
        for name in sorted(old[sheet][1].keys() | new[sheet][1].keys()):
            was, now = (side[sheet][1].get(name, nothing) for side in (old, new))
            if was != now:
                address = f"{now['column'] or was['column']}{header_row}"
                facts = {"file": file, "sheet": sheet, "column_name": name, "address": address}
                found.append({**facts, "old": was, "new": now})
    return found


def _compare(
    connection: duckdb.DuckDBPyConnection, old_file: str, new_file: str, found: dict[str, Any]
) -> None:
    """Add to `found` what differs between two files."""
    connection.execute("drop table if exists lines")
    connection.execute(_LINES, [old_file, new_file])
    for line in query(connection, "from lines where old_row is not null and new_row is not null"):
        new_name = _name(new_file, line["sheet"], line["new_row"])
        found["moved_lines"][new_name] = _name(old_file, line["sheet"], line["old_row"])
    old = _left(connection, "old", old_file)
    new = _left(connection, "new", new_file)
    for was, now in _alike(old, new):
        found["moved_lines"][_name(new_file, *now)] = _name(old_file, *was)
        found["cells"] += _changed(new_file, was, now, old.pop(was), new.pop(now))
    found["lines_added"] += [_whole(new_file, *place, line) for place, line in new.items()]
    found["lines_removed"] += [_whole(old_file, *place, line) for place, line in old.items()]


# Equal lines of both files side by side, wherever they stand, and the others alone.
_LINES = f"""
create temp table lines as
with old_lines as (
    select sheet, row_number as row, sum(hash({_COLUMN}, cell_text)) as content
    from old.audit.source_cells where file = ? group by all
),
new_lines as (
    select sheet, row_number as row, sum(hash({_COLUMN}, cell_text)) as content
    from new.audit.source_cells where file = ? group by all
)
select coalesce(old.sheet, new.sheet) as sheet, old.row as old_row, new.row as new_row
from (select *, row_number() over (partition by sheet, content order by row) as n from old_lines) as old
full join (select *, row_number() over (partition by sheet, content order by row) as n from new_lines) as new
on old.sheet = new.sheet and old.content = new.content and old.n = new.n
"""  # noqa: S608, E501


def _left(connection: duckdb.DuckDBPyConnection, side: str, file: str) -> dict[Place, Line]:
    other = "new" if side == "old" else "old"
    cells = query(
        connection,
        f"""
        select cells.*, {_COLUMN} as column
        from {side}.audit.source_cells as cells
        inner join lines on lines.sheet = cells.sheet and lines.{side}_row = cells.row_number
        where cells.file = ? and lines.{other}_row is null
        order by cells.sheet, cells.row_number, cells.column_letter
        """,  # noqa: S608
        [file],
    )
    lines: dict[Place, Line] = defaultdict(dict)
    for cell in cells:
        lines[cell["sheet"], cell["row_number"]][cell["column"]] = cell
    return lines


def _alike(old: Mapping[Place, Line], new: Mapping[Place, Line]) -> list[tuple[Place, Place]]:
    """Pair lines that are one line before and after: half of its cells are the same."""
    texts = {
        side: {
            place: {(c, cell["cell_text"]) for c, cell in line.items()}
            for place, line in lines.items()
        }
        for side, lines in (("old", old), ("new", new))
    }

    def is_alike(was: Place, now: Place, shared: int) -> bool:
        return 2 * shared >= max(len(old[was]), len(new[now])) - 1

    scores = Counter(
        {(p, p): len(texts["old"][p] & texts["new"][p]) for p in old.keys() & new.keys()}
    )
    if max(len(old), len(new)) <= MOST_COMPARED:
        holders = defaultdict(list)
        for place, cells in texts["old"].items():
            for cell in cells:
                holders[place[0], cell].append(place)
        scores.update(
            {
                (was, place): shared
                for place, cells in texts["new"].items()
                for was, shared in Counter(
                    was for cell in cells for was in holders[place[0], cell]
                ).items()
                if was != place
            }
        )
    ranked = sorted(scores, key=lambda pair: (-scores[pair], abs(pair[0][1] - pair[1][1]), pair))
    pairs: dict[Place, Place] = {}
    taken: set[Place] = set()
    for was, now in ranked:
        if was not in pairs and now not in taken and is_alike(was, now, scores[was, now]):
            pairs[was] = now
            taken.add(now)
    return sorted(pairs.items())


def _changed(file: str, was: Place, now: Place, old: Line, new: Line) -> Iterator[dict[str, Any]]:
    for column in dict.fromkeys([*old, *new]):
        texts = [line[column]["cell_text"] if column in line else None for line in (old, new)]
        if texts[0] != texts[1]:
            cell = new.get(column) or old[column]
            letter = cell["column_letter"]
            yield {
                "file": file,
                "sheet": now[0],
                "row_number": now[1],
                "old_row_number": was[1],
                "address": f"{letter}{now[1]}" if letter else None,
                "column_name": cell["column_name"],
                "header": cell["header"],
                "old": texts[0],
                "new": texts[1],
                "line": _name(file, *now),
            }


def _whole(file: str, sheet: str, row: int, line: Line) -> dict[str, Any]:
    cells = {cell["header"] or cell["column_name"]: cell["cell_text"] for cell in line.values()}
    place = {"file": file, "sheet": sheet, "row_number": row}
    return {**place, "cells": cells, "line": _name(file, sheet, row)}


def _name(file: str, sheet: str, row: int) -> str:
    """Name a line as `source_row_id` does."""
    return f"{file}#{sheet}!{row}"
