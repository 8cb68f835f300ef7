"""Running functions in a child process that may take only so much memory and time.

Belongs here: the process, its limits, and a sentence for each way in which it can die. Doesn't:
what is run in it (landing), or the checks that need no process (reading.checks).

On Linux the kernel enforces the memory limit. macOS ignores it for most allocations: there the
limits of time and of what a file may inflate to (reading.checks) have to do.
"""

import contextlib
import math
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as TaskTimeoutError
from importlib.abc import MetaPathFinder
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.popen_forkserver import Popen
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any

import pyarrow as pa
from pebble import CONSTS, ProcessExpired, ProcessPool

from orchestration import config
from orchestration.config import Limits
from orchestration.reading import ReadError

CONSTS.sleep_unit = 0.01  # seconds between two looks at the child: the price of its end

# What Arrow imports with the first value it looks at: better once than in every child.
_LATE_IMPORTS = ("numpy.ma", "dateutil.relativedelta")

_AGAIN = "open it where it came from and save it again"

# run(file_bytes, function, *arguments) runs a function of a module in the child and returns what it
# returns, which is pickled; `file_bytes` is the size of the file it works on. Raises ReadError when
# the child takes more than the limits or dies, and whatever the function raises.
Run = Callable[..., Any]

# What Rust and C++ do when memory ends (abort), and what the system does (kill).
_OUT_OF_MEMORY_SIGNALS = (-signal.SIGABRT, -signal.SIGKILL)


@contextlib.contextmanager
def child_process(limits: Limits | None = None) -> Iterator[Run]:
    """Give a `Run`, whose process starts with its first call and serves all that follow.

    A child that dies is replaced; one function at a time runs.
    """
    limits = limits or config.LIMITS
    # Forking the parent itself would copy threads of Dagster and Arrow in any state.
    context = _Context()
    context.set_forkserver_preload(["orchestration.landing", *_LATE_IMPORTS])
    pool = ProcessPool(
        max_workers=1, context=context, initializer=_restrict, initargs=(limits.memory_bytes,)
    )

    def run(file_bytes: int, function: Callable[..., Any], *arguments: Any) -> Any:
        seconds = limits.seconds + limits.seconds_a_mb * file_bytes / 1e6
        task = (function, seconds, *arguments)
        try:
            return pool.schedule(_call, args=task, timeout=seconds * limits.patience).result()
        except TaskTimeoutError as error:
            raise ReadError(_too_much_time(seconds * limits.patience)) from error
        except MemoryError as error:  # pyarrow's out-of-memory error is one too
            raise ReadError(_too_much_memory(limits)) from error
        except ProcessExpired as error:
            raise ReadError(_death(error.exitcode, seconds, limits)) from error

    try:
        yield run
    except BaseException:
        pool.stop()  # type: ignore[no-untyped-call]
        raise
    finally:
        pool.close()  # type: ignore[no-untyped-call]
        pool.join()


class _Process(ForkServerProcess):
    """Starts without running the parent's main module again.

    What it runs is in modules, and a script without `if __name__ == "__main__"` may land files.
    """

    @staticmethod
    def _Popen(process: BaseProcess) -> Any:  # noqa: N802 - the name that multiprocessing calls
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            return Popen(process)
        finally:
            sys.modules["__main__"] = main


class _Context(ForkServerContext):
    Process = _Process


class _WithoutPandas(MetaPathFinder):
    """Keeps Arrow from importing pandas, half a second a process, only to look at a list's type."""

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def _restrict(memory_bytes: int) -> None:
    """Limit this process before it sees any file."""
    with contextlib.suppress(ValueError, OSError):  # a lower limit is already in force
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Time is over when it is over: no handler that waits for compiled code to return.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.meta_path.insert(0, _WithoutPandas())
    # Arrow's own allocator takes a gigabyte at once: that counts as used, and costs half a second.
    pa.set_memory_pool(pa.system_memory_pool())
    # What compiled code prints when it dies tells an analyst nothing; the parent has a sentence.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _call(function: Callable[..., Any], seconds: float, *arguments: Any) -> Any:
    used, (_, most) = time.process_time(), resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used + seconds), most))
    try:
        return function(*arguments)
    except Exception:
        raise
    except BaseException as error:  # a panic of compiled code, unknown to the parent
        raise ReadError(f"what reads it gave up, so it is probably damaged; {_AGAIN}") from error


def _too_much_memory(limits: Limits) -> str:
    return (
        f"reading it takes more than {limits.memory_bytes / 1e6:,.0f} MB of memory; "
        "delete empty rows and columns around the table, or split it into several files"
    )


def _too_much_time(seconds: float) -> str:
    return (
        f"reading it took longer than {seconds:,.0f} seconds; "
        "keep only the table, split it into several files, or save it as .csv"
    )


def _death(exitcode: int, seconds: float, limits: Limits) -> str:
    if exitcode == -signal.SIGXCPU:
        return _too_much_time(seconds)
    if exitcode in _OUT_OF_MEMORY_SIGNALS:
        return _too_much_memory(limits)
    how = signal.Signals(-exitcode).name if exitcode < 0 else f"exit code {exitcode}"
    return f"the program that reads it crashed ({how}), so the file is probably damaged; {_AGAIN}"
