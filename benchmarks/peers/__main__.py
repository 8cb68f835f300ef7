"""`python -m benchmarks.peers PROGRAM PEER INPUTS MADE`: run a program, in a process of its own."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from benchmarks import peers

program, peer, *folders = sys.argv[1:]
if program == "sql":
    peers.run_sql(getattr(peers, peer.upper()), *map(Path, folders))
else:  # one that waits for no other's library
    import_module(f"benchmarks.peers.with_{program}").run(*map(Path, folders))
