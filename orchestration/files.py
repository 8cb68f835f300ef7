"""Files that are whole or as they were, whatever stops the writer: a crash, a kill, a full disk.

Belongs here: replacing a file in one step, hashing raw files and the project's own, reading what
was written as Parquet, and telling a full disk from other errors. Not here: which files there are
(`config.Home`) and what is in them.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from orchestration.config import LIMITS, LedgerError, Limits

if TYPE_CHECKING:
    import pyarrow as pa

PACKAGE = Path(__file__).resolve().parent
# The endings of source files: not what Python and editors leave beside them.
_SOURCE_ENDINGS = {".py", ".css", ".html", ".js", ".json", ".sql", ".yaml", ".yml"}

_PART, _DAY_SECONDS = ".partial", 86_400

# What the system, SQLite and DuckDB say when there is no room, or no right to more of it.
_FULL = ("No space left on device", "disk is full", "Disk quota exceeded", "File too large")
# SQLite says this of a full disk and of a broken one: a full one, where less than a build needs is
# left.
_UNCLEAR, _LITTLE_BYTES = "disk I/O error", 100 << 20
# Temporary files are gone by the time a failure is told: less than this left means a full disk.
_ALMOST_NOTHING_BYTES = 1 << 20


@contextlib.contextmanager
def replacing(path: Path, *, swap: bool = False) -> Iterator[Path]:
    """Yield a path to write a file or folder at, which takes the place of `path` once it is whole.

    Nothing is replaced when the body raises, or leaves nothing there. The path lies in a folder of
    a random name that only this user may open, so that no link can wait there. A folder takes the
    place of none that holds anything (OSError), unless `swap` is set: for an instant there is none.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _delete_left_overs(path)
    with tempfile.TemporaryDirectory(prefix=_prefix(path), suffix=_PART, dir=path.parent) as folder:
        partial = Path(folder, path.name)
        yield partial
        if partial.exists():
            for written in (partial, *partial.rglob("*")):
                sync(written)
            if swap:
                with contextlib.suppress(FileNotFoundError):
                    path.replace(Path(folder, "old"))
            partial.replace(path)
            sync(path.parent)


def _prefix(path: Path) -> str:
    return f".{path.name[:50]}."  # hidden, and short enough to leave room for what follows


def _delete_left_overs(path: Path) -> None:
    """Delete what writers left who were killed: nothing takes a day to write."""
    for folder in path.parent.glob(f"{glob.escape(_prefix(path))}*{_PART}"):
        with contextlib.suppress(FileNotFoundError):  # another writer has ended meanwhile
            if time.time() - folder.lstat().st_mtime > _DAY_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def sole_writer_in(folder: Path) -> Iterator[None]:
    """Hold the right to write in a folder that several homes may share.

    The folder itself is locked: there is no file that could be a link. Raises LedgerError while
    another process has the right.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise LedgerError("another process is writing here; wait until it has ended") from None
    finally:
        os.close(handle)


def sync(path: Path) -> None:
    """Return when a file, or the names in a folder, would survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@cache
def code_hash(*rooms: str) -> str:
    """Return the SHA-256 of the source files of some rooms: what a skip key holds of the code.

    A room is a folder or file below `orchestration/`, such as "parsing" or "lineage/trace.py". The
    hash is that of the process's first call, as the code that runs is. Raises FileNotFoundError for
    a room that isn't there.
    """
    state = hashlib.sha256()
    for path in sorted({path for room in rooms for path in _source_files(PACKAGE / room)}):
        state.update(f"{path.relative_to(PACKAGE).as_posix()}\n".encode() + path.read_bytes())
    return state.hexdigest()


def _source_files(room: Path) -> list[Path]:
    if not room.exists():
        raise FileNotFoundError(f"there is no room {room}")
    paths = [room] if room.is_file() else room.rglob("*")
    return [path for path in paths if path.suffix in _SOURCE_ENDINGS and path.is_file()]


class FileHash(NamedTuple):
    """What identifies the bytes of a file."""

    sha256: str
    bytes: int


def open_file(path: Path, limits: Limits = LIMITS) -> BinaryIO:
    """Open an ordinary file that isn't too large; never waits, as opening a pipe would.

    Raises LedgerError for any other, in one sentence that doesn't name it.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise LedgerError(
            f"the file can't be opened ({error.strerror}); check that it is there and readable"
        ) from error
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        raise LedgerError("this is a folder, pipe or device, not a file; put the file itself there")
    if facts.st_size > limits.file_bytes:
        os.close(descriptor)
        raise LedgerError(
            f"the file has {facts.st_size / 1e6:,.0f} MB, of at most "
            f"{limits.file_bytes / 1e6:,.0f} MB; split it into several files"
        )
    return os.fdopen(descriptor, "rb")


def is_file(path: Path) -> bool:
    """Whether this is a file, as far as this user may see it."""
    try:
        return path.is_file()
    except OSError:
        return False


def file_hash(path: Path) -> FileHash:
    """Hash a file piece by piece, so that its size doesn't matter. Raises as `open_file` does."""
    digest, length = hashlib.sha256(), 0
    with open_file(path) as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
            length += len(piece)
    return FileHash(digest.hexdigest(), length)


def read_parquet(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Read a Parquet file of ours, or those of some columns that it has.

    pyarrow's own `read_table` imports pandas, which takes half a second of each process.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415 - dbt's process reads none

    with pq.ParquetFile(path) as file:
        return file.read(columns)


def full_disk(folder: Path, *failures: BaseException | str) -> str | None:
    """Return a sentence when failures, or the space left, say that the disk is full; else None."""
    told = "\n".join(str(failure) for failure in failures)
    is_full = any(sign in told for sign in _FULL)
    enough = _LITTLE_BYTES if _UNCLEAR in told else _ALMOST_NOTHING_BYTES
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    total, _, free = shutil.disk_usage(existing)  # /proc and such have no size
    if not (is_full or (total and free < enough)):
        return None
    return (
        f"The disk that holds {folder} is full; what is served is whole. "
        "Free some space, then run it again."
    )
