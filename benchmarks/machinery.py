"""What the machinery costs: a whole run against ingest and bare dbt, an unchanged run, the UI.

    python -m benchmarks.machinery

Each pair is measured in turn, in one home, warm. Not here: how a process is measured (`cost`).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median

from benchmarks.cost import DBT, INGEST, LEDGER, SCRIPTS, Cost, cost
from benchmarks.resilience.live import free_port
from orchestration import config

REPEATS = 3
UI_PATIENCE_SECONDS = 600
EMPTY_PROJECT = """
[project]
name = "empty"
version = "1"
[tool.dg]
directory_type = "project"
[tool.dg.project]
root_module = "empty"
code_location_target_module = "empty.definitions"
"""


def measure() -> dict[str, Cost]:
    """Return the median cost of each command, by name, and how long the UI takes to show assets."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        environment = os.environ | {
            "GENAI_LEDGER_HOME": str(home),
            "DAGSTER_HOME": str(home / "dagster"),
            "DBT_PROFILES_DIR": str(config.DBT_PROJECT),
            "DBT_LOG_PATH": str(home / "logs"),
            "DBT_LOG_LEVEL_FILE": "info",  # as a run has it
        }
        # As a whole run has it, beside its unit tests.
        dbt = [DBT, "build", "--exclude-resource-type", "unit_test"]
        job = ["job", "execute", "-m", "orchestration.defs.definitions", "-j", "build_warehouse"]
        commands = {
            "whole": [LEDGER, "build", "--force"],
            "ingest": [sys.executable, "-c", INGEST],
            "dbt": [*dbt, "--target-path", str(home / "bare")],
            "unchanged": [LEDGER, "build"],
            "scheduled": [str(SCRIPTS / "dagster"), *job],
        }
        found: dict[str, list[Cost]] = {name: [] for name in commands}
        for number in range(REPEATS + 1):
            for name, command in commands.items():
                taken = cost(command, environment, config.DBT_PROJECT)
                if number:  # the first warms
                    found[name].append(taken)
        costs = {name: Cost(*map(median, zip(*each, strict=True))) for name, each in found.items()}
        bare, own = [], []
        for _ in range(REPEATS):
            bare.append(_empty_ui(Path(folder) / "empty"))
            own.append(_seconds_to_assets([LEDGER, "ui"], config.PROJECT, environment))
        ui = {"empty UI": Cost(median(bare), 0, 0), "UI": Cost(median(own), 0, 0)}
        return costs | ui


def _empty_ui(project: Path) -> float:
    """Return the seconds in which `dg dev` shows a project of one asset."""
    package = project / "empty"
    (package / "defs").mkdir(parents=True, exist_ok=True)
    (project / "pyproject.toml").write_text(EMPTY_PROJECT)
    (package / "__init__.py").touch()
    (package / "defs" / "__init__.py").touch()
    (package / "definitions.py").write_text(
        "import dagster as dg\ndefs = dg.Definitions(assets=[dg.AssetSpec('a')])\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(project)}
    environment.pop("DAGSTER_HOME", None)
    return _seconds_to_assets([str(SCRIPTS / "dg"), "dev"], project, environment)


def _seconds_to_assets(command: list[str], folder: Path, environment: dict[str, str]) -> float:
    """Return after how many seconds the UI of a command answers with assets; end it."""
    port = free_port()
    query = json.dumps({"query": "{ assetNodes { id } }"}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql", query, {"Content-Type": "application/json"}
    )
    started = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=folder,
            env=environment,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            while process.poll() is None and time.perf_counter() - started < UI_PATIENCE_SECONDS:
                try:
                    with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
                        if json.load(response)["data"]["assetNodes"]:
                            return time.perf_counter() - started
                except OSError:
                    time.sleep(0.1)
            said.seek(0)
            raise TimeoutError(said.read().decode(errors="replace")[-2000:])
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def lines(found: dict[str, Cost]) -> list[str]:
    """Return the rows of a table of what `measure` found."""
    whole, ui, empty = found["whole"], found["UI"].seconds, found["empty UI"].seconds
    bare = Cost(*map(sum, zip(found["ingest"], found["dbt"], strict=True)))
    of_processor = whole.processor_seconds / bare.processor_seconds
    ratio = f"{whole.seconds / bare.seconds:.2f} ({of_processor:.2f} of a processor)"
    return [
        f"| whole run (`genai-ledger build --force`), warm | {whole} | ingest, then bare "
        f"`dbt build` of the same nodes and tests {bare} | {ratio} |",
        f"| nothing changed, on the command line | {found['unchanged']} | | |",
        f"| nothing changed, as a run of Dagster | {found['scheduled']} | | |",
        f"| `genai-ledger ui` until it shows its assets | {ui:.1f} s "
        f"| `dg dev` of a project of one asset {empty:.1f} s | {ui / empty:.2f} |",
    ]


if __name__ == "__main__":
    print("\n".join(lines(measure())))
