"""The tools people read the served file with, each in an environment of its own (`make bi`).

Belongs here: starting a tool, and a served file that a new version replaces while the tool runs.
Not here: what a recipe does; those are the files of docs/bi, run as a reader would run them.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb

if TYPE_CHECKING:
    from conftest import Warehouse

PROJECT = Path(__file__).parents[2]
ENVIRONMENTS = PROJECT / ".venv" / "bi"
RECIPES = PROJECT / "docs" / "bi"
SCREENSHOTS = PROJECT / "warehouse" / "bi"
SHARES = """
    select layer, share
    from marts.rpt_layer_share
    where universe = 'genai' and as_of_month = (
        select max(as_of_month) from marts.rpt_layer_share where universe = 'genai' and is_complete
    )
"""


class Served(NamedTuple):
    """A served file, and the next version that will take its place."""

    path: Path
    following: Path

    def shares(self) -> dict[str, float]:
        """Return what the mart says, read with the project's own DuckDB."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return dict(connection.execute(SHARES).fetchall())

    def publish(self) -> None:
        """Put the next version in place, as a publication does."""
        self.following.replace(self.path)


def two_versions(warehouse: Warehouse, folder: Path) -> Served:
    """Copy the built file, and make another version of it with half of each share."""
    path = Path(shutil.copyfile(warehouse.served, folder / "warehouse.duckdb"))
    following = Path(shutil.copyfile(warehouse.served, folder / "following.duckdb"))
    for copy in (path, following):
        copy.chmod(0o644)
    with duckdb.connect(str(following)) as connection:
        connection.execute("update marts.rpt_layer_share set share = share / 2")
    return Served(path, following)


def program(environment: str, name: str) -> Path:
    """Return a program of a tool's environment, which `make bi` sets up."""
    path = ENVIRONMENTS / environment / "bin" / name
    assert path.exists(), f"{path} is missing: run the tests with `make bi`"
    return path


@contextmanager
def server(command: list[str | Path], folder: Path, **variables: str) -> Iterator[str]:
    """Start a server on a free loopback port, `{port}` in `command`; give its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [str(part).format(port=port) for part in command],
            cwd=folder,
            env=os.environ | variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(port, process, folder / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    raise AssertionError(log.read_text())


def look(environment: str, url: str, expected: str, name: str, *login: str) -> str:
    """Open a page in Chromium until it shows `expected`; keep a screenshot, return its text."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    finished = subprocess.run(
        [
            program(environment, "python"),
            Path(__file__).with_name("look.py"),
            url,
            expected,
            SCREENSHOTS / f"{name}.png",
            *login,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout
