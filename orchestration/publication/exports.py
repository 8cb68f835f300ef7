"""The served tables as Parquet and CSV, for those who have no DuckDB.

Belongs here: which tables are exported, their bytes and the `index.json` that describes them, a
Data Package (datapackage.org, version 1). Not here: the figures, and the downloads of the report's
charts. The same served version gives the same bytes: rows are sorted, and only the index says when.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import fsspec

from orchestration import config, files
from orchestration.config import LedgerError
from orchestration.publication.contents import PUBLICATIONS, quoted

# Of the audit, these stay in DuckDB: one differs with every publication, the other repeats all raw
# files.
LEFT_OUT = ("publications", "source_rows")

# A spreadsheet takes a text that starts so for a formula; an apostrophe makes it text again.
FORMULA_STARTS = "=+-@\t\r"

_TYPES = {
    "VARCHAR": "string",
    "DATE": "date",
    "BOOLEAN": "boolean",
    "DOUBLE": "number",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "HUGEINT": "integer",
    "TIMESTAMP": "datetime",
}

_LICENCE = {
    "name": "Apache-2.0",
    "path": "https://www.apache.org/licenses/LICENSE-2.0",
    "title": "Apache License 2.0; the facts keep the licences of their sources",
}
_ABOUT = """\
The tables of GenAI Ledger's served file, once as CSV and once as Parquet. This file is a Data \
Package: it gives each file's SHA-256, each column's type, unit and meaning, the keys, and the \
sources. The CSV are UTF-8 with commas and lines that end in LF; an empty field is a null or an \
empty text. A text in the CSV that a spreadsheet would take for a formula has an apostrophe in \
front; the Parquet files hold the text as it is. Rows are sorted by all columns, from the first on.\
"""


def write(served: Path, folder: Path) -> int:
    """Export the served file into `folder`, which is replaced as a whole; return its tables.

    Readers find the old folder or the new one, never a part of one. Any folder of that name that
    was there before is gone afterwards.
    """
    # One thread a table: Parquet's row groups are then always cut alike.
    with (
        files.replacing(folder, swap=True) as partial,
        duckdb.connect(str(served), read_only=True, config={"threads": 1}) as connection,
    ):
        resources = _export(connection, partial)
        index = {
            "profile": "data-package",
            "name": "genai-ledger",
            "title": "GenAI Ledger",
            "description": _ABOUT,
            **_edition(connection),
            "licenses": [_LICENCE],
            "sources": _sources(connection),
            "resources": resources,
        }
        text = json.dumps(index, indent=1, ensure_ascii=False)
        (partial / "index.json").write_text(text + "\n", encoding="utf-8")
    return len(resources)


def copy(folder: Path, address: str) -> None:
    """Copy exported files to an object store, the index last: it names only what is there.

    Raises LedgerError when the address isn't understood or doesn't take them.
    """
    scheme, _, path = address.rstrip("/").partition("://")
    if scheme not in config.FSSPEC_PROTOCOLS or not path:
        protocols = ", ".join(config.FSSPEC_PROTOCOLS)
        raise LedgerError(f"{config.EXPORTS_TO} names no folder of {protocols}: s3://bucket/folder")
    exported = (file for file in folder.rglob("*") if file.is_file())
    try:
        system = fsspec.filesystem(scheme)
        for file in sorted(exported, key=lambda file: (file.name == "index.json", file)):
            system.put_file(str(file), f"{path}/{file.relative_to(folder).as_posix()}")
    except ImportError as error:
        raise LedgerError(f"{config.EXPORTS_TO} needs a package: {error}") from None
    except Exception as error:  # each protocol has a library with errors of its own
        raise LedgerError(
            f"exports can't be copied to {address} ({type(error).__name__}); check the address and "
            f"the environment variables of {scheme}"
        ) from None


