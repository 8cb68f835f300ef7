"""Which column is made of which: from the raw files through landing and dbt to the marts.

Belongs here: the edges of the lineage and what they lead back to. Not here: the tables that are
written of them (`dictionary`). Nothing is guessed: a column whose SQL can't be followed has one
edge, `unresolved`. An edge says where a value comes from; what only chooses rows (joins, filters)
stands among the edges between tables.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import Schema, ensure_schema

from orchestration import parsing
from orchestration.sources.kinds import Kind

# Database, schema, table, column: type.
Catalogue = dict[str, Any]

FILE = "file"  # the schema under which files stand; their table is the path
UNRESOLVED = "unresolved"


class Place(NamedTuple):
    """A column, or the whole table when `column` is None."""

    schema: str
    table: str
    column: str | None = None


class Edge(NamedTuple):
    """`downstream` is made of `upstream`, which is None where nothing or nothing known is."""

    upstream: Place | None
    downstream: Place
    transformation: str


def of_landing(kinds: Iterable[Kind], files: Iterable[Mapping[str, Any]]) -> Iterator[Edge]:
    """Yield what landing does: a header's cells become a text column, that its meanings.

    `files` are rows of `audit.source_files`.
    """
    for file in files:
        path, landed = Place(FILE, file["file"]), Place("landing", file["kind"])
        yield Edge(path, landed, "read")
        for column, place in json.loads(file["columns_read"]).items():
            # A column that is made of several others, such as a table turned by 90 degrees, has no
            # header of its own.
            header = path._replace(column=place["header"])
            yield Edge(header, landed._replace(column=column), "read")
    for kind in kinds:
        for column in kind.columns:
            table = Place("landing", kind.name)
            # The currency or the unit of an amount may stand in a column beside it.
            for text in filter(None, (column.name, column.currency_in, column.unit_in)):
                for suffix in parsing.FIELDS[column.parse]:
                    meaning = table._replace(column=column.name + suffix)
                    yield Edge(table._replace(column=text), meaning, "parsed")


def of_tables(manifest: Mapping[str, Any]) -> Iterator[Edge]:
    """Yield an edge a reference between dbt's tables, and one from each seed's file."""
    nodes = {**manifest["nodes"], **manifest["sources"]}
    for node in manifest["nodes"].values():
        table = Place(node["schema"], node["name"])
        if node["resource_type"] == "seed":
            yield Edge(Place(FILE, f"dbt_project/{node['original_file_path']}"), table, "loaded")
        if node["resource_type"] == "model":
            for name in node["depends_on"]["nodes"]:
                yield Edge(Place(nodes[name]["schema"], nodes[name]["name"]), table, "selected")


def of_seeds(manifest: Mapping[str, Any], catalogue: Catalogue) -> Iterator[Edge]:
    """Yield an edge a column of each seed."""
    for node in manifest["nodes"].values():
        if node["resource_type"] == "seed":
            file = Place(FILE, f"dbt_project/{node['original_file_path']}")
            for column in catalogue[node["database"]][node["schema"]][node["name"]]:
                table = Place(node["schema"], node["name"], column)
                yield Edge(file._replace(column=column), table, "loaded")


def of_models(
    manifest: Mapping[str, Any], compiled: Mapping[str, str], catalogue: Catalogue
) -> Iterator[Edge]:
    """Yield the edges of each column of each model; `compiled` is SQL by the model's unique id."""
    schema = ensure_schema(catalogue, dialect="duckdb")
    for name, node in manifest["nodes"].items():
        if node["resource_type"] == "model":
            columns = catalogue[node["database"]][node["schema"]][node["name"]]
            table = Place(node["schema"], node["name"])
            yield from _of_model(table, columns, compiled.get(name, ""), schema)


def _of_model(table: Place, columns: Iterable[str], sql: str, schema: Schema) -> Iterator[Edge]:
    try:
        query = qualify(
            parse_one(sql, dialect="duckdb"),
            dialect="duckdb",
            schema=schema,
            validate_qualify_columns=False,
            identify=False,
        )
        found = lineage(
            None,
            query,
            schema,
            dialect="duckdb",
            scope=build_scope(query),
            trim_selects=False,
            copy=False,
        )
    except SqlglotError:
        query, found = exp.Select(), {}
    for column in columns:
        place = table._replace(column=column)
        if column in found:
            yield from _of_column(place, found[column], query)
        else:
            yield Edge(None, place, UNRESOLVED)


def _of_column(place: Place, node: Node, query: exp.Expr) -> Iterator[Edge]:
    steps = list(node.walk())
    made = [
        step.expression.unalias() for step in steps if not isinstance(step.expression, exp.Table)
    ]
    if any(expression.find(exp.AggFunc) for expression in made):
        transformation = "aggregated"
    elif all(isinstance(expression, exp.Column) for expression in made):
        transformation = "copied"
    else:
        transformation = "computed"
    edges = []
    for leaf in (step for step in steps if not step.downstream):
        expression = leaf.expression
        if isinstance(expression, exp.Table) and expression.db and "*" not in leaf.name:
            column = leaf.name.rpartition(".")[2]
            edges.append(Edge(Place(expression.db, expression.name, column), place, transformation))
        elif expression.find(exp.Column) or (
            # A function that makes rows of constants, such as generate_series, is no table.
            isinstance(expression, exp.Table) and not isinstance(expression.this, exp.Func)
        ):
            yield Edge(None, place, UNRESOLVED)
            return
        elif expression.find(exp.Count):
            edges += [Edge(read, place, "counted") for read in _tables_read(leaf.source, query)]
    yield from dict.fromkeys(edges or [Edge(None, place, "constant")])


def _tables_read(part: exp.Expr, query: exp.Expr) -> set[Place]:
    """Return the tables whose rows a part of a query counts, through its named steps."""
    named = {step.alias: step.this for step in query.find_all(exp.CTE)}
    waiting, seen, tables = [part], set(), set()
    while waiting:
        for table in waiting.pop().find_all(exp.Table):
            if table.db:
                tables.add(Place(table.db, table.name))
            elif table.name in named and table.name not in seen:
                seen.add(table.name)
                waiting.append(named[table.name])
    return tables


def origins(edges: Iterable[Edge]) -> dict[Place, frozenset[Place] | None]:
    """Return the landed or seed columns that each column goes back to, None where that is unknown.

    A column of constants or of counted rows goes back to none, and that is known.
    """
    upstream: dict[Place, list[Edge]] = {}
    for edge in edges:
        if edge.downstream.column is not None:
            upstream.setdefault(edge.downstream, []).append(edge)

    @functools.cache
    def lead_back(place: Place) -> frozenset[Place] | None:
        steps = [
            e for e in upstream.get(place, ()) if not (e.upstream and e.upstream.schema == FILE)
        ]
        if not steps:
            return frozenset({place})
        found: set[Place] = set()
        for step in steps:
            known = step.upstream is not None and step.upstream.column is not None
            further = lead_back(step.upstream) if known else frozenset()
            if step.transformation == UNRESOLVED or further is None:
                return None
            found |= further
        return frozenset(found)

    return {place: lead_back(place) for place in upstream}
