"""Running functions in a child process that may take only so much, and reach nothing else.

Belongs here: starting the process, talking to it, and a sentence for each way in which it can die.
Doesn't: what it may do (`child`), what is run in it (landing), or the checks that need no process
(reading.checks).

On Linux the kernel enforces the memory limit. macOS ignores it for most allocations: there the
limits of time and of what a file may inflate to (reading.checks) have to do.
"""

import contextlib
import json
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from orchestration import config
from orchestration.config import Limits
from orchestration.files import PACKAGE
from orchestration.landing import child
from orchestration.reading import ReadError

_AGAIN = "open it where it came from and save it again"
_MOST_REPLY_BYTES = 1 << 20
_MOST_GROWTH = 10_000  # of a file in memory, also where its parts are compressed
_DYING_SECONDS = 0.5  # of a process that has ended, or will when nobody speaks with it any more

# run(file_bytes, function, *arguments, files=(raw, rows)) runs a function of a module in the child,
# with the open files after its arguments, and returns what it returns, which is JSON; `file_bytes`
# is the size of the file it works on. Raises ReadError when the child takes more than the limits,
# dies or raises one, and ChildError for whatever else the function raises.
Run = Callable[..., Any]

# What Rust and C++ do when memory ends (abort), and what the system does (kill).
_OUT_OF_MEMORY_SIGNALS = (-signal.SIGABRT, -signal.SIGKILL)


class ChildError(Exception):
    """An error in the child that is none of the file's; the message begins with its type."""


@contextlib.contextmanager
def child_process(limits: Limits | None = None) -> Iterator[Run]:
    """Give a `Run`, whose process starts with its first call and serves all that follow.

    A child that dies is replaced; one function at a time runs. What is left of it waits for the
    next, and ends with this process.
    """
    limits = limits or config.LIMITS
    children = _idle.pop(limits, [])

    def run(
        file_bytes: int,
        function: Callable[..., Any],
        *arguments: Any,
        files: tuple[BinaryIO, ...] = (),
    ) -> Any:
        if not children:
            children.append(_Child(limits))
        seconds = limits.seconds + limits.seconds_a_mb * file_bytes / 1e6
        deadline = time.monotonic() + seconds * limits.patience
        try:
            reply = children[0].call((function, seconds, arguments), files, deadline)
        except TimeoutError:
            children.pop().end()
            raise ReadError(_too_much_time(seconds * limits.patience)) from None
        except (OSError, ValueError):  # it is gone, or says what it would not say
            too_much_memory = _too_much_memory(file_bytes, limits)
            raise ReadError(_death(children.pop().end(), seconds, too_much_memory)) from None
        return _value(reply, _too_much_memory(file_bytes, limits))

    try:
        yield run
    except BaseException:  # perhaps in the middle of a call
        for process in children:
            process.end()
        raise
    _idle[limits] = children


_idle: dict[Limits, list["_Child"]] = {}


class _Child:
    """The process, seen from here."""

    def __init__(self, limits: Limits) -> None:
        # A module of the folder that one stands in is not to be taken for Python's own; the folder
        # of this package, which may be the same, comes last.
        here = (str(Path.cwd()), str(PACKAGE.parent))
        path = [name for name in sys.path if Path(name).is_absolute() and name not in here]
        settings = {
            "path": [*path, str(PACKAGE.parent)],
            "folders": [*path, str(PACKAGE), sys.prefix, sys.base_prefix],
            "memory_bytes": limits.memory_bytes,
            "file_bytes": limits.inflated_bytes,
        }
        self.connection, theirs = socket.socketpair()
        with theirs:
            self.process: subprocess.Popen[bytes] = subprocess.Popen(
                [sys.executable, "-I", "-S", "-X", "utf8", child.__file__, json.dumps(settings)],
                stdin=theirs.fileno(),
                # What compiled code prints when it dies tells an analyst nothing.
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
            )

    def call(self, call: tuple[Any, ...], files: tuple[BinaryIO, ...], deadline: float) -> Any:
        """Return the child's reply. Raises TimeoutError, OSError or ValueError without one."""
        message = pickle.dumps(call)
        self.connection.settimeout(max(deadline - time.monotonic(), 0.01))
        handles = [file.fileno() for file in files]
        socket.send_fds(self.connection, [child.HEAD.pack(len(message))], handles)
        self.connection.sendall(message)
        (length,) = child.HEAD.unpack(self._received(child.HEAD.size, deadline))
        if length > _MOST_REPLY_BYTES:
            raise ValueError("a reply is short")
        return json.loads(self._received(length, deadline))

    def _received(self, length: int, deadline: float) -> bytes:
        data = b""
        while len(data) < length:
            self.connection.settimeout(max(deadline - time.monotonic(), 0.01))
            piece = self.connection.recv(length - len(data))
            if not piece:
                raise ConnectionResetError
            data += piece
        return data

    def end(self) -> int:
        """End the process and return its exit code, that of its own end if it has ended."""
        self.connection.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(timeout=_DYING_SECONDS)
        self.process.kill()
        return self.process.wait()


def _value(reply: Any, too_much_memory: str) -> Any:
    match reply:
        case {"value": value}:
            return value
        case {"error": "ReadError", "text": str(text), "columns_found": int(columns_found)}:
            raise ReadError(text, columns_found)
        case {"error": "MemoryError"}:
            raise ReadError(too_much_memory)
        case {"error": "gave up"}:
            raise ReadError(f"what reads it gave up, so it is probably damaged; {_AGAIN}")
        case {"error": name, "text": text}:
            raise ChildError(f"{name}: {text}")
    raise ChildError("the reply is none")


def _too_much_memory(file_bytes: int, limits: Limits) -> str:
    # A small file isn't too long but has cells far apart, or is damaged.
    is_small = file_bytes * _MOST_GROWTH < limits.memory_bytes
    otherwise = _AGAIN if is_small else "split it into several files"
    return (
        f"reading it takes more than {limits.memory_bytes / 1e6:,.0f} MB of memory; "
        f"delete empty rows and columns around the table, or {otherwise}"
    )


def _too_much_time(seconds: float) -> str:
    return (
        f"reading it took longer than {seconds:,.0f} seconds; "
        "keep only the table, split it into several files, or save it as .csv"
    )


def _death(exitcode: int, seconds: float, too_much_memory: str) -> str:
    if exitcode == -signal.SIGXCPU:
        return _too_much_time(seconds)
    if exitcode in _OUT_OF_MEMORY_SIGNALS:
        return too_much_memory
    how = signal.Signals(-exitcode).name if exitcode < 0 else f"exit code {exitcode}"
    return f"the program that reads it crashed ({how}), so the file is probably damaged; {_AGAIN}"
