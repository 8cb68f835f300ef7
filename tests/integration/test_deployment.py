"""Not a laptop: runs in PostgreSQL, tables in an object store, a home that was lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from conftest import Warehouse

from benchmarks.resilience.live import free_port
from orchestration import config
from orchestration.config import Home
from orchestration.publication import versions


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """Start Debian's server on loopback; return the address of a database."""
    found = [Path(program).parent for program in filter(None, [shutil.which("initdb")])]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # It doesn't run as root, and its user can't see pytest's folders.
    is_root = os.geteuid() == 0
    user = ["runuser", "-u", "postgres", "--"] if is_root else []
    folder, port = Path(tempfile.mkdtemp(prefix="ledger-postgres-")), free_port()
    if is_root:
        shutil.chown(folder, "postgres")

    def run(program: str, *arguments: str) -> None:
        command = [*user, str(found[0] / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)

    data, log = str(folder / "data"), str(folder / "log")
    run("initdb", "-D", data, "-A", "trust", "-U", "ledger", "--no-sync")
    run("pg_ctl", "-D", data, "-l", log, "-w", "start", "-o", f"-h 127.0.0.1 -p {port} -k {folder}")
    try:
        run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "ledger", "ledger")
        yield f"postgresql://ledger@127.0.0.1:{port}/ledger"
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def test_a_backup_on_an_empty_home_gives_the_same_content_with_its_runs_in_postgresql(
    warehouse: Warehouse, tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = versions.served(Home(warehouse.home))
    # What docs/deploy.md says to keep.
    raw, home = shutil.copytree(warehouse.raw, tmp_path / "raw"), tmp_path / "home"
    shutil.copytree(warehouse.home / "versions", home / "versions")
    shutil.copy(warehouse.served, home)
    restored = Warehouse(raw, home)
    monkeypatch.setenv(config.POSTGRES_URL, postgres)

    assert served["id"] in restored.run("genai-ledger", "versions").stdout
    built = restored.build()
    assert built.returncode == 0, built.stdout + built.stderr
    assert versions.served(Home(home))["content_hash"] == served["content_hash"]

    with psycopg2.connect(postgres) as connection, connection.cursor() as cursor:
        cursor.execute("select pipeline_name, status from runs")
        assert cursor.fetchall() == [("build_warehouse", "SUCCESS")]
        cursor.execute("select count(*) > 100 from event_logs")
        assert cursor.fetchall() == [(True,)]
    assert not list((home / "dagster").rglob("*.db"))
    status = restored.run("genai-ledger", "status", "--json").stdout
    assert '"job": "build_warehouse"' in status
