"""A warehouse built once from the committed raw/, and copies of it for tests that change raw files.

A build takes half a minute: a test that only reads uses the fixture `warehouse`, one that changes
something asks `copied_warehouse` for a copy and builds that, one with raw files of its own asks
`new_warehouse`. Nothing here writes into the project.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import duckdb
import pandas as pd
import pytest
from filelock import FileLock
from hypothesis import settings

from orchestration.config import ENGINE

PROJECT = Path(__file__).resolve().parent.parent

# How long an example takes says more of the machine than of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
# Importing readline, as pytest does, sets it; a test prints into a pipe, which has no width.
os.environ.pop("COLUMNS", None)


class Warehouse(NamedTuple):
    """A folder of raw files and the folder that builds from it write to."""

    raw: Path
    home: Path

    @property
    def served(self) -> Path:
        """The file that people and tools read."""
        return self.home / "warehouse.duckdb"

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables under which the project's programs use these two folders."""
        folders = {"GENAI_LEDGER_RAW": str(self.raw), "GENAI_LEDGER_HOME": str(self.home)}
        inherited = {k: v for k, v in os.environ.items() if k != "DAGSTER_HOME"}
        return {**inherited, **folders, "VIRTUAL_ENV": sys.prefix}

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment that runs the tests, in the project's folder."""
        return subprocess.run(
            [Path(sys.executable).with_name(program), *arguments],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def build(self) -> subprocess.CompletedProcess[str]:
        """Do what `make` does."""
        return self.run("genai-ledger", "build")

    def dbt(self, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run dbt by hand, but on the project as it is parsed in this home: ten seconds less."""
        parsed = ("--parsed", str(self.home / "dbt" / "partial_parse.msgpack"))
        project = PROJECT / "dbt_project"
        folders = ("--project-dir", str(project), "--profiles-dir", str(project))
        written = ("--target-path", str(self.home / "target"), "--log-path", str(self.home))
        program = ("python", "-m", "orchestration.defs.dbt_child")
        return self.run(*program, *parsed, command, *folders, *written, *options)

    def query(self, sql: str) -> pd.DataFrame:
        """Return what the served file answers."""
        with duckdb.connect(str(self.served), read_only=True) as connection:
            return connection.execute(sql).df()


@pytest.fixture(scope="session")
def new_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Warehouse]:
    """Return a function that makes a folder without raw files a warehouse where nothing is built.

    Its dbt project is parsed, which takes ten seconds and is the same for all.
    """
    parsed = Warehouse(PROJECT / "raw", _shared(tmp_path_factory, "parsed"))
    with FileLock(parsed.home.with_suffix(".lock")):
        if not parsed.home.exists():
            finished = parsed.run("genai-ledger", "prepare")
            assert finished.returncode == 0, finished.stdout + finished.stderr

    def make(folder: Path) -> Warehouse:
        home = folder / "warehouse"
        shutil.copytree(parsed.home / "dbt", home / "dbt")
        shutil.copy(parsed.home / "keys.json", home)
        return Warehouse(folder / "raw", home)

    return make


@pytest.fixture(scope="session")
def warehouse(
    tmp_path_factory: pytest.TempPathFactory, new_warehouse: Callable[[Path], Warehouse]
) -> Warehouse:
    """Build the committed raw files, once for all workers; for reading only."""
    shared = _shared(tmp_path_factory, "built")
    with FileLock(shared.with_suffix(".lock")):
        if not shared.exists():
            finished = new_warehouse(shared)._replace(raw=PROJECT / "raw").build()
            assert finished.returncode == 0, finished.stdout + finished.stderr
    # What some tests run on it leaves traces in the home.
    own = tmp_path_factory.mktemp("warehouse")
    return Warehouse(PROJECT / "raw", shutil.copytree(shared / "warehouse", own / "warehouse"))


@pytest.fixture(scope="session")
def on_spark(
    warehouse: Warehouse,
    new_warehouse: Callable[[Path], Warehouse],
    tmp_path_factory: pytest.TempPathFactory,
) -> Warehouse:
    """Build the committed raw files with Apache Spark; for reading only."""
    built = new_warehouse(tmp_path_factory.mktemp("spark"))._replace(raw=warehouse.raw)
    shutil.copytree(warehouse.home / "landing", built.home / "landing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, ENGINE, "spark")
        finished = built.build()
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-4000:]
    return built


@pytest.fixture(scope="session")
def copied_warehouse(
    warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Warehouse]:
    """Return a function that copies raw files and built warehouse, as before a user's edit."""

    def copy(name: str) -> Warehouse:
        folder = tmp_path_factory.mktemp(name)
        # The folder keeps its name: it is part of each file's name in the lineage.
        raw = shutil.copytree(warehouse.raw, folder / "raw")
        return Warehouse(raw, shutil.copytree(warehouse.home, folder / "warehouse"))

    return copy


def _shared(tmp_path_factory: pytest.TempPathFactory, name: str) -> Path:
    """Return a folder that all workers of a test run see."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
