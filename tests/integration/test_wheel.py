"""What is installed from a wheel works where there is no checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import PROJECT

Run = Callable[..., subprocess.CompletedProcess[str]]

_IN_A_WHEEL = ("orchestration", "dbt_project", "raw", "pyproject.toml", "setup.py", "README.md")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a function that runs a command of the wheel's, in an empty folder."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    left_out = shutil.ignore_patterns("__pycache__", "target", "logs")
    for name in (*_IN_A_WHEEL, "LICENSE"):
        path = PROJECT / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=left_out)
        else:
            shutil.copyfile(path, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), "."]
    built = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "installed")
    (folder / "elsewhere").mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder / "home")}
    environment["PYTHONPATH"] = str(folder / "installed")

    def run(*arguments: str, inside: str = ".") -> subprocess.CompletedProcess[str]:
        main = "from orchestration.cli import main; main()"
        return subprocess.run(
            [sys.executable, "-c", main, *arguments],
            cwd=folder / "elsewhere" / inside,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_a_file_is_checked_outside_any_project(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    file.write_text("company,announced,amount\nAcme AI,2026-08-20,$50M\n")
    done = run("check", str(file), "--kind", "funding_rounds")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "source.yml:" in done.stdout


def test_a_project_is_made_and_takes_a_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    file.write_text("company,announced,amount\nAcme AI,2026-08-20,$50M\n")
    assert run("init", "mine").returncode == 0
    nothing = run("versions", inside="mine")
    assert nothing.stderr.startswith("Error: ")
    assert "mine/warehouse/warehouse.duckdb does not exist yet" in nothing.stderr
    added = run("add", str(file), "--kind", "funding_rounds", "--yes", inside="mine")
    assert added.returncode == 0, added.stdout + added.stderr
    assert "Added raw/funding_rounds/deals/" in added.stdout


def test_a_project_of_the_wheel_is_built(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    file.write_text("company,announced,amount\nAcme AI,2026-08-20,$50M\nBeta,2026-07-01,$30M\n")
    assert run("init", "built").returncode == 0
    added = run("add", str(file), "--kind", "funding_rounds", "--yes", inside="built")
    assert added.returncode == 0, added.stdout + added.stderr
    built = run("build", inside="built")
    assert built.returncode == 0, built.stdout + built.stderr
    [home] = re.findall(r"^In (.+): report.html to read", built.stdout, re.MULTILINE)
    with duckdb.connect(f"{home}/warehouse.duckdb", read_only=True) as connection:
        rounds = connection.sql("select count(*), sum(amount_usd) from marts.fct_funding_rounds")
        assert rounds.fetchone() == (2, 80e6)
