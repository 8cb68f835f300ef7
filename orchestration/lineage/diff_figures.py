"""Figures of two versions: which moved, and which source rows and cells moved them.

Belongs here: comparing reports and claims, and asking `trace` on both sides. Not here: which cells
differ (`cells`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from orchestration.lineage.figure_queries import (
    Condition,
    Report,
    Rows,
    chosen_rows,
    query,
    reports,
    source_rows,
)
from orchestration.lineage.trace import context
from orchestration.report.scope import NoRoundsError, headline_months

# Figures that are told one by one for the months of the headline; of all others the number and the
# row that moved most.
HEADLINE = {
    "rpt_layer_share": ("share", "raised_usd", "companies", "rounds"),
    "rpt_concentration": ("hhi", "top_1_share", "closed_share", "raised_usd"),
}
MOVERS = 5
_MOVED = """
    abs(new.{figure} - old.{figure}) > 1e-9 * greatest(abs(new.{figure}), abs(old.{figure}))
    or (new.{figure} is null) <> (old.{figure} is null)
"""


def changes(
    connection: duckdb.DuckDBPyConnection, raw: Mapping[str, Any], moved_lines: Mapping[str, str]
) -> dict[str, Any]:
    """Return claims and figures that moved: those of the headline, and of each report the most."""
    connection.execute("use new")
    try:
        shown = set(headline_months(connection))
    except NoRoundsError:
        shown = set()
    headline: Rows = []
    others: Rows = []
    for report in reports().values():
        if not report.name.startswith("rpt_"):
            continue
        moved = _moved(connection, report)
        first = [
            line
            for figure in HEADLINE.get(report.name, ())
            for line in moved.get(figure, [])
            if line["keys"].get("as_of_month") in shown
        ]
        most = [
            {**max(lines, key=lambda line: abs(line["change"])), "rows_moved": len(lines)}
            for lines in moved.values()
            if lines
        ]
        _add_movers(connection, report, [*first, *most], raw, moved_lines)
        headline += first
        others += most
    for line in (*headline, *others):
        line["keys"] = {name: _plain(value) for name, value in line["keys"].items()}
    return {"claims": _claims(connection), "headline": headline, "figures": others}


def _moved(connection: duckdb.DuckDBPyConnection, report: Report) -> dict[str, Rows]:
    """Return the rows of a report whose figure moved, by figure; `change` is relative."""
    found = {}
    same = " and ".join(f"old.{key} is not distinct from new.{key}" for key in report.keys)
    keys = ", ".join(f"new.{key} as {key}" for key in report.keys)
    order = ", ".join(["1 desc", *map(str, range(2, len(report.keys) + 1))])  # newest first
    for figure in report.figures:
        rows = query(
            connection,
            f"""
            select {keys}, old.{figure} as old_value, new.{figure} as new_value
            from old.marts.{report.name} as old
            inner join new.marts.{report.name} as new on {same}
            where {_MOVED.format(figure=figure)}
            order by {order}
            """,  # noqa: S608
        )
        found[figure] = [
            {
                "table": report.name,
                "figure": figure,
                "keys": {key: row[key] for key in report.keys},
                "old": row["old_value"],
                "new": row["new_value"],
                "change": _change(row["old_value"], row["new_value"]),
            }
            for row in rows
        ]
    return found


def _change(old: float | None, new: float | None) -> float:
    largest = max(abs(old or 0), abs(new or 0))
    return ((new or 0) - (old or 0)) / largest if largest else 0.0


def _add_movers(
    connection: duckdb.DuckDBPyConnection,
    report: Report,
    lines: Rows,
    raw: Mapping[str, Any],
    moved_lines: Mapping[str, str],
) -> None:
    """Add to each line what moved it: source rows that add something else, with changed cells."""
    if not lines:
        return
    rows = {tuple(line["keys"].values()) for line in lines}
    one = "(" + " and ".join(f"{key} is not distinct from ?" for key in report.keys) + ")"
    condition = Condition(" or ".join([one] * len(rows)), [value for row in rows for value in row])
    adds: dict[tuple[Any, ...], dict[str, float]] = defaultdict(lambda: {"old": 0.0, "new": 0.0})
    labels: dict[str, str] = {}
    touched: dict[str, set[str]] = defaultdict(set)
    for side in ("old", "new"):
        connection.execute(f"use {side}")
        names = _keys_by_row(connection, report, condition)
        sources = source_rows(connection, report, condition)
        behind = _behind(connection, report, {source["source_row_id"] for source in sources})
        for source in sources:
            row_id = source["source_row_id"]
            known = _before(row_id, moved_lines) if side == "new" else row_id
            labels[known] = source["label"]
            touched[known] |= behind[row_id]
            for part, value in source.items():
                if isinstance(value, int | float) and part != "figure_row":
                    adds[names[source["figure_row"]], part, known][side] += value
    changed = _changed_by_line(raw, moved_lines)
    by_row: dict[tuple[Any, ...], list[tuple[str, dict[str, float]]]] = defaultdict(list)
    for (row, part, known), values in adds.items():
        if abs(_change(values["old"], values["new"])) > 1e-9:  # noqa: PLR2004 - as in _MOVED
            by_row[row, part].append((known, values))
    for line in lines:
        movers: dict[str, dict[str, Any]] = {}
        for part in report.parts(line["figure"]):
            for known, values in by_row[tuple(line["keys"].values()), part]:
                cells = [cell for name in sorted(touched[known]) for cell in changed[name]]
                mover = {"label": labels[known], "source_row_id": known, "adds": {}, "cells": cells}
                movers.setdefault(known, mover)["adds"][part] = values
        ranked = sorted(movers.values(), key=_rank)
        line["moved_by"], line["movers"] = ranked[:MOVERS], len(ranked)


def _rank(mover: dict[str, Any]) -> tuple[object, ...]:
    """Put a source row first whose own cells changed, then the one that adds most."""
    most = max(abs(values["new"] - values["old"]) for values in mover["adds"].values())
    return not mover["cells"], -most, mover["source_row_id"]


def _keys_by_row(
    connection: duckdb.DuckDBPyConnection, report: Report, condition: Condition
) -> dict[int, tuple[Any, ...]]:
    rows = chosen_rows(connection, report, condition)
    return {row["figure_row"]: tuple(row[key] for key in report.keys) for row in rows}


def _behind(
    connection: duckdb.DuckDBPyConnection, report: Report, row_ids: Iterable[str]
) -> dict[str, set[str]]:
    """Return for each source row the lines that decide what it adds: its own, those behind it."""
    found = context(connection, report, sorted(row_ids))
    columns = ("company_row_id", "other_row_id", "rate_row_id", "usd_rate_row_id")
    return {
        row_id: {
            _line(name)
            for lines in (found["companies"], found["others"], found["rates"])
            for line in lines.get(row_id, ())
            for name in (row_id, *(line.get(column) for column in columns))
            if name
        }
        | {_line(row_id)}
        for row_id in row_ids
    }


def _line(row_id: str) -> str:
    """Return the line of a source row: an unpivoted one has its column behind it."""
    found = re.match(r".*![0-9]+", row_id, re.DOTALL)
    return found[0] if found else row_id


def _before(row_id: str, moved_lines: Mapping[str, str]) -> str:
    line = _line(row_id)
    return moved_lines.get(line, line) + row_id[len(line) :]


def _changed_by_line(raw: Mapping[str, Any], moved_lines: Mapping[str, str]) -> dict[str, Rows]:
    """Return changed cells, and lines added and removed, by the lines of both versions."""
    found: dict[str, Rows] = defaultdict(list)
    for cell in raw["cells"]:
        for name in {cell["line"], moved_lines.get(cell["line"], cell["line"])}:
            found[name].append(cell)
    for what in ("lines_added", "lines_removed"):
        for line in raw[what]:
            found[line["line"]].append({**line, "line_is": what.removeprefix("lines_")})
    return found


def _claims(connection: duckdb.DuckDBPyConnection) -> Rows:
    return query(
        connection,
        """
        select claim_id, new.quotation, new.unit, old.computed_value as old_value,
            new.computed_value as new_value, old.verdict as old_verdict, new.verdict as new_verdict
        from old.audit.claims as old
        inner join new.audit.claims as new using (source, claim_id)
        where old.verdict <> new.verdict
            or abs(old.computed_value - new.computed_value) > 1e-9 * abs(old.computed_value)
        order by claim_id
        """,
    )


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value
