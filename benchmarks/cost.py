"""What a process takes: by the clock, of a processor, of memory; and the commands measured.

On a machine that others use too only the seconds of a processor can be compared.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

SCRIPTS = Path(sys.executable).parent
LEDGER = str(SCRIPTS / "genai-ledger")
DBT = str(SCRIPTS / "dbt")
INGEST = """
from orchestration import config, landing
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import find_sources
kinds, raw = read_kinds(), config.raw_dir()
landing.land(find_sources(raw, kinds).sources, kinds, raw, config.home().landing)
"""
# In a small process between: what starts as a copy of a large one has its peak too.
_MEASURE = """
import resource, subprocess, sys, time
started = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
seconds, used = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


class Cost(NamedTuple):
    """What a process took, with those that it waited for."""

    seconds: float
    processor_seconds: float
    peak_mb: float

    def __str__(self) -> str:
        """Say how long, by the clock and of a processor."""
        return f"{self.seconds:.1f} s ({self.processor_seconds:.1f} s of a processor)"


def cost(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Cost:
    """Run a command in a folder, which must end well, and measure it."""
    told = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _MEASURE, *command],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout
    seconds, processor_seconds, peak = map(float, told.split())
    return Cost(seconds, processor_seconds, peak / (1e6 if sys.platform == "darwin" else 1e3))
