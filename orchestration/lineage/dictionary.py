"""The served file describes itself: `audit.data_dictionary` and `audit.lineage`.

Belongs here: units, tests and keys of each column, and writing the two tables into the candidate.
Not here: where descriptions are written (the dbt project) and how lineage is found (`lineage`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.config import Home
from orchestration.lineage import columns
from orchestration.lineage.columns import Edge, Place
from orchestration.sources.kinds import Kind

# The naming grammar: the first pattern that a column's name holds, with a type, gives its unit.
# A number that none of them fits has no unit, and a test says so.
_NUMBER = "DOUBLE|INTEGER|BIGINT|HUGEINT|SMALLINT|FLOAT|DECIMAL.*"
UNITS = [
    (pattern, re.compile(types), unit)
    for pattern, types, unit in (
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
]


def unit(column: str, data_type: str) -> str | None:
    """Return the unit that the name and type of a column promise; None for text."""
    for pattern, types, name in UNITS:
        if types.fullmatch(data_type) and re.search(pattern, column):
            return name
    return None


def write(place: Home, manifest_path: Path, kinds: Iterable[Kind]) -> dict[str, int]:
    """Write both tables into the candidate; return how many columns and edges they hold.

    Reads dbt's manifest and the compiled SQL in the results of its last build. The tables' own
    columns and descriptions are those of the dbt source `written`.
    """
    manifest = json.loads(manifest_path.read_text())
    built = json.loads(place.audit_results.read_text())["results"]
    compiled = {result["unique_id"]: result.get("compiled_code") or "" for result in built}
    with duckdb.connect(str(place.work)) as connection:
        candidate = str(place.candidate).replace("'", "''")
        connection.execute(f"attach '{candidate}' as candidate")
        for name in ("data_dictionary", "lineage"):
            create_table(connection, manifest, name)
        edges = sorted(set(_edges(connection, manifest, compiled, kinds)), key=str)
        rows = list(_columns(connection, manifest, edges))
        _insert(connection, "data_dictionary", rows)
        _insert(connection, "lineage", [_edge_row(edge) for edge in edges])
    unresolved = sum(edge.transformation == columns.UNRESOLVED for edge in edges)
    return {"columns": len(rows), "edges": len(edges), "columns of unknown origin": unresolved}


def create_table(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], name: str
) -> None:
    """Create an empty table of the dbt source `written`, with its types and comments."""
    table = manifest["sources"][f"source.genai_ledger.written.{name}"]
    columns = table["columns"].values()
    types = ", ".join(f"{column['name']} {column['data_type']}" for column in columns)
    connection.execute(f"create or replace table candidate.audit.{name} ({types})")
    # A comment takes no parameters: quotes are doubled.
    described = [(f"table candidate.audit.{name}", table["description"])] + [
        (f"column candidate.audit.{name}.{column['name']}", column["description"])
        for column in columns
    ]
    for thing, text in described:
        quoted = text.replace("'", "''")
        connection.execute(f"comment on {thing} is '{quoted}'")


def _insert(connection: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]]) -> None:
    """Fill a table; a row has a value for each of its columns, by name."""
    written = pa.Table.from_pylist(rows)  # noqa: F841 - read by name in the statement
    connection.execute(f"insert into candidate.audit.{name} by name from written order by all")


def _edges(
    connection: duckdb.DuckDBPyConnection,
    manifest: Mapping[str, Any],
    compiled: Mapping[str, str],
    kinds: Iterable[Kind],
) -> Iterator[Edge]:
    catalogue: columns.Catalogue = {}
    for database, schema, table, column, type_ in connection.execute(
        "select database_name, schema_name, table_name, column_name, data_type "
        "from duckdb_columns() where not internal"
    ).fetchall():
        tables = catalogue.setdefault(database, {}).setdefault(schema, {})
        tables.setdefault(table, {})[column] = type_
    files = connection.execute(
        "select distinct kind, file, columns_read from candidate.audit.source_files "
        "where columns_read is not null"
    ).to_arrow_table()
    yield from columns.of_landing(kinds, files.to_pylist())
    yield from columns.of_tables(manifest)
    yield from columns.of_seeds(manifest, catalogue)
    yield from columns.of_models(manifest, compiled, catalogue)


def _edge_row(edge: Edge) -> dict[str, Any]:
    upstream = edge.upstream or Place("", "")
    return {
        "level": "column" if edge.downstream.column else "table",
        "upstream_schema": upstream.schema or None,
        "upstream_table": upstream.table or None,
        "upstream_column": upstream.column,
        "downstream_schema": edge.downstream.schema,
        "downstream_table": edge.downstream.table,
        "downstream_column": edge.downstream.column,
        "transformation": edge.transformation,
    }


def _columns(
    connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any], edges: Iterable[Edge]
) -> Iterator[dict[str, Any]]:
    origins = columns.origins(edges)
    upstream: dict[Place, set[Place]] = {}
    for edge in edges:
        if edge.upstream and edge.downstream.column:
            upstream.setdefault(edge.downstream, set()).add(edge.upstream)
    tests, keys, references = _tests(manifest), _keys(manifest), _references(manifest)
    for schema, table, column, position, type_, nullable, comment in connection.execute(
        "select schema_name, table_name, column_name, column_index, data_type, is_nullable, "
        "comment from duckdb_columns() where not internal and database_name = 'candidate' "
        "order by 1, 2, 4"
    ).fetchall():
        place = Place(schema, table, column)
        own_tests = tests.get(place, []) + ([] if nullable else ["not null"])
        back = origins.get(place, frozenset())
        yield {
            "table_schema": schema,
            "table_name": table,
            "column_name": column,
            "column_position": position,
            "data_type": type_,
            "unit": unit(column, type_),
            "description": comment,
            "is_key": place in keys,
            "refers_to": _listed([references[place]]) if place in references else None,
            "tests": "; ".join(sorted(own_tests)) or None,
            "upstream": _listed(upstream.get(place, ())),
            "origin": "unknown" if back is None else _listed(back),
        }


def _listed(places: Iterable[Place]) -> str | None:
    return ", ".join(sorted(".".join(filter(None, place)) for place in places)) or None


def _generic_tests(
    manifest: Mapping[str, Any],
) -> Iterator[tuple[str, Mapping[str, Any], list[Place]]]:
    """Yield the name, the node and the tested columns of each test that is named in YAML."""
    for test in manifest["nodes"].values():
        if "test_metadata" in test:
            node = manifest["nodes"][test["attached_node"]]
            columns = test["test_metadata"]["kwargs"].get("columns") or [test["column_name"]]
            places = [Place(node["schema"], node["name"], column) for column in columns]
            yield test["test_metadata"]["name"], test, places


def _keys(manifest: Mapping[str, Any]) -> set[Place]:
    """Return each table's key: of what is tested to be unique the columns that stand first."""
    order = {
        Place(node["schema"], node["name"], column): position
        for node in manifest["nodes"].values()
        for position, column in enumerate(node.get("columns", ()))
    }
    keys: dict[str, list[Place]] = {}
    for name, test, places in _generic_tests(manifest):
        if name in ("unique", "unique_together"):
            table = test["attached_node"]
            keys[table] = min(
                keys.get(table, places), places, key=lambda key: min(order[c] for c in key)
            )
    return {place for key in keys.values() for place in key}


