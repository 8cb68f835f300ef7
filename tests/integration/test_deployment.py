"""Not a laptop: runs in PostgreSQL, tables in an object store, a home that was lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import fsspec
import psycopg2
import pytest
from conftest import Warehouse

from benchmarks.resilience.live import free_port
from benchmarks.resilience.source import WEEKLY
from orchestration import config
from orchestration.config import Home, LedgerError
from orchestration.publication import exports, versions
from orchestration.sources.refresh import refresh


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """Start Debian's server on loopback; return the address of a database."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found += [Path(program).parent for program in filter(None, [shutil.which("initdb")])]
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
        yield f"postgresql://ledger@127.0.0.1:{port}/postgres"
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


def test_connections_to_postgresql_are_kept_and_one_that_is_cut_off_is_opened_again(
    tmp_path: Path, postgres: str
) -> None:
    storage = {
        "module": "orchestration.defs.postgres_storage",
        "class": "PooledPostgresStorage",
        "config": {"postgres_url": postgres.replace("postgresql:", "postgresql+psycopg2:")},
    }

    @dg.asset(check_specs=[dg.AssetCheckSpec("checked", asset="made")])
    def made() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        yield dg.MaterializeResult()
        yield dg.AssetCheckResult(passed=True)

    def asked(sql: str) -> list[tuple[object, ...]]:
        with psycopg2.connect(postgres) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            found: list[tuple[object, ...]] = cursor.fetchall()
        return found

    ours = "from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
    overrides = {"storage": {"custom": storage}}
    with dg.instance_for_test(temp_dir=str(tmp_path), overrides=overrides) as instance:
        first = dg.materialize([made], instance=instance)
        kept = asked(f"select pid {ours}")
        assert len(kept) == 1
        second = dg.materialize([made], instance=instance)
        assert asked(f"select pid {ours}") == kept
        assert asked(f"select count(pg_terminate_backend(pid)) {ours}") == [(1,)]
        ids = {run.run_id for run in instance.get_runs()}
        assert {first.run_id, second.run_id} <= ids
        checks = instance.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(dg.AssetKey("made"), "checked"), limit=3
        )
        assert [check.status.value for check in checks] == ["SUCCEEDED", "SUCCEEDED"]


def test_an_object_store_gives_raw_files_and_takes_exports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server_module = pytest.importorskip("moto.server", reason="moto is not installed")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        store = fsspec.filesystem("s3", skip_instance_cache=True)
        store.mkdir("ledger")
        store.pipe("ledger/in/deals.csv", b"Company,Date,Amount\nA,2026-01-01,$1M\n")

        source = tmp_path / "raw" / "funding_rounds" / "deals"
        source.mkdir(parents=True)
        remote = "refresh: {from: s3://ledger/in/deals.csv, format: csv, enabled: true}\n"
        (source / "source.yml").write_text(WEEKLY + remote)
        home = Home(tmp_path / "home")
        (result,) = refresh(source.parent.parent, home, (), lambda *_: None)
        assert result.outcome == "new", result.sentence
        (file,) = source.glob("*.csv")
        assert file.read_bytes() == store.cat("ledger/in/deals.csv")

        (tmp_path / "exports" / "marts").mkdir(parents=True)
        (tmp_path / "exports" / "index.json").write_text("{}")
        (tmp_path / "exports" / "marts" / "a.csv").write_text("a\n1\n")
        exports.copy(tmp_path / "exports", "s3://ledger/out/")
        assert store.cat("ledger/out/marts/a.csv") == b"a\n1\n"
        assert store.cat("ledger/out/index.json") == b"{}"
        with pytest.raises(LedgerError, match="can't be copied to s3://absent/x"):
            exports.copy(tmp_path / "exports", "s3://absent/x")
    finally:
        server.stop()


@pytest.mark.parametrize("address", ["file:///tmp/x", "s3://", "nonsense"])
def test_exports_go_to_object_stores_only(tmp_path: Path, address: str) -> None:
    with pytest.raises(LedgerError, match="GENAI_LEDGER_EXPORTS_TO names no folder of s3, gs, az"):
        exports.copy(tmp_path, address)
