"""What tests run in the child process: functions of a module that reads no file of its own."""

from __future__ import annotations

import calendar
import os
import socket
import subprocess
import threading
import time
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

import orchestration


def own_process() -> int:
    return os.getpid()


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def spin(seconds: float) -> None:
    started = time.process_time()
    while time.process_time() < started + seconds:
        pass


def take_memory(size: int) -> int:
    return len(bytearray(size))


def take_arrow_memory(size: int) -> int:
    return int(pa.allocate_buffer(size).size)


def die(number: int) -> None:
    os.kill(os.getpid(), number)


def leave() -> None:
    raise SystemExit(3)


def fail() -> None:
    raise ZeroDivisionError("on purpose")


def environment() -> dict[str, str]:
    return dict(os.environ)


def read_text(path: str) -> str:
    return Path(path).read_text()


def write_text(path: str) -> int:
    return Path(path).write_text("written by the child")


def read_here() -> str:
    return f"{Path.cwd()} {calendar.__file__} {orchestration.__file__}"


def connect(family: int, address: Any) -> None:
    with socket.socket(family) as connection:
        connection.connect(address)


def fork() -> int:
    return os.fork()


def start_program() -> int:
    return subprocess.run(["true"], check=False).returncode


def share_memory() -> str:
    return SharedMemory(create=True, size=10).name


def signal_parent() -> None:
    os.kill(os.getppid(), 0)


def start_thread() -> bool:
    thread = threading.Thread(target=time.sleep, args=(0,))
    thread.start()
    thread.join()
    return True


def write_much(raw: BinaryIO, rows: BinaryIO) -> int:
    return rows.write(raw.read() * (4 << 20))


class Evil:
    """What runs something where it is unpickled."""

    def __reduce__(self) -> Any:
        return os.system, ("true",)


def answer_with_code() -> Any:
    return Evil()


def answer_much() -> str:
    return "a" * (8 << 20)


def speak_wrongly() -> None:
    os.write(0, b"\0" * 7 + b"\5[][]]")
