"""What stands behind a figure: its source rows with their cells, and why they count.

Belongs here: putting cells, the company's row, other rows of the same round and exchange rates
beside each source row. Not here: which source rows make a figure (`figures`).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import duckdb

from orchestration.lineage import row_selection
from orchestration.lineage.figure_queries import (
    Condition,
    Report,
    Rows,
    chosen_rows,
    query,
    recomputed,
    source_rows,
)

# Relative: sums of thousands of rows in another order.
TOLERANCE = 1e-9


def trace(
    connection: duckdb.DuckDBPyConnection, report: Report, condition: Condition, figure: str
) -> dict[str, Any]:
    """Return a figure of one row of a report with all that it is made of (see docs/trace.md).

    The condition must choose one row.
    """
    (row,) = chosen_rows(connection, report, condition)
    (made,) = recomputed(connection, report, condition)
    parts = report.parts(figure)
    found = [
        source
        for source in source_rows(connection, report, condition)
        if any(source[part] is not None for part in parts)
    ]
    row_ids = sorted({source["source_row_id"] for source in found})
    behind = context(connection, report, row_ids)
    value, computed = row.get(figure, made[figure]), made[figure]
    sums = {part: [s[part] for s in found if s[part] is not None] for part in parts}
    return {
        "table": report.name,
        "keys": {key: _plain(row[key]) for key in report.keys},
        "row": {name: _plain(cell) for name, cell in row.items() if name != "figure_row"},
        "figure": figure,
        "value": value,
        "formula": report.figures[figure],
        "computed": computed,
        "agrees": abs((value or 0) - (computed or 0)) <= TOLERANCE * max(1, abs(value or 0)),
        "note": report.notes.get(figure),
        "parts": {part: {"sum": sum(adds), "rows": len(adds)} for part, adds in sums.items()},
        "sources": [
            {
                "source_row_id": source["source_row_id"],
                "label": source["label"],
                "adds": {part: source[part] for part in parts if source[part] is not None},
                **_stated(report, source, parts, behind),
            }
            for source in found
        ],
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


def context(
    connection: duckdb.DuckDBPyConnection, report: Report, row_ids: list[str]
) -> dict[str, dict[str, Rows]]:
    """Collect what is known of source rows: cells, company rows, other rows of the round, rates."""
    companies = query(
        connection,
        """
        select statements.source_row_id, companies.source_row_id as company_row_id
        from audit.statements
        inner join marts.fct_funding_rounds as rounds on rounds.round_id = statements.entity_id
        inner join marts.dim_companies as companies using (company_id)
        where statements.source_row_id in (select unnest(?)) and companies.source_row_id is not null
        """,
        [row_ids],
    )
    others = query(
        connection,
        """
        select own.source_row_id, other.source_row_id as other_row_id, other.part
        from audit.statements as own
        inner join audit.statements as other
          on other.entity = own.entity and other.entity_id = own.entity_id
          and other.source_row_id <> own.source_row_id
        where own.tells_it and own.entity = 'round' and own.source_row_id in (select unnest(?))
        order by 1, 2
        """,
        [row_ids],
    )
    rates = query(
        connection,
        """
        select * from audit.rates_used
        where source_row_id in (select unnest(?)) order by column_name
        """,
        [row_ids],
    )
    wanted = {
        *row_ids,
        *(line["company_row_id"] for line in companies if report.because),
        *(line["other_row_id"] for line in others),
        *(line[side] for line in rates for side in ("rate_row_id", "usd_rate_row_id")),
    }
    cells = query(
        connection,
        """
        select source_row_id, file, sheet, row_number, column_name, column_letter, header, cell_text
        from audit.source_cells where is_mapped and source_row_id in (select unnest(?))
        """,
        [sorted(wanted)],
    )
    found = {"companies": companies, "others": others, "rates": rates, "cells": cells}
    return {name: _by_row(lines) for name, lines in found.items()}


def _by_row(lines: Iterable[dict[str, Any]]) -> dict[str, Rows]:
    grouped = defaultdict(list)
    for line in lines:
        grouped[line["source_row_id"]].append(line)
    return grouped


def _stated(
    report: Report, source: dict[str, Any], parts: list[str], behind: dict[str, dict[str, Rows]]
) -> dict[str, Any]:
    row_id = source["source_row_id"]
    cells = behind["cells"]
    columns = [report.cell_of(part) for part in parts if source[part] is not None]
    own = {cell["column_name"]: cell for cell in cells[row_id]}
    where = next(iter(own.values()), {"file": None, "sheet": None, "row_number": None})
    url = own.get("source_url") or own.get("url")
    return {
        **{fact: where[fact] for fact in ("file", "sheet", "row_number")},
        "cells": _chosen(cells[row_id], dict.fromkeys([*columns, *report.shows])),
        "source_url": url and url["cell_text"],
        "because": [
            cell
            for line in behind["companies"][row_id]
            for cell in _chosen(cells[line["company_row_id"]], report.because)
        ],
        "rates": [
            _rate(rate, cells) for rate in behind["rates"][row_id] if rate["column_name"] in columns
        ],
        "also": [
            {
                "source_row_id": line["other_row_id"],
                "part": line["part"],
                "cells": _chosen(
                    cells[line["other_row_id"]], dict.fromkeys([*columns, *report.shows])
                ),
            }
            for line in behind["others"][row_id]
        ],
    }


def _chosen(cells: Rows, columns: Iterable[str]) -> list[dict[str, Any]]:
    """Return the cells of some columns, in the columns' order, with their address."""
    by_name = {cell["column_name"]: cell for cell in cells}
    return [_cell(by_name[column]) for column in columns if column in by_name]


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    letter = cell["column_letter"]
    address = f"{letter}{cell['row_number']}" if letter else None
    facts = ("file", "sheet", "row_number", "column_name", "header")
    return {"address": address, "text": cell["cell_text"], **{fact: cell[fact] for fact in facts}}


def _rate(rate: dict[str, Any], cells: dict[str, Rows]) -> dict[str, Any]:
    sides = dict.fromkeys((rate["rate_row_id"], rate["usd_rate_row_id"]))
    return {
        "currency": rate["currency"],
        "rate_date": _plain(rate["rate_date"]),
        "usd_per_unit": rate["usd_per_unit"],
        "cells": [cell for side in sides for cell in _chosen(cells[side], ["units_per_eur"])],
    }


def find(
    connection: duckdb.DuckDBPyConnection, report: Report, given: dict[str, str], figure: str | None
) -> list[dict[str, Any]]:
    """Return the traces of the one row that the given keys choose.

    That is of the named figure, else of the main figure of a report, or of all figures of an
    entity. Raises NotFoundError when the keys don't choose one row, or there is no such figure.
    """
    condition = row_selection.condition(report, given)
    row_selection.need_one(connection, report, chosen_rows(connection, report, condition), given)
    if figure and figure not in report.figures:
        raise row_selection.NotFoundError(
            f"{report.name} has no figure {figure}; it has {', '.join(report.figures)}."
        )
    entities = [name for name, _ in row_selection.ENTITIES.values()]
    figures = list(report.figures) if report.name in entities else list(report.figures)[:1]
    return [
        trace(connection, report, condition, name) for name in ([figure] if figure else figures)
    ]
