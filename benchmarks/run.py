"""Run every benchmark and write benchmarks/README.md, so that no figure in it is typed."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import concentration, ingestion, scaling
from orchestration import config

SCRIPTS = Path(sys.executable).parent
PAGE = Path(__file__).with_name("README.md")


def build_against_dbt(home: Path) -> tuple[float, float]:
    """Return the seconds of a whole build and of a bare `dbt build`, both warm, side by side."""
    environment = os.environ | {
        "GENAI_LEDGER_HOME": str(home),
        "DBT_PROFILES_DIR": str(config.DBT_PROJECT),
        "DBT_LOG_PATH": str(home / "logs"),
    }
    build = [str(SCRIPTS / "genai-ledger"), "build", "--force"]
    dbt = [str(SCRIPTS / "dbt"), "build", "--project-dir", str(config.DBT_PROJECT)]
    dbt += ["--exclude-resource-type", "unit_test"]  # as a whole build does
    dbt += ["--target-path", str(home / "bare")]
    _seconds(build, environment)
    _seconds(dbt, environment)
    return _seconds(build, environment), _seconds(dbt, environment)


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    started = time.perf_counter()
    folder = config.DBT_PROJECT
    subprocess.run(command, check=True, env=environment, capture_output=True, cwd=folder)
    return time.perf_counter() - started


def main() -> None:
    """Measure, and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        whole, bare = build_against_dbt(Path(folder))
    ingested = ingestion.lines(ingestion.measure())
    found = concentration.measure()
    deltas, direct = found["deltas_seconds_a_month"], found["direct_seconds_a_month"]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    lines = [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {machine}.",
        "Ratios of two things measured in one run; seconds are of that machine only.",
        "",
        "| what | measured | against | ratio |",
        "| --- | ---: | ---: | ---: |",
        f"| whole build (`genai-ledger build --force`), nothing changed | {whole:.1f} s "
        f"| bare `dbt build` of the same nodes and tests {bare:.1f} s | {whole / bare:.2f} |",
        f"| Herfindahl index of one month, {found['rounds']:,} rounds, by deltas | {deltas:.3f} s "
        f"| direct sum {direct:.3f} s | {deltas / direct:.2f} |",
        *ingested,
        "",
        "The two ways to the Herfindahl index differ by at most "
        f"{found['largest_relative_difference']:.1e} (relative).",
        "",
        "## A growing deal list",
        "",
        *scaling.lines(scaling.measure()),
        "",
    ]
    PAGE.write_text("\n".join(lines), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
