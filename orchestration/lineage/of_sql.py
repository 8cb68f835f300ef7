"""Which column is made of which, as the SQL of a model says.

Belongs here: all that knows sqlglot. Not here: what is no SQL (`columns`). Nothing is guessed: a
column whose SQL can't be followed has one edge, `unresolved`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import Schema, ensure_schema

from orchestration.lineage.edges import UNRESOLVED, ColumnPath, Edge

DIALECT = "duckdb"


def schema(catalogue: dict[str, Any]) -> Schema:
    """Return what tables there are: the type of each column by database, schema and table."""
    return ensure_schema(catalogue, dialect=DIALECT)


def of_model(table: ColumnPath, columns: Iterable[str], sql: str, schema: Schema) -> Iterator[Edge]:
    """Yield the edges that lead to each column of a table, which is made by a query."""
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
