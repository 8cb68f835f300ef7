"""Rows of two versions' tables: how many were added, removed and changed.

Belongs here: comparing tables by their key, as `audit.data_dictionary` marks it. Not here: which
figures moved (`figures`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from orchestration.lineage.figure_queries import query

# Of each publication something of its own; that tells nothing of the data.
_RECORDS = ("publications", "data_dictionary", "lineage")


def changes(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the tables that differ, each with the rows added, removed and changed.

    Without a known key whole rows are compared: a changed row is then removed and added.
    """
    columns: dict[str, dict[str, dict[str, str]]] = {"old": {}, "new": {}}
    described = query(
        connection,
        "select database_name, schema_name || '.' || table_name as name, column_name, data_type "
        "from duckdb_columns() where schema_name in ('marts', 'audit') order by column_index",
    )
    for line in described:
        table = columns[line["database_name"]].setdefault(line["name"], {})
        table[line["column_name"]] = line["data_type"]
    keys = _keys(connection, columns["new"])
    found: list[dict[str, Any]] = []
    for name in sorted(columns["old"].keys() | columns["new"].keys()):
        if name.partition(".")[2] in _RECORDS:
            continue
        sides = columns["old"].get(name), columns["new"].get(name)
        if sides[0] is None or sides[1] is None:
            is_new = sides[0] is None
            found.append({"table": name, "table_is": "added" if is_new else "removed"})
            continue
        common = {column: kind for column, kind in sides[1].items() if column in sides[0]}
        key = [column for column in keys.get(name, ()) if column in common]
        counts = _counts(connection, name, common, key)
        if any(counts.values()) or sides[0] != sides[1]:
            found.append({"table": name, "key": key, **counts})
    return found


def _keys(
    connection: duckdb.DuckDBPyConnection, tables: dict[str, dict[str, str]]
) -> dict[str, list[str]]:
    if "is_key" not in tables.get("audit.data_dictionary", {}):
        return {}
    marked = query(
        connection,
        "select table_schema || '.' || table_name as name, list(column_name) as key "
        "from new.audit.data_dictionary where is_key group by all",
    )
    return {line["name"]: line["key"] for line in marked}


def _counts(
    connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], key: Sequence[str]
) -> dict[str, int]:
    # Fractions count to twelve digits: what follows may differ with the order of adding up.
    texts = {
        column: f"printf('%.12g', \"{column}\")" if kind == "DOUBLE" else f'"{column}"::varchar'
        for column, kind in columns.items()
    }
    side = """
        select {key} as key, {row} as row, row_number() over (partition by {key}) as n
        from {database}.{name}
    """
    parts = {"key": _text(texts, key or list(texts)), "row": _text(texts, list(texts))}
    old, new = (side.format(database=d, name=name, **parts) for d in ("old", "new"))
    (counts,) = query(
        connection,
        f"""
        select
            count(case when old.key is null then 1 end) as added,
            count(case when new.key is null then 1 end) as removed,
            count(case when old.row <> new.row then 1 end) as changed
        from ({old}) as old full join ({new}) as new on old.key = new.key and old.n = new.n
        """,  # noqa: S608 - names come from the files' catalogues
    )
    return counts


def _text(texts: dict[str, str], columns: Sequence[str]) -> str:
    values = ", ".join(f"coalesce({texts[column]}, chr(30))" for column in columns)
    return f"md5(concat_ws(chr(31), {values}))"
