"""The served file read by DuckDB clients from 1.0 on, each installed in a folder of its own.

    python -m benchmarks.resilience.clients

Each reads every row of every table and every comment; all must read the same. Installing them
needs the network once.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from orchestration import config

CLIENTS = ("1.0.0", "1.1.3", "1.4.4", "1.5.6", "2.0.0")
READING = """
import hashlib, json, sys
sys.path.insert(0, sys.argv[2])
import duckdb
served = duckdb.connect(sys.argv[1], read_only=True)
tables = served.execute(
    "select schema_name || '.' || table_name from duckdb_tables() where not internal order by 1"
).fetchall()
read = {}
for (table,) in tables:
    rows = sorted(str(row) for row in served.execute(f"select * from {table}").fetchall())
    read[table] = [len(rows), hashlib.sha256("\\n".join(rows).encode()).hexdigest()]
comments = served.execute(
    "select schema_name, table_name, column_name, comment from duckdb_columns() where not internal "
    "union all select schema_name, table_name, '', comment from duckdb_tables() where not internal "
    "order by all"
).fetchall()
assert all(comment for *_, comment in comments)
print(json.dumps({"version": duckdb.__version__, "tables": read, "comments": comments}))
"""


def installed(version: str) -> Path:
    """Return the folder that holds a client, after installing it there if it doesn't."""
    folder = Path(sys.prefix) / "clients" / f"duckdb-{version}"
    if not folder.exists():
        command = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        command += ["--no-deps", "--target", str(folder), f"duckdb=={version}"]
        subprocess.run(command, check=True)
    return folder


def main() -> None:
    """Read with each client, and compare."""
    first = None
    for version in CLIENTS:
        # Isolated, and without this environment's packages: only the client's folder is added.
        command = [sys.executable, "-I", "-S", "-c", READING]
        command += [str(config.home().served), str(installed(version))]
        read = json.loads(
            subprocess.run(command, check=True, capture_output=True, text=True).stdout
        )
        assert read.pop("version") == version
        first = first or read
        assert read == first, f"duckdb {version} reads something else"
        rows = sum(rows for rows, _ in read["tables"].values())
        print(
            f"duckdb {version}: {len(read['tables']):,} tables, {rows:,} rows, "
            f"{len(read['comments']):,} comments",
            flush=True,
        )
    print(f"{len(CLIENTS):,} clients read the same from {config.home().served}.")


if __name__ == "__main__":
    main()
