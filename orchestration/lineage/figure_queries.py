"""Which source rows a figure of a report rests on, and what each adds to it.

Belongs here: what `figures.yml` and the served file's dictionary say of reports, and the queries
that follow from it. Not here: the cells of the source rows (`trace`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import yaml

from orchestration.publication.contents import Rows, query


class Fact(NamedTuple):
    """Rows of the served file that name their source row; see `figures.yml`."""

    rows: str
    sums: Mapping[str, str]
    cells: Sequence[str]
    keys: Mapping[str, str] = {}
    because: Sequence[str] = ()
    group: str | None = None


class Part(NamedTuple):
    """A sum: what a row of a fact adds to it, under conditions, in SQL."""

    fact: Fact
    adds: str
    conditions: Sequence[str]


class Figure(NamedTuple):
    """A figure and the parts it rests on; an index has no formula: it isn't computed anew."""

    formula: str | None
    parts: Sequence[str]
    description: str | None


class Report(NamedTuple):
    """A table whose rows can be asked for, the columns that name a row, and its figures."""

    name: str
    table: str
    keys: Sequence[str]
    figures: Mapping[str, Figure]
    parts: Mapping[str, Part]


class Condition(NamedTuple):
    """Which rows of a report are meant: SQL with a `?` for each parameter."""

    sql: str = "true"
    parameters: Sequence[object] = ()


class SourceRow(NamedTuple):
    """A source row behind a row of a report, and what it adds to one part."""

    figure_row: int
    part: str
    source_row_id: str
    label: str
    group: str | None
    adds: float


@cache
def _document() -> dict[str, Any]:
    text = Path(__file__).with_name("figures.yml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def reports(connection: duckdb.DuckDBPyConnection) -> dict[str, Report]:
    """Return all that can be traced in a served file, by name.

    Raises duckdb.BinderException or CatalogException for a file that is built otherwise.
    """
    facts = {name: Fact(**fact) for name, fact in _document()["facts"].items()}
    for name, fact in facts.items():
        columns = connection.execute(f"{fact.rows} limit 0").description or []
        equal = {column[0]: f"fact.{column[0]} = chosen.{column[0]}" for column in columns}
        facts[name] = fact._replace(keys={**equal, **fact.keys})
    columns_of: dict[str, Rows] = {name: [] for name in _document()["reports"]}
    for column in query(
        connection,
        "select table_name, column_name, description, is_key, data_type in ('DOUBLE', 'INTEGER', "
        "'BIGINT') as is_number from audit.data_dictionary where table_schema = 'marts' "
        "order by table_name, column_position",
    ):
        columns_of.setdefault(column["table_name"], []).append(column)
    return {
        name: _report(name, columns, facts)
        for name, columns in columns_of.items()
        if name.startswith("rpt_") or name in _document()["reports"]
    }


def _report(name: str, columns: Rows, facts: Mapping[str, Fact]) -> Report:
    entry = {"keys": {}, "figures": {}, **_document()["reports"].get(name, {})}
    keys = entry.get("named_by", [column["column_name"] for column in columns if column["is_key"]])
    # The fact that knows most of the keys.
    best = entry.get("fact") or max(facts, key=lambda fact: len(facts[fact].keys.keys() & keys))
    declared = {**facts[best].sums, **entry["figures"]}
    formulas = {n: text for n, text in declared.items() if isinstance(text, str) and " / " in text}
    indices = {n: text for n, text in declared.items() if isinstance(text, list)}
    parts = {}
    for part in [name for name in declared if name not in formulas and name not in indices]:
        given = declared[part] if isinstance(declared[part], dict) else {"adds": declared[part]}
        fact, own_keys = facts[given.get("fact", best)], given.get("keys", {})
        selects = {**fact.keys, **entry["keys"], **own_keys}
        used = [key for key in dict.fromkeys([*keys, *own_keys]) if key != given.get("any")]
        parts[part] = Part(fact, given["adds"], [selects[key] for key in used if key in selects])
    described = {c["column_name"]: c["description"] for c in columns if c["is_number"]}
    if not name.startswith("rpt_"):
        described = dict.fromkeys(entry["figures"] or parts)
    figures = {}
    for figure in [figure for figure in described if figure not in keys]:
        formula = formulas.get(figure, figure if figure in parts else None)
        rests_on = re.findall(r"\w+", formula or "") or indices.get(figure, list(parts)[:1])
        figures[figure] = Figure(formula, [p for p in rests_on if p in parts], described[figure])
    return Report(name, entry.get("table", f"marts.{name}"), keys, figures, parts)


def chosen_rows(
    connection: duckdb.DuckDBPyConnection, report: Report, condition: Condition
) -> Rows:
    """Return the rows of a report that a condition chooses, each with its `figure_row`."""
    sql = f"{_chosen(report, condition)} from chosen order by figure_row"
    return query(connection, sql, condition.parameters)


def source_rows(
    connection: duckdb.DuckDBPyConnection,
    report: Report,
    condition: Condition,
    parts: Iterable[str],
) -> list[SourceRow]:
    """Return what the rows that a condition chooses rest on: a row a source row and part."""
    selects = []
    for name in parts:
        fact, adds, conditions = report.parts[name]
        group = f"fact.{fact.group}" if fact.group else "null"
        counts = " and ".join(f"({condition})" for condition in conditions) or "true"
        selects.append(
            f"select figure_row, '{name}' as part, fact.source_row_id, fact.label, "  # noqa: S608
            f"cast({group} as varchar) as in_group, cast({adds} as double) as adds "
            f"from chosen cross join ({fact.rows}) as fact where {counts}"
        )
    rows = " union all ".join(selects)
    sql = f"{_chosen(report, condition)} from ({rows}) where adds is not null order by all"
    return [SourceRow(*row) for row in connection.execute(sql, condition.parameters).fetchall()]


def _chosen(report: Report, condition: Condition) -> str:
    number = f"row_number() over (order by {', '.join(report.keys)}) as figure_row"
    rows = f"select {number}, * from {report.table} where {condition.sql}"  # noqa: S608
    return f"with chosen as materialized ({rows})"


def computed(
    connection: duckdb.DuckDBPyConnection, formula: str, sums: Mapping[str, float]
) -> float | None:
    """Return a figure as its formula makes it of sums; what is divided by nothing is null."""
    values = ", ".join(f"nullif(cast(? as double), 0) as {part}" for part in sums)
    sql = f"select {formula} from (select {values})"  # noqa: S608 - a formula of figures.yml
    (figure,) = connection.execute(sql, list(sums.values())).fetchall()[0]
    return None if figure is None else float(figure)
