"""Readers that query without pause while versions are published and rolled back.

    python -m benchmarks.resilience.readers --readers 50 --publications 20 --rollbacks 3

The versions are copies of what is served in GENAI_LEDGER_HOME, in a home of their own, in which
three tables hold one figure everywhere, another one in each version (see `reader`).
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

from orchestration import config
from orchestration.publication import lock, publish, versions

OLD_CLIENT = "1.1.3"
READER = Path(__file__).with_name("reader.py")
# A connection for three rounds of queries, for fifty, and for as long as the reader lives.
QUERIES_A_CONNECTION = (3, 50, 0)
SECONDS_BETWEEN = 0.2


def publish_figure(place: config.Home, prototype: Path, figure: int) -> str:
    """Publish a version in which the tables that readers ask hold `figure`; return its id."""
    shutil.copyfile(prototype, place.candidate)
    with duckdb.connect(str(place.candidate)) as candidate:
        candidate.execute(f"update marts.rpt_funding_pace set raised_usd = {figure}")
        candidate.execute(f"update marts.rpt_concentration set hhi = {figure}")
        candidate.execute(f"update audit.claims set tolerance = {figure}")
    request = publish.BuildRequest(raw={}, variables={}, force=True)
    with lock.sole_writer(place, print):
        return str(publish.publish(place, request)["id"])


def start_reader(number: int, place: config.Home, stop: Path) -> subprocess.Popen[str]:
    """Start a reader; every second one with the old client, in turn of the three kinds."""
    each = QUERIES_A_CONNECTION[number // 2 % len(QUERIES_A_CONNECTION)]
    arguments = [str(READER), str(place.served), str(each), str(stop)]
    command = [sys.executable, *arguments]
    if number % 2:
        old = Path(sys.prefix) / "clients" / f"duckdb-{OLD_CLIENT}"
        command = [sys.executable, "-I", "-S", *arguments, str(old)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def measure(home: Path, readers: int, publications: int, rollbacks: int) -> list[dict[str, Any]]:
    """Publish and roll back in `home` while readers read; return what each reader saw."""
    place = config.Home(home)
    prototype = home / "prototype.duckdb"
    shutil.copyfile(place.served, prototype)
    publish_figure(place, prototype, 0)
    stop = home / "stop"
    started = [start_reader(number, place, stop) for number in range(readers)]
    try:
        back_after = {publications * (n + 1) // rollbacks for n in range(rollbacks)}
        for figure in range(1, publications + 1):
            said = f"published {publish_figure(place, prototype, figure)}"
            time.sleep(SECONDS_BETWEEN)
            if figure in back_after:
                with lock.sole_writer(place, print):
                    said += f", back to {versions.rollback(place, None)['id']}"
            print(f"{figure:>3} of {publications:,}: {said}", flush=True)
            time.sleep(SECONDS_BETWEEN)
    finally:
        stop.touch()
        told = [reader.communicate()[0] for reader in started]
    return [json.loads(text) for text in told]


def main() -> None:
    """Measure in a copy of what was built last, and print the counts; fail on any error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--publications", type=int, default=20)
    parser.add_argument("--rollbacks", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        shutil.copytree(config.home().path, home, ignore=shutil.ignore_patterns("dagster"))
        seen = measure(home, asked.readers, asked.publications, asked.rollbacks)
    errors = [error for reader in seen for error in reader["errors"]]
    mixed = sum(reader["mixed"] for reader in seen)
    clients = Counter(reader["client"] for reader in seen)
    print(
        f"{len(seen):,} readers ("
        + ", ".join(f"{n:,} with duckdb {client}" for client, n in sorted(clients.items()))
        + f") asked {sum(reader['queries'] for reader in seen):,} queries over "
        f"{sum(reader['connections'] for reader in seen):,} connections through "
        f"{asked.publications:,} publications and {asked.rollbacks:,} rollbacks; the one that saw "
        f"most saw {max(reader['versions'] for reader in seen):,} versions: "
        f"{len(errors):,} errors, {mixed:,} connections that saw a mixture."
    )
    for error in errors[:5]:
        print(f"  {error}")
    sys.exit(bool(errors or mixed))


if __name__ == "__main__":
    main()
