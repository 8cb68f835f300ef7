"""What a database file holds: its rows, and numbers that tell whether two files say the same.

Belongs here: opening a file alone or beside others, reading rows, counting and hashing tables. Not
here: what a version is (`publication`, `versions`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from orchestration import files

PUBLICATIONS = "audit.publications"
_LOWER_HALF = (1 << 64) - 1  # of the 128 bits of an MD5
_MAGIC, _MAGIC_END = b"DUCK", 12  # where the first bytes of DuckDB's files end

Rows = list[dict[str, Any]]


def open_database(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a database file for reading. Raises duckdb.Error, also for what is no such file.

    A pipe would be waited for, and of SQLite's files DuckDB wants an extension from the network.
    """
    _check_is_database(path)
    return duckdb.connect(str(path), read_only=True)


def attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Open a database file beside those that a connection has open already, for reading."""
    _check_is_database(path)
    connection.execute(f"attach {quoted(path)} as {name} (read_only)")


def _check_is_database(path: Path) -> None:
    begins = b""
    if files.is_file(path):
        with path.open("rb") as file:
            begins = file.read(_MAGIC_END)
    if not begins.endswith(_MAGIC):
        raise duckdb.IOException(f"{path} is no file of DuckDB's")


def quoted(text: object) -> str:
    """Return a text as SQL writes it, for a statement that takes no parameters."""
    return "'" + str(text).replace("'", "''") + "'"


def query(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Sequence[object] | Mapping[str, object] = (),
) -> Rows:
    """Return what a query finds, a dictionary a row."""
    rows: Rows = connection.execute(sql, parameters).to_arrow_table().to_pylist()
    return rows


def contents(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """Return the number of rows and a hash of the content of each table but `audit.publications`.

    The hash is the same whatever the order of the rows: of each row's MD5 the halves are added up.
    A view holds nothing of its own.
    """
    columns: dict[str, list[tuple[str, str]]] = {}
    described = (
        "select schema_name || '.' || table_name, column_name, data_type "
        "from duckdb_columns() semi join duckdb_tables() using (database_oid, table_oid) "
        "where not internal order by 1, column_index"
    )
    for table, column, kind in connection.execute(described).fetchall():
        columns.setdefault(table, []).append((column, kind))
    columns.pop(PUBLICATIONS, None)
    found = {}
    for table, types in columns.items():
        rows, *sums = connection.execute(
            "select count(*), sum(cast(n >> 64 as ubigint)), "  # noqa: S608
            f"sum(cast(n & {_LOWER_HALF}::uhugeint as ubigint)) "
            f"from (select md5_number({row_text(types)}) as n from {table})"
        ).fetchall()[0]
        digest = hashlib.sha256(str((types, rows, sums)).encode()).hexdigest()
        found[table] = {"rows": rows, "content_hash": digest}
    return found


def damage(error: duckdb.Error) -> str:
    """Return in a sentence what an error says of a published file that is read."""
    told = str(error).splitlines()[0]
    if isinstance(error, duckdb.CatalogException | duckdb.BinderException):
        return f"The file was built by another version of this program ({told}): run `make`."
    return (
        f"The file is damaged ({told}); `genai-ledger build` puts a whole one in its place, "
        "`genai-ledger rollback VERSION` an older one."
    )


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
