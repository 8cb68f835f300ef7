"""Which column is made of which: from the raw files through landing and dbt to the marts.

Belongs here: the edges of the lineage and what they lead back to. Not here: following a model's
SQL (`of_sql`), and the tables that are written of the edges (`dictionary`). What only chooses rows
(joins, filters) stands among the edges between tables.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestration import parsing
from orchestration.lineage.edges import UNRESOLVED, ColumnPath, Edge
from orchestration.sources.kinds import Kind

# Database, schema, table, column: type.
Catalogue = dict[str, Any]

FILE = "file"  # the schema under which files stand; their table is the path
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
    nodes, schema = {**manifest["nodes"], **manifest["sources"]}, None
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
                # What follows SQL takes half a second to import, of each process of Dagster too.
                from orchestration.lineage import of_sql  # noqa: PLC0415

                schema = schema or of_sql.schema(catalogue)
                known[name] = sql, list(of_sql.of_model(table, columns, sql, schema))
            yield from known[name][1]


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
