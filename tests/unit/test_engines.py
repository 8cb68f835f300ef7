"""The DuckDB engines that pyproject.toml allows write a file that each and an old one open.

Belongs here: the format of the file. `make test` installs the engines apart, as it does clients.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml
from conftest import PROJECT

CLIENTS = Path(sys.prefix) / "clients"
PINNED, OTHER, OLD = duckdb.__version__, "2.0.1", "1.1.3"
# There is none of the other for Python 3.10.
ENGINES = [PINNED, OTHER] if sys.version_info >= (3, 11) else [PINNED]
# As dbt writes: a connection to its own file with the options of profiles.yml, another attached.
WRITE = """
import json, sys
import duckdb
assert duckdb.__version__ == sys.argv[1], duckdb.__version__
with duckdb.connect(sys.argv[2], config=json.loads(sys.argv[4])) as connection:
    connection.execute(f"attach '{sys.argv[3]}' as candidate")
    connection.execute("create schema candidate.marts")
    connection.execute(
        "create table candidate.marts.t as select range::int as id, 'x' || range as name, "
        "date '2023-06-30' as day, range / 3 as share, [range] as list from range(10_000)"
    )
    connection.execute("comment on table candidate.marts.t is 'a table'")
    connection.execute("comment on column candidate.marts.t.share is 'a share'")
    connection.execute("checkpoint candidate")
"""
CHECK = """
import sys
import duckdb
from orchestration.publication import publish
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    publish._require_format(connection)
print(duckdb.__version__)
"""
READ = """
import json, sys
import duckdb
assert duckdb.__version__ == sys.argv[1], duckdb.__version__
with duckdb.connect(sys.argv[2], read_only=True) as connection:
    asked = "select count(*), sum(id), max(name), max(day)::text, sum(share) from marts.t"
    comment = "select comment from duckdb_tables() where table_name = 't'"
    values = connection.execute(f"from ({asked}), ({comment})").fetchone()
print(json.dumps(values))
"""


def run(version: str, script: str, *arguments: object) -> str:
    """Run a script with an engine, which comes before that of the environment."""
    folder = "" if version == PINNED else str(CLIENTS / f"duckdb-{version}")
    path = f"import sys; sys.path[:0] = {[name for name in (folder, str(PROJECT)) if name]}\n"
    done = subprocess.run(
        [sys.executable, "-c", path + script, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("writer", ENGINES)
def test_what_an_engine_writes_opens_in_all(tmp_path: Path, writer: str) -> None:
    profile = yaml.safe_load((PROJECT / "dbt_project" / "profiles.yml").read_text())
    options = profile["genai_ledger"]["outputs"]["build"]["config_options"]
    candidate = tmp_path / "candidate.duckdb"
    run(writer, WRITE, writer, tmp_path / "work.duckdb", candidate, json.dumps(options))
    assert run(writer, CHECK, candidate) == f"{writer}\n"
    expected = [10_000, 49_995_000, "x9999", "2023-06-30", pytest.approx(16_665_000), "a table"]
    for reader in (*ENGINES, OLD):
        assert json.loads(run(reader, READ, reader, candidate)) == expected
