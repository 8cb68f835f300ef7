"""What differs between two versions of the served file, and which raw cells made it differ.

Belongs here: rows of tables, claims and figures that moved, and the source rows that moved them.
Not here: raw cells (`diff_cells`), which versions there are (`publication.versions`), what a figure
rests on (`figure_queries`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from orchestration.config import LedgerError
from orchestration.lineage.diff_cells import RawChanges, compare_files
from orchestration.lineage.figure_queries import (
    Condition,
    Report,
    chosen_rows,
    reports,
    source_rows,
)
from orchestration.lineage.trace import TOLERANCE, is_close, links
from orchestration.publication.contents import Rows, attach, query, row_text

# Figures that are told one by one for the months of the headline; of all others the number of rows
# that moved and the one that moved most.
HEADLINE = {
    "rpt_layer_share": ("share", "raised_usd", "companies", "rounds"),
    "rpt_concentration": ("hhi", "top_1_share", "closed_share", "raised_usd"),
}
# Source rows that are told of a figure.
MOVERS = 5
# Records of a publication, and raw rows, whose cells are compared: they are no figures.
_RECORDS = ("publications", "data_dictionary", "lineage", "source_rows")


@dataclass
class Diff(RawChanges):
    """What differs between two published files; docs/trace.md tells what the rows hold."""

    old: str
    new: str
    tables: Rows
    claims: Rows
    headline: Rows
    figures: Rows
    figures_compared: bool


@dataclass
class Mover:
    """A source row, as the old version names it, and what it adds in both to parts of figures.

    `lines` are those of raw files that decide what it adds: its own, and those behind it.
    """

    source_row_id: str
    label: str = ""
    lines: set[str] = field(default_factory=set)
    adds: dict[tuple[object, ...], dict[str, float]] = field(
        default_factory=lambda: defaultdict(lambda: {"old": 0.0, "new": 0.0})
    )


def compare(old: Path, new: Path) -> Diff:
    """Return what differs between two published files. Raises LedgerError for any other file."""
    with duckdb.connect() as connection:
        for name, path in (("old", old), ("new", new)):
            try:
                attach(connection, path, name)
                connection.execute(f"from {name}.audit.source_cells limit 0")
            except duckdb.Error as error:
                raise LedgerError(
                    f"{path} can't be compared: it is no published file, or one from before "
                    "raw cells were kept in it; build that version again."
                ) from error
        raw = compare_files(connection)
        try:
            moved, figures_compared = _moved_figures(connection, raw), True
        except (duckdb.BinderException, duckdb.CatalogException):
            moved, figures_compared = [], False
        return Diff(
            old=str(old),
            new=str(new),
            **vars(raw),
            tables=list(_changed_tables(connection)),
            claims=query(connection, _CLAIMS),
            headline=[figure for figure in moved if figure["is_headline"]],
            figures=[figure for figure in moved if figure["is_most"]],
            figures_compared=figures_compared,
        )


_CLAIMS = """
select claim_id, new.quotation, new.unit, old.computed_value as old_value,
    new.computed_value as new_value, old.verdict as old_verdict, new.verdict as new_verdict
from old.audit.claims as old
inner join new.audit.claims as new using (source, claim_id)
where old.verdict <> new.verdict
    or abs(old.computed_value - new.computed_value) > 1e-9 * abs(old.computed_value)