def _edition(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the package's version and time, those of the served one, and the article's page."""
    version_id, published_at = connection.execute(
        f"select version_id, published_at from {PUBLICATIONS} order by published_at desc limit 1"  # noqa: S608
    ).fetchall()[0]
    # The oldest of the lists of published claims: those that all this was made to check.
    article = connection.execute(
        "select url from audit.source_files where kind = 'claims' "
        "order by snapshot_on, file limit 1"
    ).fetchone()
    return {
        "version": f"{version('genai-ledger')}+{version_id}",
        "created": f"{published_at:%Y-%m-%dT%H:%M:%SZ}",
        **({"homepage": article[0]} if article else {}),
    }


def _export(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[dict[str, Any]]:
    """Write every table of the served file but those left out; return their Data Resources."""
    tables = connection.execute(
        "select schema_name, table_name, comment from duckdb_tables() where not internal "
        "order by schema_name desc, table_name"
    )

    def export(named: tuple[str, str, str]) -> dict[str, Any]:
        schema, table, description = named
        path = folder / schema / table
        path.parent.mkdir(parents=True, exist_ok=True)
        with connection.cursor() as cursor:
            table_schema = _schema(cursor, schema, table)
            texts = [f["name"] for f in table_schema["fields"] if f["type"] == "string"]
            _copy(cursor, f'"{schema}"."{table}"', path, texts)
        return _resource(folder, f"{schema}.{table}", description, table_schema)

    left_out = {("audit", name) for name in LEFT_OUT}
    exported = [named for named in tables.fetchall() if named[:2] not in left_out]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(export, exported))


def _schema(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> dict[str, Any]:
    """Return a Table Schema, with each column's unit beside what the standard knows."""
    columns = connection.execute(
        "select column_name, data_type, unit, description, is_key, refers_to, "
        "'; ' || coalesce(tests, '') || ';' like '%; not null;%' "
        "from audit.data_dictionary where table_schema = ? and table_name = ? "
        "order by column_position",
        [schema, table],
    ).fetchall()
    fields, key, references = [], [], []
    for name, data_type, unit, description, is_key, refers_to, required in columns:
        field = {"name": name, "type": _TYPES[data_type], "description": description}
        field |= {"unit": unit} if unit else {}
        fields.append(field | ({"constraints": {"required": True}} if required else {}))
        if is_key:
            key.append((name, required))
        if refers_to:
            resource, _, column = refers_to.rpartition(".")
            reference = {"resource": resource, "fields": [column]}
            references.append({"fields": [name], "reference": reference})
    # A key may hold no nulls, and in a CSV an empty text is one.
    has_key = key and all(required for _, required in key)
    return {
        "fields": fields,
        **({"primaryKey": [name for name, _ in key]} if has_key else {}),
        **({"foreignKeys": references} if references else {}),
    }


def _copy(connection: duckdb.DuckDBPyConnection, table: str, path: Path, texts: list[str]) -> None:
    """Write one table twice; only the CSV, which spreadsheets open, is guarded against formulas."""
    starts = f"^[{re.escape(FORMULA_STARTS)}]"
    guarded = ", ".join(
        f"""if(regexp_matches("{text}", '{starts}'), '''', '') || "{text}" as "{text}" """
        for text in texts
    )
    rows = f"(from {table} order by all)"
    connection.execute(f"copy {rows} to {quoted(f'{path}.parquet')} (format parquet)")
    # Sorted before the texts are guarded, so that both files hold the rows in one order.
    columns = f"* replace ({guarded})" if guarded else "*"
    csv_rows = f"select {columns} from {rows}"  # noqa: S608 - names of the file's own
    connection.execute(f"copy ({csv_rows}) to {quoted(f'{path}.csv')} (format csv, header)")


def _resource(
    folder: Path, name: str, description: str, table_schema: dict[str, Any]
) -> dict[str, Any]:
    """Return a Data Resource: the CSV, with the Parquet file of the same rows beside it."""

    def file(format_: str) -> dict[str, Any]:
        path = f"{name.replace('.', '/')}.{format_}"
        content = (folder / path).read_bytes()
        hash_ = f"sha256:{hashlib.sha256(content).hexdigest()}"
        return {"path": path, "format": format_, "bytes": len(content), "hash": hash_}

    return {
        "name": name,
        "profile": "tabular-data-resource",
        "description": description,
        **file("csv"),
        "encoding": "utf-8",
        "dialect": {"lineTerminator": "\n"},
        # Of this the standard knows nothing: a reader of Data Packages reads the CSV.
        "parquet": file("parquet"),
        "schema": table_schema,
    }


def _sources(connection: duckdb.DuckDBPyConnection) -> list[dict[str, str]]:
    sources = connection.execute(
        "select distinct title, url, producer, licence from audit.source_files order by all"
    ).fetchall()
    return [
        {"title": title, "path": url, "producer": producer, "licence": licence}
        for title, url, producer, licence in sources
    ]
