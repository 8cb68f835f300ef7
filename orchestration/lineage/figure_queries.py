"""The figures of a report, computed anew as the sum of what source rows add to them.

Belongs here: reading `figures.yml` and asking the served file by it. Not here: the cells of the
source rows (`evidence`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import yaml

Rows = list[dict[str, Any]]
_ROW_COLUMNS = ("figure_row", "source_row_id", "label")


class Report(NamedTuple):
    """A report as `figures.yml` describes it; `figures` maps a column to SQL over its parts."""

    name: str
    keys: Sequence[str]
    rows: str
    figures: Mapping[str, str]
    cell: str
    of: str | None = None
    cells: Mapping[str, str] = {}
    shows: Sequence[str] = ()
    because: Sequence[str] = ()
    notes: Mapping[str, str] = {}

    def parts(self, figure: str) -> list[str]:
        """Return the parts that a figure is made of, in the order of its formula."""
        names = re.findall(r"[a-z_]\w*", self.figures[figure])
        return [name for name in dict.fromkeys(names) if name != "coalesce"]

    def cell_of(self, part: str) -> str:
        """Return the column of the raw row that states what the row adds to a part."""
        return self.cells.get(part, self.cell)


class Condition(NamedTuple):
    """Which rows of a report are asked for: SQL with a `?` for each parameter."""

    sql: str = "true"
    parameters: Sequence[object] = ()


@cache
def _document() -> dict[str, Any]:
    text = Path(__file__).with_name("figures.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


@cache
def reports() -> dict[str, Report]:
    """Return every report that can be traced, by name."""
    return {name: Report(name, **facts) for name, facts in _document()["reports"].items()}


def query(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] = ()
) -> Rows:
    """Return what the served file answers, a dictionary a row."""
    answer = connection.execute(sql, parameters)
    names = [column[0] for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def chosen_rows(
    connection: duckdb.DuckDBPyConnection, report: Report, condition: Condition
) -> Rows:
    """Return the rows of a report that a condition chooses, each with its `figure_row`."""
    select = "from chosen order by figure_row"
    return query(connection, _sql(report, condition, select), condition.parameters)


def source_rows(
    connection: duckdb.DuckDBPyConnection, report: Report, condition: Condition
) -> Rows:
    """Return what makes the chosen rows: figure_row, source_row_id, label and a column a part."""
    select = "from population order by figure_row, label, source_row_id"
    return query(connection, _sql(report, condition, select), condition.parameters)


def recomputed(connection: duckdb.DuckDBPyConnection, report: Report, condition: Condition) -> Rows:
    """Return the figures of the chosen rows as the source rows make them, with figure_row.

    A part that no source row adds to is null, as is what is divided by it.
    """
    with_parts = _sql(report, condition, "from population limit 0")
    described = connection.execute(with_parts, condition.parameters).description or []
    parts = [column[0] for column in described if column[0] not in _ROW_COLUMNS]
    sums = ", ".join(f"sum({part}) as {part}" for part in parts)
    figures = ", ".join(f"{formula} as {name}" for name, formula in report.figures.items())
    asked = "(select figure_row from chosen) as asked left join population using (figure_row)"
    summed = f"select figure_row, {sums} from {asked} group by figure_row"  # noqa: S608
    select = f"select figure_row, {figures} from ({summed}) as summed order by 1"  # noqa: S608
    return query(connection, _sql(report, condition, select), condition.parameters)


def _sql(report: Report, condition: Condition, select: str) -> str:
    keys = ", ".join(report.keys)
    table = f"({report.of})" if report.of else f"marts.{report.name}"
    return f"""
        with chosen as materialized (
            select row_number() over (order by {keys}) as figure_row, *
            from {table} where {condition.sql}
        ),
        {_document()["shared"]},
        population as ({report.rows})
        {select}
    """  # noqa: S608 - names and SQL are those of figures.yml, values are parameters