order by claim_id
"""


def _changed_tables(connection: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    """Yield the tables that differ, each with the rows added, removed and changed.

    Without a known key whole rows are compared: a changed row is then removed and added.
    """
    columns: dict[str, dict[str, dict[str, str]]] = {"old": {}, "new": {}}
    for database, table, column, type_ in connection.execute(
        "select database_name, schema_name || '.' || table_name, column_name, data_type "
        "from duckdb_columns() where schema_name in ('marts', 'audit') order by column_index"
    ).fetchall():
        columns[database].setdefault(table, {})[column] = type_
    key_columns = connection.execute(
        "select table_schema || '.' || table_name, list(column_name) "
        "from new.audit.data_dictionary where is_key group by all"
    )
    keys = dict(key_columns.fetchall())
    for table in sorted(columns["old"].keys() | columns["new"].keys()):
        old, new = columns["old"].get(table), columns["new"].get(table)
        if table.partition(".")[2] in _RECORDS:
            continue
        if not (old and new):
            yield {"table": table, "table_is": "removed" if old else "added"}
            continue
        common = {column: type_ for column, type_ in new.items() if column in old}
        key = [column for column in keys.get(table, ()) if column in common]
        counts = _counts(connection, table, common, key)
        if any(counts.values()) or old != new:
            yield {"table": table, "key": key, **counts}


def _counts(
    connection: duckdb.DuckDBPyConnection, table: str, types: dict[str, str], key: Sequence[str]
) -> dict[str, int]:
    of_key = [(column, types[column]) for column in key] or list(types.items())
    sides = [
        f"(select md5({row_text(of_key)}) as key, md5({row_text(types.items())}) as row, "  # noqa: S608
        f"row_number() over (partition by key order by row) as n from {side}.{table})"
        for side in ("old", "new")
    ]
    (counts,) = query(
        connection,
        f"""
        select
            count(case when old.key is null then 1 end) as added,
            count(case when new.key is null then 1 end) as removed,
            count(case when old.row <> new.row then 1 end) as changed
        from {sides[0]} as old full join {sides[1]} as new on old.key = new.key and old.n = new.n
        """,  # noqa: S608 - names come from the files' catalogues
    )
    return counts


# The months that the headlines speak of: the newest, and the newest that is complete.
_HEADLINES = """
create temp table headlines as
select as_of_month, universe
from new.marts.rpt_layer_share
inner join new.marts.dim_universes using (universe)
where is_headline
qualify as_of_month in (
    max(as_of_month) over (), max(case when is_complete then as_of_month end) over ()
)
"""


def _moved_figures(connection: duckdb.DuckDBPyConnection, raw: RawChanges) -> Rows:
    """Return the figures that moved: those of the headline, and of each the row that moved most."""
    connection.execute("use old")
    before = reports(connection)
    connection.execute("use new")
    after = reports(connection).values()
    connection.execute(_HEADLINES)
    moved: Rows = []
    told_first = {name: place for place, name in enumerate(HEADLINE)}
    for report in sorted(after, key=lambda report: told_first.get(report.name, len(HEADLINE))):
        old = before.get(report.name)
        if report.name.startswith("rpt_") and old and old.keys == report.keys:
            figures = [figure for figure in report.figures if figure in old.figures]
            rows = query(connection, _moved_sql(report, figures))
            _add_movers(connection, report, rows, raw)
            moved += rows
    return moved


def _moved_sql(report: Report, figures: Sequence[str]) -> str:
    same = " and ".join(f"old.{key} is not distinct from new.{key}" for key in report.keys)
    keys = ", ".join(f"{key} := new.{key}" for key in report.keys)
    both = f"old.marts.{report.name} as old inner join new.marts.{report.name} as new on {same}"
    each = " union all ".join(
        f"select {position} as position, '{figure}' as figure, struct_pack({keys}) as keys, "  # noqa: S608
        f"old.{figure}::double as old, new.{figure}::double as new from {both}"
        for position, figure in enumerate(figures)
    )
    told = ", ".join(f"'{figure}'" for figure in HEADLINE.get(report.name, ()))
    is_told = f"figure in ({told}) and (keys.as_of_month, keys.universe) in (from headlines)"
    return f"""
        with changed as (
            select *, greatest(abs(coalesce(old, 0)), abs(coalesce(new, 0))) as largest,
                coalesce((coalesce(new, 0) - coalesce(old, 0)) / nullif(largest, 0), 0) as change
            from ({each})
            where (old is null) <> (new is null) or abs(change) > {TOLERANCE}
        )
        select
            '{report.name}' as "table", figure, keys, old, new, change,
            count(*) over (partition by figure) as rows_moved,
            row_number() over (partition by figure order by abs(change) desc, keys desc) = 1
                as is_most,
            {is_told if told else "false"} as is_headline
        from changed
        qualify is_most or is_headline
        order by position, keys desc
    """  # noqa: S608 - names come from the files' catalogues


def _add_movers(
    connection: duckdb.DuckDBPyConnection, report: Report, rows: Rows, raw: RawChanges
) -> None:
    """Add to each row what moved it: source rows that add something else, with changed cells."""
    movers = _movers(connection, report, rows, raw.old_lines) if rows else []
    cells = _changes_by_line(raw)
    for row in rows:
        figure, moved_by = report.figures[row["figure"]], []
        for mover in movers:
            changed = [change for line in sorted(mover.lines) for change in cells[line]]
            of_row = {part: mover.adds.get((*row["keys"].values(), part)) for part in figure.parts}
            # What an index is made of may add the same and yet be other than it was.
            is_cause = changed and not figure.formula
            adds = {
                p: s for p, s in of_row.items() if s and (is_cause or not is_close(*s.values()))
            }
            if adds:
                facts = {"label": mover.label, "source_row_id": mover.source_row_id}
                moved_by.append({**facts, "adds": adds, "cells": changed})
        row["moved_by"], row["movers"] = sorted(moved_by, key=_rank)[:MOVERS], len(moved_by)


def _rank(mover: dict[str, Any]) -> tuple[object, ...]:
    """Put a source row first whose own cells changed, then the one that adds most."""
    most = max(abs(sums["new"] - sums["old"]) for sums in mover["adds"].values())
    return not mover["cells"], -most, mover["source_row_id"]


def _movers(
    connection: duckdb.DuckDBPyConnection, report: Report, rows: Rows, old_lines: Mapping[str, str]
) -> list[Mover]:
    """Return the source rows behind some rows of a report, in both versions."""
    wanted = {tuple(row["keys"].values()) for row in rows}
    one = "(" + " and ".join(f"{key} is not distinct from ?" for key in report.keys) + ")"
    condition = Condition(" or ".join([one] * len(wanted)), [v for keys in wanted for v in keys])
    parts = {part for row in rows for part in report.figures[row["figure"]].parts}
    movers: dict[str, Mover] = {}
    for side in ("old", "new"):
        connection.execute(f"use {side}")
        chosen = chosen_rows(connection, report, condition)
        sources = source_rows(connection, report, condition, parts)
        lines = {source.source_row_id: {_line(source.source_row_id)} for source in sources}
        for link in links(connection, lines):
            lines[link.source_row_id] |= set(map(_line, link.row_ids))
        for source in sources:
            line = _line(source.source_row_id)
            before = old_lines.get(line, line) if side == "new" else line
            name = before + source.source_row_id[len(line) :]
            mover = movers.setdefault(name, Mover(name))
            mover.label = source.label
            mover.lines |= lines[source.source_row_id]
            row = chosen[source.figure_row - 1]
            mover.adds[(*(row[key] for key in report.keys), source.part)][side] += source.adds
    return list(movers.values())


def _line(row_id: str) -> str:
    """Return the line of a source row: an unpivoted one has its column behind it."""
    match = re.match(r".*![0-9]+", row_id, re.DOTALL)
    return match[0] if match else row_id


def _changes_by_line(raw: RawChanges) -> dict[str, Rows]:
    """Return changed cells, and lines added and removed, by the lines of both versions."""
    changes: dict[str, Rows] = defaultdict(list)
    for cell in raw.cells:
        for line in {cell["line"], raw.old_lines.get(cell["line"], cell["line"])}:
            changes[line].append(cell)
    for line in (*raw.lines_added, *raw.lines_removed):
        changes[line["line"]].append(line)
    return changes
