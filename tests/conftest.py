"""A warehouse built once from the committed raw/, and copies of it for tests that change raw files.

A build takes half a minute: a test that only reads uses the fixture `warehouse`, one that changes
something asks `copied_warehouse` for a copy and builds that. Nothing here writes into the project.
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
from hypothesis import settings

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

    def query(self, sql: str) -> pd.DataFrame:
        """Return what the served file answers."""
        with duckdb.connect(str(self.served), read_only=True) as connection:
            return connection.execute(sql).df()


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Build the committed raw files; for reading only."""
    built = Warehouse(PROJECT / "raw", tmp_path_factory.mktemp("warehouse"))
    finished = built.build()
    assert finished.returncode == 0, finished.stdout + finished.stderr
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
