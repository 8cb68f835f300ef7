"""Apache Spark in the place of DuckDB as dbt's engine, for data that outgrow one machine.

Belongs here: what Spark needs, and reading its tables back into the two DuckDB files that a build
leaves, so that all that follows is the same. Not here: which engine builds (`config.engine`),
and how a session is set up (`dbt_project/profiles.yml`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

from orchestration.config import Home, LedgerError
from orchestration.dbt import run_dbt
from orchestration.publication.contents import quoted

_JAVA = 17  # the oldest that Spark 4 runs on
_ONE_MACHINE = Path(__file__).parent.parent / "spark_settings"


def prepare_spark() -> None:
    """Give Spark the settings for one machine, unless the environment names others.

    Raises LedgerError, which says what to install, where Spark or its Java is missing.
    """
    if not (find_spec("pyspark") and find_spec("dbt.adapters.spark")):
        raise LedgerError(
            "Spark is not installed here: run `make spark`, or `pip install 'genai-ledger[spark]'`"
        )
    java = shutil.which("java")
    command = [java, "-version"] if java else ["true"]
    told = subprocess.run(command, check=False, capture_output=True, text=True).stderr
    version = re.search(r'version "(\d+)', told)
    if not version or int(version[1]) < _JAVA:
        raise LedgerError(
            f"Spark needs Java {_JAVA} or newer, and here is {version[1] if version else 'none'}: "
            "install it (on Debian `apt install openjdk-17-jre-headless`)"
        )
    if "SPARK_HOME" not in os.environ:
        os.environ.setdefault("SPARK_CONF_DIR", str(_ONE_MACHINE))


def read_back(home: Home, target: Path) -> None:
    """Make the DuckDB files of what Spark has built, and tell lineage the SQL in DuckDB's words.

    `target` is the folder in which dbt left its results.
    """
    manifest = json.loads(home.manifest.read_text())
    for path in (home.work, home.candidate):
        path.unlink(missing_ok=True)
    settings: dict[str, Any] = {"storage_compatibility_version": "v1.0.0"}
    duckdb.connect(str(home.candidate), config=settings).close()
    with duckdb.connect(str(home.work), config=settings) as connection:
        connection.execute(f"attach {quoted(home.candidate)} as candidate")
        for node in manifest["nodes"].values():
            if node["resource_type"] in ("model", "seed"):
                _read_table(connection, home, node)
    # Views are DuckDB's own, over what has landed and the tables that were read back.
    folder, views = target / "duckdb", "config.materialized:view"
    run_dbt("run", "--select", views, target=folder, parsed=home.parsed)
    run_dbt("compile", target=folder, parsed=home.parsed)
    _state_compiled(target)


def _read_table(connection: duckdb.DuckDBPyConnection, home: Home, node: Mapping[str, Any]) -> None:
    schema, name = node["schema"], node["name"]
    files = home.spark / "tables" / f"{schema}.db" / name / "*.parquet"
    if node["config"]["materialized"] == "view":
        return
    table = f"{node['database']}.{schema}.{name}"
    connection.execute(f"create schema if not exists {node['database']}.{schema}")
    rows = f"from read_parquet({quoted(files)})"
    if not node["config"]["contract"]["enforced"]:
        connection.execute(f"create table {table} as {rows}")
        return
    columns = node["columns"].values()
    connection.execute(f"create table {table} ({', '.join(map(_definition, columns))})")
    connection.execute(f"insert into {table} by name {rows}")
    for statement in _comments(table, node):
        connection.execute(statement)


def _definition(column: Mapping[str, Any]) -> str:
    filled = any(constraint["type"] == "not_null" for constraint in column["constraints"])
    return f"{column['name']} {column['data_type']}{' not null' if filled else ''}"


def _comments(table: str, node: Mapping[str, Any]) -> Iterator[str]:
    yield f"comment on table {table} is {quoted(node['description'])}"
    for column in node["columns"].values():
        yield f"comment on column {table}.{column['name']} is {quoted(column['description'])}"


def _state_compiled(target: Path) -> None:
    """Put each model's SQL as DuckDB has it into dbt's results, which lineage reads."""
    path, compiled = target / "run_results.json", target / "duckdb" / "run_results.json"
    said, results = (json.loads(file.read_text()) for file in (path, compiled))
    codes = {result["unique_id"]: result["compiled_code"] for result in results["results"]}
    for result in said["results"]:
        result["compiled_code"] = codes.get(result["unique_id"])
    path.write_text(json.dumps(said))
