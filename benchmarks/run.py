"""Run every benchmark and write benchmarks/README.md, so that no figure in it is typed."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from benchmarks import concentration, engines, ingestion, machinery, queries, scaling

PAGE = Path(__file__).with_name("README.md")


def main() -> None:
    """Measure, and write the page."""
    run = machinery.lines(machinery.measure())
    ingested = ingestion.lines(ingestion.measure())
    asked = queries.lines(queries.measure())
    found = concentration.measure()
    deltas, direct = found["deltas_seconds_a_month"], found["direct_seconds_a_month"]
    for subject in scaling.SUBJECTS:
        scaling.measure(subject)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    lines = [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {machine}.",
        "Ratios of two things measured in one run; seconds are of that machine only.",
        "",
        "| what | measured | against | ratio |",
        "| --- | ---: | ---: | ---: |",
        *run,
        f"| Herfindahl index of one month, {found['rounds']:,} rounds, by deltas | {deltas:.3f} s "
        f"| direct sum {direct:.3f} s | {deltas / direct:.2f} |",
        *ingested,
        *asked,
        "",
        "The two ways to the Herfindahl index differ by at most "
        f"{found['largest_relative_difference']:.1e} (relative).",
        "",
        "## Growing lists",
        "",
        *scaling.lines(),
        "",
        "## Apache Spark beside DuckDB",
        "",
        *engines.lines(),
        "",
    ]
    PAGE.write_text("\n".join(lines), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