def _references(manifest: Mapping[str, Any]) -> dict[Place, Place]:
    """Return for each column the one in which all its values are tested to stand."""
    schemas = {node["name"]: node["schema"] for node in manifest["nodes"].values()}
    references = {}
    for name, test, (place, *_) in _generic_tests(manifest):
        if name == "relationships":
            to, field = test["refs"][0]["name"], test["test_metadata"]["kwargs"]["field"]
            references[place] = Place(schemas[to], to, field)
    return references


def _tests(manifest: Mapping[str, Any]) -> dict[Place, list[str]]:
    """Return for each column its tests, in words.

    A test in a file of its own counts for the columns of its tables that its SQL names.
    """
    found: dict[Place, list[str]] = {}
    for name, test, places in _generic_tests(manifest):
        for place in places:
            found.setdefault(place, []).append(_in_words(name, test))
    nodes = {**manifest["nodes"], **manifest["sources"]}
    for test in manifest["nodes"].values():
        if test["resource_type"] != "test" or "test_metadata" in test:
            continue
        for node in (nodes[name] for name in test["depends_on"]["nodes"]):
            for column in node["columns"]:
                if re.search(rf"\b{column}\b", test["raw_code"]):
                    place = Place(node["schema"], node["name"], column)
                    found.setdefault(place, []).append(test["name"])
    return found


def _in_words(name: str, test: Mapping[str, Any]) -> str:
    given = test["test_metadata"]["kwargs"]
    if name == "accepted_values":
        return "one of " + ", ".join(map(str, given["values"]))
    if name == "is_between":
        return f"between {given['low']:,} and {given['high']:,}"
    if name == "unique_together":
        return "unique together: " + ", ".join(given["columns"])
    if name == "relationships":
        return f"stands in {test['refs'][0]['name']}.{given['field']}"
    return name.replace("_", " ")
