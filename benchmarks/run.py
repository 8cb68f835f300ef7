"""Run every benchmark and write benchmarks/README.md, so that no figure in it is typed."""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks import concentration
from orchestration import config

PAGE = Path(__file__).with_name("README.md")


def build_against_dbt(home: Path) -> tuple[float, float]:
    """Return the seconds of a whole build and of a bare `dbt build`, both warm, side by side."""
    environment = os.environ | {
        "GENAI_LEDGER_HOME": str(home),
        "DBT_PROFILES_DIR": str(config.DBT_PROJECT),
        "DBT_LOG_PATH": str(home / "logs"),
    }
    build = [str(config.DBT_EXECUTABLE.with_name("genai-ledger")), "build", "--force"]
    dbt = [str(config.DBT_EXECUTABLE), "build", "--project-dir", str(config.DBT_PROJECT)]
    dbt += ["--target-path", str(home / "bare")]
    _seconds(build, environment)
    _seconds(dbt, environment)
    return _seconds(build, environment), _seconds(dbt, environment)


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, env=environment, capture_output=True, cwd=config.DBT_PROJECT)
    return time.perf_counter() - started


def main() -> None:
    """Measure, and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        whole, bare = build_against_dbt(Path(folder))
    found = concentration.measure()
    PAGE.write_text(
        f"""# Benchmarks

Written by `make bench` on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}.
Ratios of two things measured in one run; seconds are of this machine only.

| what | measured | against | ratio |
| --- | ---: | ---: | ---: |
| whole build (`genai-ledger build --force`), nothing changed | {whole:.1f} s | bare `dbt build` {bare:.1f} s | {whole / bare:.2f} |
| Herfindahl index of one month, {found["rounds"]:,} rounds, by deltas | {found["deltas_seconds_a_month"]:.3f} s | direct sum {found["direct_seconds_a_month"]:.3f} s | {found["deltas_seconds_a_month"] / found["direct_seconds_a_month"]:.2f} |

The two ways to the Herfindahl index differ by at most {found["largest_relative_difference"]:.1e} (relative).
""",
        encoding="utf-8",
    )
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
