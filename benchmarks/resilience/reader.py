"""One reader of the served file, run as a program by any DuckDB client; needs nothing else.

    python reader.py <file> <queries a connection; 0: only one connection> <stop file> [client]

Asks three tables without pause until the stop file appears. The writer gives all rows of the three
the same figure in one version, so a connection that sees two figures, or two versions, has seen a
mixture.
"""

import itertools
import json
import os
import sys
from pathlib import Path

if len(sys.argv) > 4:
    sys.path.insert(0, sys.argv[4])

import duckdb

QUERIES = (
    "select min(raised_usd), max(raised_usd) from marts.rpt_funding_pace",
    "select min(hhi), max(hhi) from marts.rpt_concentration",
    "select min(tolerance), max(tolerance) from audit.claims",
)
VERSION = "select version_id from audit.publications order by published_at desc limit 1"


def main() -> None:
    """Read until told to stop; print what was seen as JSON."""
    file, each, stop = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    os.nice(10)  # many readers are to compete with each other, not with the one who publishes
    seen = {"client": duckdb.__version__, "queries": 0, "connections": 0, "errors": [], "mixed": 0}
    versions = set()
    while not stop.exists():
        try:
            with duckdb.connect(file, read_only=True) as connection:
                seen["connections"] += 1
                said = set()
                for number in itertools.count(1):
                    version = connection.execute(VERSION).fetchone()[0]
                    figures = {f for q in QUERIES for f in connection.execute(q).fetchone()}
                    seen["queries"] += 1 + len(QUERIES)
                    said |= {(version, figure) for figure in figures}
                    if number == each or stop.exists():
                        break
            seen["mixed"] += len(said) != 1
            versions |= {version for version, _ in said}
        except Exception as error:
            seen["errors"].append(f"{type(error).__name__}: {error}")
    print(json.dumps({**seen, "versions": len(versions)}))


main()
