"""`python -m benchmarks.peers PROGRAM PEER INPUTS MADE`: run a program, in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import peers


def _run_pandas(_: peers.Peer, folder: Path, made: Path) -> None:
    from benchmarks.peers import with_pandas  # noqa: PLC0415 - the others don't wait for it

    with_pandas.run(folder, made)


def _run_polars(_: peers.Peer, folder: Path, made: Path) -> None:
    from benchmarks.peers import with_polars  # noqa: PLC0415 - nor for this one

    with_polars.run(folder, made)


PROGRAMS: dict[str, Callable[[peers.Peer, Path, Path], None]] = {
    "sql": peers.run_sql,
    "pandas": _run_pandas,
    "polars": _run_polars,
}
PROGRAMS[sys.argv[1]](getattr(peers, sys.argv[2].upper()), Path(sys.argv[3]), Path(sys.argv[4]))
