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
DIALECT = "duckdb"


class ColumnPath(NamedTuple):
    """A column, or the whole table when `column` is None."""

    schema: str
    table: str
    column: str | None = None


class Edge(NamedTuple):
    """`downstream` is made of `upstream`, which is None where nothing or nothing known is."""

    upstream: ColumnPath | None
    downstream: ColumnPath
    transformation: str


ModelEdges = dict[str, tuple[str, list[Edge]]]  # by unique id of a model, its SQL and its edges


def of_landing(kinds: Iterable[Kind], files: Iterable[Mapping[str, Any]]) -> Iterator[Edge]:
    """Yield what landing does: a header's cells become a text column, that its meanings.

    `files` are rows of `audit.source_files`.
    """
    for file in files:
        path, landed = ColumnPath(FILE, file["file"]), ColumnPath("landing", file["kind"])
        yield Edge(path, landed, "read")
        for column, cell in json.loads(file["columns_read"]).items():
            # A column that is made of several others, such as a table turned by 90 degrees, has no
            # header of its own.
            header = path._replace(column=cell["header"])
            yield Edge(header, landed._replace(column=column), "read")
    for kind in kinds:
        for column in kind.columns:
            table = ColumnPath("landing", kind.name)
            # The currency or the unit of an amount may stand in a column beside it.
            for text in filter(None, (column.name, column.currency_in, column.unit_in)):
                for suffix in parsing.FIELDS[column.parse]:
                    meaning = table._replace(column=column.name + suffix)
                    yield Edge(table._replace(column=text), meaning, "parsed")


def of_dbt(
    manifest: Mapping[str, Any],
    compiled: Mapping[str, str],
    catalogue: Catalogue,
    known: ModelEdges,
) -> Iterator[Edge]:
    """Yield what dbt does, between tables and between columns, from seeds' files to the marts.

    `compiled` is the SQL of the models by unique id. SQL that stands in `known`, which is of
    this very catalogue, isn't followed again; what is followed is put there.
    """
    schema = ensure_schema(catalogue, dialect=DIALECT)
    nodes = {**manifest["nodes"], **manifest["sources"]}
    for name, node in manifest["nodes"].items():
        table = ColumnPath(node["schema"], node["name"])
        if node["resource_type"] == "seed":
            file = ColumnPath(FILE, f"dbt_project/{node['original_file_path']}")
            for column in (None, *catalogue[node["database"]][table.schema][table.table]):
                yield Edge(file._replace(column=column), table._replace(column=column), "loaded")
        elif node["resource_type"] == "model":
            for upstream in (nodes[name] for name in node["depends_on"]["nodes"]):
                yield Edge(ColumnPath(upstream["schema"], upstream["name"]), table, "selected")
            columns = catalogue[node["database"]][table.schema][table.table]
            sql = compiled.get(name, "")
            if name not in known or known[name][0] != sql:
                known[name] = sql, list(_of_model(table, columns, sql, schema))
            yield from known[name][1]


def _of_model(
    table: ColumnPath, columns: Iterable[str], sql: str, schema: Schema
) -> Iterator[Edge]:
    try:
        parsed = parse_one(sql, dialect=DIALECT)
        query = qualify(
            parsed, dialect=DIALECT, schema=schema, validate_qualify_columns=False, identify=False
        )
        scope = build_scope(query)
        roots = lineage(
            None, query, schema, dialect=DIALECT, scope=scope, trim_selects=False, copy=False
        )
    except SqlglotError:
        query, roots = exp.Select(), {}
    for column in columns:
        downstream = table._replace(column=column)
        if column in roots:
            yield from _of_column(downstream, roots[column], query)
        else:
            yield Edge(None, downstream, UNRESOLVED)


def _of_column(downstream: ColumnPath, root: Node, query: exp.Expr) -> Iterator[Edge]:
    steps = list(root.walk())
    edges: list[Edge] = []
    for leaf in (step for step in steps if not step.downstream):
        expression = leaf.expression
        if isinstance(expression, exp.Table) and expression.db and "*" not in leaf.name:
            column = leaf.name.rpartition(".")[2]
            upstream = ColumnPath(expression.db, expression.name, column)
            edges.append(Edge(upstream, downstream, _transformation(steps)))
        elif expression.find(exp.Column) or (
            # A function that makes rows of constants, such as generate_series, is no table.
            isinstance(expression, exp.Table) and not isinstance(expression.this, exp.Func)
        ):
            yield Edge(None, downstream, UNRESOLVED)
            return
        elif expression.find(exp.Count):
            edges += [Edge(t, downstream, "counted") for t in _tables_read(leaf.source, query)]
    yield from dict.fromkeys(edges or [Edge(None, downstream, "constant")])


def _transformation(steps: Iterable[Node]) -> str:
    """Return what is done to a value on its way through a model's named steps."""
    selected = [s.expression.unalias() for s in steps if not isinstance(s.expression, exp.Table)]
    if any(expression.find(exp.AggFunc) for expression in selected):
        return "aggregated"
    is_copied = all(isinstance(expression, exp.Column) for expression in selected)
    return "copied" if is_copied else "computed"


def _tables_read(part: exp.Expr, query: exp.Expr) -> set[ColumnPath]:
    """Return the tables whose rows a part of a query counts, through its named steps."""
    named_steps = {step.alias: step.this for step in query.find_all(exp.CTE)}
    waiting, tables = [part], set()
    while waiting:
        for table in waiting.pop().find_all(exp.Table):
            if table.db:
                tables.add(ColumnPath(table.db, table.name))
            elif table.name in named_steps:
                waiting.append(named_steps.pop(table.name))
    return tables


def by_column(edges: Iterable[Edge]) -> dict[ColumnPath, list[Edge]]:
    """Return the edges that lead to each column."""
    upstream: dict[ColumnPath, list[Edge]] = {}
    for edge in edges:
        if edge.downstream.column is not None:
            upstream.setdefault(edge.downstream, []).append(edge)
    return upstream


def origins(
    upstream: Mapping[ColumnPath, Iterable[Edge]],
) -> dict[ColumnPath, frozenset[ColumnPath] | None]:
    """Return the landed or seed columns that each column goes back to, None where that is unknown.

    A column of constants or of counted rows goes back to none, and that is known.
    """

    @functools.cache
    def lead_back(column: ColumnPath) -> frozenset[ColumnPath] | None:
        landed: set[ColumnPath] = set()
        for edge in upstream.get(column, ()):
            if edge.upstream and edge.upstream.schema == FILE:
                return frozenset({column})
            has_column = edge.upstream and edge.upstream.column
            further = lead_back(edge.upstream) if has_column else frozenset()
            if edge.transformation == UNRESOLVED or further is None:
                return None
            landed |= further
        return frozenset(landed if column in upstream else {column})

    return {column: lead_back(column) for column in upstream}
