"""One writer at a time in a home folder, whether a command, a schedule or the UI started it.

The operating system holds the lock and drops it when its process ends, however it ends: a killed
run leaves nothing to clean up, and nobody waits for the dead.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Callable, Iterator

from filelock import FileLock, Timeout

from orchestration.config import Home
from orchestration.publication import versions

# As `nice` has it: who reads what is served is answered first while a build goes on.
_PRIORITY = 10


@contextlib.contextmanager
def sole_writer(home: Home, say: Callable[[str], object]) -> Iterator[None]:
    """Hold the right to write; while another process has it, `say` which one, and wait for it.

    Whoever takes it first clears what a stopped run has left. A process that holds it may take it
    again. It gives way to others from then on, with all that it starts.
    """
    home.path.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home.lock, is_singleton=True, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        holder = home.lock.read_text(errors="replace") or "another process"
        say(f"Waiting for the run that is writing to {home.path} ({holder}) ...")
        lock.acquire()
    os.setpriority(os.PRIO_PROCESS, 0, max(_PRIORITY, os.getpriority(os.PRIO_PROCESS, 0)))
    try:
        if lock.lock_counter == 1:
            now = dt.datetime.now(dt.timezone.utc)
            home.lock.write_text(f"process {os.getpid()}, since {now:{versions.TIME}} UTC")
            versions.sweep(home)
            versions.settle(home, home.served)
        yield
    finally:
        lock.release()
