"""What a database file holds, as numbers that tell whether two files say the same.

Belongs here: counting and hashing tables. Not here: what a version is (`publication`, `versions`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import duckdb

PUBLICATIONS = "audit.publications"


def contents(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Return the number of rows and a hash of the content of each table but `audit.publications`.

    The hash is the same whatever the order of the rows.
    """
    columns: dict[str, list[tuple[str, str]]] = {}
    query = (
        "select schema_name || '.' || table_name, column_name, data_type "
        "from duckdb_columns() where not internal order by 1, column_index"
    )
    for table, column, kind in connection.execute(query).fetchall():
        columns.setdefault(table, []).append((column, kind))
    columns.pop(PUBLICATIONS, None)
    found = {}
    for table, described in columns.items():
        rows, *sums = connection.execute(
            "select count(*), sum(md5_number_lower(line)), sum(md5_number_upper(line)) "  # noqa: S608
            f"from (select {row_text(described)} as line from {table})"
        ).fetchall()[0]
        digest = hashlib.sha256(str((described, rows, sums)).encode()).hexdigest()
        found[table] = {"rows": rows, "content_hash": digest}
    return found


def row_text(columns: Iterable[tuple[str, str]]) -> str:
    """Return SQL that makes one text of columns, given with their types.

    Fractions count to twelve digits: what follows may differ with the order in which threads have
    added up.
    """
    texts = (
        f"printf('%.12g', \"{column}\")" if type_ == "DOUBLE" else f'cast("{column}" as varchar)'
        for column, type_ in columns
    )
    values = ", ".join(f"coalesce({text}, chr(30))" for text in texts)
    return f"concat_ws(chr(31), {values})"
