"""The served file describes itself: `audit.data_dictionary` and `audit.lineage`.

Belongs here: units, tests and keys of each column, writing the two tables into the candidate, and
what the next build need not find again.
Not here: where descriptions are written (the dbt project) and how lineage is found (`columns`).
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from orchestration import files
from orchestration.config import Home
from orchestration.lineage import columns
from orchestration.lineage.edges import UNRESOLVED, ColumnPath, Edge
from orchestration.publication import provenance
from orchestration.publication.contents import query, quoted
from orchestration.sources.kinds import Kind

# The naming grammar: the first pattern that a column's name holds, with a type, gives its unit.
# A number that none of them fits has no unit, and a test says so.
_NUMBER = "DOUBLE|INTEGER|BIGINT|HUGEINT|SMALLINT|FLOAT|DECIMAL.*"
UNITS = (
    ("_month$", "DATE", "date, the last day of the month"),
    ("^(month|quarter)_start$", "DATE", "date, the first day of the period"),
    ("", "DATE", "date"),
    ("", "TIMESTAMP.*", "time, UTC"),
    ("", "BOOLEAN", "true or false"),
    ("(^|_)(share|coverage|tolerance)(_|$)", _NUMBER, "fraction, 0 to 1"),
    ("_usd$", _NUMBER, "US dollars"),
    ("^usd_per_unit$", _NUMBER, "US dollars for one unit of the currency"),
    ("^gini$", _NUMBER, "index, 0 to 1"),
    ("^hhi$", _NUMBER, "points, 0 to 10,000"),
    ("_(ratio|multiple)$|^times_", _NUMBER, "ratio, 1 where both are equal"),
    ("_per_day", _NUMBER, "models a day"),
    ("_bn$", _NUMBER, "billions"),
    ("^days_|_days$", _NUMBER, "days"),
    ("months_", _NUMBER, "months"),
    ("_years?$", _NUMBER, "calendar year"),
    ("_bytes$", _NUMBER, "bytes"),
    ("^rank_", _NUMBER, "rank, 1 for the first"),
    ("(^|_)(row|position)(_number)?$", _NUMBER, "position, from 1"),
    ("^score$", _NUMBER, "as the benchmark counts"),
    ("_value(_high)?$", _NUMBER, "as the column unit or measure says"),
    ("^(stated|computed|difference)$", _NUMBER, "rows, or money in the column currency"),
    ("^effective_companies$", _NUMBER, "companies of equal size"),
    # Things that are counted: a plural, also within a name ("models_to_date").
    ("s(_|$)|^max_.*in_day", "INTEGER|BIGINT|HUGEINT", "count"),
    ("_(to_date|count)$", "INTEGER|BIGINT", "count"),
)


def unit(column: str, data_type: str) -> str | None:
    """Return the unit that the name and type of a column promise; None for text."""
    for pattern, types, name in UNITS:
        if re.fullmatch(types, data_type) and re.search(pattern, column):
            return name
    return None


def write(home: Home, manifest_path: Path, kinds: Iterable[Kind]) -> dict[str, int]:
    """Write both tables into the candidate; return how many columns and edges they hold.

    Reads dbt's manifest and the compiled SQL in the results of its last build. The tables' own
    columns and descriptions are those of the dbt source `written`.
    """
    manifest = json.loads(manifest_path.read_text())
    results = json.loads(home.audit_results.read_text())["results"]
    compiled = {result["unique_id"]: result.get("compiled_code") or "" for result in results}
    with duckdb.connect(str(home.work)) as connection:
        connection.execute(f"attach {quoted(home.candidate)} as candidate")
        for table in ("data_dictionary", "lineage"):
            create_table(connection, manifest, table)
        edges = sorted(set(_edges(home, connection, manifest, compiled, kinds)), key=str)
        described = list(_column_rows(connection, manifest, edges))
        for table, rows in (("data_dictionary", described), ("lineage", map(_edge_row, edges))):
            written = pa.Table.from_pylist(list(rows))  # noqa: F841 - the statement reads it
            connection.execute(f"insert into candidate.audit.{table} by name from written")
    unresolved = sum(edge.transformation == UNRESOLVED for edge in edges)
    return {"columns": len(described), "edges": len(edges), "columns of unknown origin": unresolved}


def create_table(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], name: str
) -> None:
    """Create an empty table of the dbt source `written`, with its types and comments."""
    table = manifest["sources"][f"source.genai_ledger.written.{name}"]
    types = ", ".join(f"{c['name']} {c['data_type']}" for c in table["columns"].values())
    path = f"candidate.audit.{name}"
    connection.execute(f"create or replace table {path} ({types})")
    comments = {f"column {path}.{c['name']}": c["description"] for c in table["columns"].values()}
    for thing, text in {f"table {path}": table["description"], **comments}.items():
        connection.execute(f"comment on {thing} is {quoted(text)}")


def _edges(
    home: Home,
    connection: duckdb.DuckDBPyConnection,
    manifest: Mapping[str, Any],
    compiled: Mapping[str, str],
    kinds: Iterable[Kind],
) -> Iterator[Edge]:
    landed = query(
        connection,
        "select distinct kind, file, columns_read from candidate.audit.source_files "
        "where columns_read is not null",
    )
    yield from columns.of_landing(kinds, landed)
    catalogue: columns.Catalogue = {}
    for database, schema, table, column, type_ in connection.execute(
        "select database_name, schema_name, table_name, column_name, data_type "
        "from duckdb_columns() where not internal"
    ).fetchall():
        tables = catalogue.setdefault(database, {}).setdefault(schema, {})
        tables.setdefault(table, {})[column] = type_
    # Most of a build's models have the SQL that they had before: following it takes a second.
    made_of = provenance.key("dictionary", catalogue)
    known = _read_known(home, made_of)
    yield from columns.of_dbt(manifest, compiled, catalogue, known)
    with files.replacing(home.model_edges) as partial:
        partial.write_text(json.dumps([made_of, known]))


def _read_known(home: Home, made_of: str) -> columns.ModelEdges:
    """Return what an earlier build has found of the same tables, by the same code."""
    # A damaged file is none: all is followed again.
    with contextlib.suppress(OSError, ValueError):
        of, known = json.loads(home.model_edges.read_text())
        if of == made_of:
            return {name: (sql, list(map(_edge, edges))) for name, (sql, edges) in known.items()}
    return {}


def _edge(written: Sequence[Any]) -> Edge:
    upstream, downstream, transformation = written
    return Edge(upstream and ColumnPath(*upstream), ColumnPath(*downstream), transformation)


def _edge_row(edge: Edge) -> dict[str, Any]:
    upstream = edge.upstream._asdict() if edge.upstream else {}
    return {
        "level": "column" if edge.downstream.column else "table",
        **{f"upstream_{part}": upstream.get(part) for part in ColumnPath._fields},
        **{f"downstream_{part}": name for part, name in edge.downstream._asdict().items()},
        "transformation": edge.transformation,
    }


def _column_rows(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], edges: Iterable[Edge]
) -> Iterator[dict[str, Any]]:
    upstream = columns.by_column(edges)
    origins = columns.origins(upstream)
    tests = _promises(manifest)
    for schema, table, column, position, type_, nullable, comment in connection.execute(
        "select schema_name, table_name, column_name, column_index, data_type, is_nullable, "
        "comment from duckdb_columns() where not internal and database_name = 'candidate' "
        "order by 1, 2, 4"
    ).fetchall():
        path = ColumnPath(schema, table, column)
        in_words = tests.words.get(path, []) + ([] if nullable else ["not null"])
        origin = origins.get(path, frozenset())
        yield {
            "table_schema": schema,
            "table_name": table,
            "column_name": column,
            "column_position": position,
            "data_type": type_,
            "unit": unit(column, type_),
            "description": comment,
            "is_key": path in tests.keys,
            "refers_to": _joined([tests.references.get(path)]),
            "tests": "; ".join(sorted(in_words)) or None,
            "upstream": _joined(edge.upstream for edge in upstream.get(path, ())),
            "origin": "unknown" if origin is None else _joined(origin),
        }


def _joined(paths: Iterable[ColumnPath | None]) -> str | None:
    texts = {".".join(filter(None, path)) for path in paths if path}
    return ", ".join(sorted(texts)) or None


class Promises(NamedTuple):
    """What tests hold of columns: in words, as keys, and in which column all values stand."""

    words: dict[ColumnPath, list[str]]
    keys: set[ColumnPath]
    references: dict[ColumnPath, ColumnPath]


class Rule(NamedTuple):
    """One thing that a test holds of its table, by the name of dbt's test of it alone."""

    name: str
    columns: list[str]
    arguments: Mapping[str, Any] = {}


