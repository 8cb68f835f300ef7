"""A cluster of real processes on this machine: a worker that dies changes no result."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import pytest

from orchestration.config import DBT_PROJECT

if TYPE_CHECKING:
    from conftest import Warehouse

MODEL = "rpt_layer_share"
# Of what the model needs: so many are built before a worker is killed.
BUILT_BEFORE = 5
START_SECONDS = 120.0

# Where PySpark is, and that nothing is open to others than this machine.
SERVERS = {
    "PYSPARK_PYTHON": sys.executable,
    "SPARK_LOCAL_IP": "127.0.0.1",
    "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
}
SETTINGS = """\
spark.master                  spark://127.0.0.1:{port}
spark.driver.host             127.0.0.1
spark.driver.bindAddress      127.0.0.1
spark.executor.memory         1g
spark.sql.shuffle.partitions  2
"""


class Cluster(NamedTuple):
    """A master and two workers, each with one processor; and the settings that lead there."""

    settings: Path
    workers: list[subprocess.Popen[bytes]]
    work: list[Path]


def spark_process(log: Path, kind: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a server of Spark, whose executors belong to its own group of processes."""
    program = str(Path(sys.executable).with_name("spark-class"))
    command = [program, f"org.apache.spark.deploy.{kind.lower()}.{kind}", "--host", "127.0.0.1"]
    with log.open("wb") as output:
        return subprocess.Popen(
            [*command, "--webui-port", "0", *arguments],
            env={**os.environ, **SERVERS},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with ExitStack() as processes:
        master = spark_process(tmp_path / "master.log", "Master", "--port", str(port))
        processes.callback(kill, master)
        wait_for(lambda: "I have been elected leader" in (tmp_path / "master.log").read_text())
        workers, work = [], [tmp_path / "first", tmp_path / "second"]
        for folder in work:
            size = ["--cores", "1", "--memory", "2g", "--work-dir", str(folder)]
            log = tmp_path / f"{folder.name}.log"
            worker = spark_process(log, "Worker", *size, f"spark://127.0.0.1:{port}")
            processes.callback(kill, worker)
            workers.append(worker)
        settings = tmp_path / "settings"
        settings.mkdir()
        (settings / "spark-defaults.conf").write_text(SETTINGS.format(port=port))
        yield Cluster(settings, workers, work)


def wait_for(condition: Callable[[], bool]) -> None:
    latest = time.monotonic() + START_SECONDS
    while not condition():
        assert time.monotonic() < latest, "Spark's master did not start"
        time.sleep(0.2)


def test_a_worker_that_is_killed_changes_nothing(
    warehouse: Warehouse, cluster: Cluster, tmp_path: Path
) -> None:
    home = tmp_path / "warehouse"
    home.mkdir()
    (home / "landing").symlink_to(warehouse.home / "landing")
    environment = {
        **warehouse._replace(home=home).environment,
        "SPARK_CONF_DIR": str(cluster.settings),
    }
    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    written = ["--target-path", str(tmp_path / "dbt"), "--log-path", str(tmp_path / "logs")]
    what = ["--target", "spark", "--select", f"+{MODEL}", "--resource-type", "seed", "model"]
    built, told = 0, []
    with subprocess.Popen(
        [Path(sys.executable).with_name("dbt"), "build", *folders, *written, *what],
        cwd=DBT_PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as dbt:
        assert dbt.stdout
        for line in dbt.stdout:
            told.append(line)
            built += "OK created sql table model" in line
            if built == BUILT_BEFORE:
                kill(cluster.workers[0])
    assert dbt.returncode == 0, "".join(told)[-4000:]
    # It did some of the work, and what came after its death is most of it.
    assert list(cluster.work[0].glob("app-*/*/stderr"))
    assert built > 2 * BUILT_BEFORE

    with duckdb.connect(str(warehouse.served), read_only=True) as connection:
        described = connection.execute(f"describe marts.{MODEL}").fetchall()
        columns = ", ".join(
            f"round({name}, 6)" if kind == "DOUBLE" else name for name, kind, *_ in described
        )
        files = f"read_parquet('{home}/spark/tables/marts.db/{MODEL}/*.parquet')"
        ours, theirs = (f"select {columns} from {of}" for of in (f"marts.{MODEL}", files))
        assert connection.execute(f"{ours} limit 1").fetchall()
        unlike = f"({ours} except all {theirs}) union all ({theirs} except all {ours})"
        assert connection.execute(unlike).fetchall() == []
