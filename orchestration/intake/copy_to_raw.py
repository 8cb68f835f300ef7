"""An inspected file, copied into raw/ as a snapshot of a source, whole or not at all.

Belongs here: where it goes and what must not be overwritten. Doesn't: what is in it (inspection).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import NamedTuple

from orchestration import files
from orchestration.config import LedgerError
from orchestration.intake.inspection import Inspection
from orchestration.sources.formats import split_endings
from orchestration.sources.registry import SOURCE_YML, check_source_name, date_in_name


class Target(NamedTuple):
    """Where a file goes, and what is there: snapshots of the same day, and the one before."""

    folder: Path
    file: str
    same_day: tuple[Path, ...]
    previous: Path | None


def find_target(raw_dir: Path, kind: str, source: str, day: dt.date, path: Path) -> Target:
    """Find where a file goes. Raises LedgerError when the source's name can't be a folder's."""
    folder = raw_dir / kind / source
    check_source_name(source, folder.parent.glob("[!.]*"))
    if not folder.resolve().is_relative_to(raw_dir.resolve()):
        raise LedgerError(f"{folder} leads out of {raw_dir}; choose another --source")
    days = {other: date_in_name(other) for other in sorted(folder.glob("[!.]*"))}
    same_day = tuple(other for other, its_day in days.items() if its_day == day)
    others = [(its_day, other) for other, its_day in days.items() if its_day and its_day != day]
    file = f"{day}{''.join(split_endings(path.name))}"
    return Target(folder, file, same_day, max(others)[1] if others else None)


def copy_to_raw(inspection: Inspection, target: Target, *, replace: bool) -> None:
    """Copy the bytes that were inspected into raw/, with the source.yml of a new source.

    Either all of it is there under its name or nothing is. Raises LedgerError when a snapshot of
    that day is there already, unless `replace`, or when the file has changed since.
    """
    if target.same_day and not replace:
        raise LedgerError(
            f"{target.same_day[0]} is there already; give the file another day with --date, "
            "or put it in that one's place with --replace"
        )
    source_yml = inspection.report["source_yml"]
    if target.folder.exists():
        if not (target.folder / SOURCE_YML).exists():
            with files.replacing(target.folder / SOURCE_YML) as partial:
                partial.write_text(source_yml, encoding="utf-8")
        with files.replacing(target.folder / target.file) as partial:
            _copy(inspection, partial)
    else:
        with files.replacing(target.folder) as partial:
            partial.mkdir()
            (partial / SOURCE_YML).write_text(source_yml, encoding="utf-8")
            _copy(inspection, partial / target.file)
    for old in target.same_day:
        if old.name != target.file:
            old.unlink()


def _copy(inspection: Inspection, to: Path) -> None:
    digest = hashlib.sha256()
    with files.open_file(inspection.path) as file, to.open("wb") as copy:
        while block := file.read(1 << 20):
            digest.update(block)
            copy.write(block)
    if digest.hexdigest() != inspection.report["sha256"]:
        name = inspection.path.name
        raise LedgerError(f"{name}: the file changed while it was inspected; add it again")