def rules(test: Mapping[str, Any]) -> list[Rule]:
    """Return what a test that takes arguments holds: several things, where it is `rows_hold`."""
    name, arguments = test["test_metadata"]["name"], test["test_metadata"]["kwargs"]
    if name != "rows_hold":
        return [Rule(name, [test["column_name"]], arguments)]
    key = arguments["key"]
    return [
        Rule("primary_key" if len(key) == 1 else "unique_together", key),
        *(Rule("unique", [column]) for column in arguments.get("unique", ())),
        *(Rule("not_null", [column]) for column in arguments.get("not_null", ())),
        *(
            Rule("accepted_values", [column], {"values": values})
            for column, values in arguments.get("accepted_values", {}).items()
        ),
        *(
            Rule("is_between", [column], {"low": low, "high": high})
            for column, (low, high) in arguments.get("is_between", {}).items()
        ),
        *(
            Rule("relationships", [column], parent)
            for column, parent in arguments.get("relationships", {}).items()
        ),
    ]


def referred_table(rule: Rule) -> str:
    """Return the table in which all values of a column stand: of `ref('dim_layers')`, the name."""
    return re.sub(r"\W*$", "", rule.arguments["to"]).rpartition("'")[2]


def _promises(manifest: Mapping[str, Any]) -> Promises:
    """Read the tests. Of what is tested to be unique, a table's key is what stands first in it."""
    nodes = {**manifest["nodes"], **manifest["sources"]}
    by_name = {node["name"]: node for node in nodes.values()}
    words: dict[ColumnPath, list[str]] = {}
    keys: dict[str, list[tuple[int, ColumnPath]]] = {}
    references = {}
    for test in (node for node in nodes.values() if node["resource_type"] == "test"):
        if "test_metadata" not in test:
            # A test in a file of its own counts for the columns of its tables that its SQL names.
            for node in (nodes[name] for name in test["depends_on"]["nodes"]):
                for column in _columns(node, node["columns"]):
                    if re.search(rf"\b{column.column}\b", test["raw_code"]):
                        words.setdefault(column, []).append(test["name"])
            continue
        node = nodes[test["attached_node"]]
        for rule in rules(test):
            tested = _columns(node, rule.columns)
            if rule.name in ("primary_key", "unique", "unique_together"):
                in_order = _columns(node, node["columns"])
                key = sorted((in_order.index(column), column) for column in tested)
                keys[node["name"]] = min(keys.get(node["name"], key), key)
            if rule.name == "relationships":
                to = by_name[referred_table(rule)]
                references[tested[0]] = _columns(to, [rule.arguments["field"]])[0]
            for column in tested:
                words.setdefault(column, []).append(_in_words(rule, references.get(column)))
    return Promises(words, {column for key in keys.values() for _, column in key}, references)


def _columns(node: Mapping[str, Any], names: Iterable[str]) -> list[ColumnPath]:
    return [ColumnPath(node["schema"], node["name"], name) for name in names]


def _in_words(rule: Rule, to: ColumnPath | None) -> str:
    if rule.name == "accepted_values":
        return "one of " + ", ".join(map(str, rule.arguments["values"]))
    if rule.name == "is_between":
        return f"between {rule.arguments['low']:,} and {rule.arguments['high']:,}"
    if rule.name == "unique_together":
        return "unique together: " + ", ".join(rule.columns)
    if rule.name == "relationships" and to:
        return f"stands in {to.table}.{to.column}"
    return rule.name.replace("_", " ")
