"""A file that was looked at, put into raw/ as a snapshot of a source, whole or not at all.

Belongs here: where it goes, what must not be overwritten, and how its headers differ from the
last snapshot's. Doesn't: what is in it (look).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple

from orchestration.intake.inspection import IntakeError, Look
from orchestration.sources.formats import split_endings

_NAME = re.compile(r"\w[\w.-]*")


class Target(NamedTuple):
    """Where a file goes, and the snapshots of the same day that are there already."""

    folder: Path
    file: str
    same_day: tuple[Path, ...]

    @property
    def source_yml(self) -> Path:
        """The source's own description, if the source exists."""
        return self.folder / "source.yml"


def target(raw_dir: Path, kind: str, source: str, on: dt.date, path: Path) -> Target:
    """Say where a file goes. Raises IntakeError when the source's name can't be a folder's."""
    if not _NAME.fullmatch(source):
        raise IntakeError(
            f"{source!r} can't be the name of a source; use letters, digits and underscores"
        )
    folder = raw_dir / kind / source
    if not folder.resolve().is_relative_to(raw_dir.resolve()):
        raise IntakeError(f"{folder} leads out of {raw_dir}; choose another --source")
    there = folder.iterdir() if folder.is_dir() else ()
    same_day = (p for p in there if p.name.split(".")[0] == on.isoformat())
    return Target(
        folder, on.isoformat() + "".join(split_endings(path.name)), tuple(sorted(same_day))
    )


def snapshots(where: Target) -> list[Path]:
    """List the source's data files, the oldest first, but for those to be replaced."""
    files = where.folder.glob("[0-9]*") if where.folder.is_dir() else ()
    return sorted(path for path in files if path not in where.same_day)


def place(found: Look, where: Target, *, replace: bool) -> Path:
    """Copy the bytes that were looked at into raw/, with the source.yml of a new source.

    Either all of it is there under its name or nothing is. Raises IntakeError when a snapshot of
    that day is there already, unless `replace`, or when the file has changed since the look.
    """
    if where.same_day and not replace:
        raise IntakeError(
            f"{where.same_day[0]} is there already; give the file another day with --date, "
            "or put it in that one's place with --replace"
        )
    is_new = not where.folder.exists()
    folder = where.folder.with_name(f".{where.folder.name}.part") if is_new else where.folder
    part, settings_part = folder / f".{where.file}.part", folder / ".source.yml.part"
    if is_new:
        shutil.rmtree(folder, ignore_errors=True)  # left by a run that was killed
        folder.mkdir(parents=True)
    try:
        _copy(found.path, part, found.report["sha256"])
        if not where.source_yml.exists():
            _write(settings_part, found.report["source_yml"].encode())
            settings_part.replace(folder / "source.yml")
        part.replace(folder / where.file)
        if is_new:
            folder.rename(where.folder)
    finally:
        part.unlink(missing_ok=True)
        if is_new:
            shutil.rmtree(folder, ignore_errors=True)
    for old in where.same_day:
        if old.name != where.file:
            old.unlink()
    return where.folder / where.file


def _copy(path: Path, part: Path, sha256: str) -> None:
    digest = hashlib.sha256()
    with path.open("rb") as file, part.open("wb") as copy:
        while block := file.read(1 << 20):
            digest.update(block)
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    if digest.hexdigest() != sha256:
        raise IntakeError(f"{path.name}: the file changed while it was looked at; add it again")


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def drift(old: set[str], new: set[str]) -> list[str]:
    """Say, in sentences, which headers a snapshot gained or lost against the one before."""
    sentences = (
        ("headers that it had and this one lacks", old - new),
        ("headers that are new", new - old),
    )
    return [f"{what}: {', '.join(sorted(headers))}." for what, headers in sentences if headers]
