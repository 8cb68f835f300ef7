"""What raw/ holds: sources and their dated snapshots.

Belongs here: what folders and file names say. Doesn't: what a kind is (kinds), checking source.yml
(source_yml), reading a file's rows (reading), or deciding which files are new (landing).
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import itertools
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import fsspec

from orchestration import config, files
from orchestration.config import LedgerError, nearest
from orchestration.sources.formats import ENDINGS, Settings, can_read
from orchestration.sources.kinds import Kind, columns_by_name
from orchestration.sources.source_yml import Refresh, read_source_yml, refresh, settings

SOURCE_YML = "source.yml"
_HOURS = {"h": 1, "d": 24, "w": 24 * 7}
_SOURCE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# What systems, editors and browsers leave beside files, and what people write of them.
_BESIDE = re.compile(
    r"desktop\.ini|(?:eh)?thumbs\.db|icon\r|\.ds_store|\._.*|~.*|.*~|#.*#"
    r"|.*\.(?:bak|tmp|temp|swp|swo|orig|part|partial|crdownload|download|lnk)"
    r"|(?:readme|licen[cs]e|copying|changelog|notice)(?:\.(?:md|txt|rst|html))?",
    re.IGNORECASE,
)
_ISO_DATE = re.compile(rb"^\W?(\d{4}-\d\d-\d\d)\b", re.MULTILINE)


class Snapshot(NamedTuple):
    """One data file; `file` is its name in the lineage, relative to the parent of raw/."""

    path: Path
    file: str
    snapshot_date: dt.date


class Source(NamedTuple):
    """A folder raw/<kind>/<name> with the facts of its source.yml; snapshots oldest first."""

    kind: str
    name: str
    folder: Path
    title: str
    producer: str
    url: str
    licence: str
    accessed_on: dt.date
    contents: str
    cadence: str
    frozen_because: str | None
    complete: str | None  # JSON: what it holds in full, a list of {to, from_usd, layers}
    settings: Settings
    snapshots: tuple[Snapshot, ...]
    refresh: Refresh | None

    @property
    def awaits_consent(self) -> bool:
        """Whether there is nothing of it yet because nobody has enabled its download."""
        return self.refresh is not None and not self.refresh.enabled and not self.snapshots


class Problem(NamedTuple):
    """Why a folder can't be used; `source` is empty when that concerns a whole kind."""

    kind: str
    source: str
    message: str


class Inventory(NamedTuple):
    """The usable sources, and the problems of others and of single files, by kind and name.

    `ignored` are files that are no data, such as desktop.ini, by their labels.
    """

    sources: tuple[Source, ...]
    problems: tuple[Problem, ...]
    ignored: tuple[str, ...] = ()

    def require_data(self, raw_dir: Path) -> None:
        """Raise LedgerError when there is nothing to build from."""
        if any(source.snapshots for source in self.sources):
            return
        if self.problems:
            raise LedgerError("; ".join(problem.message for problem in self.problems))
        raise LedgerError(
            f"the folder of raw files, {raw_dir}, holds no data yet; `genai-ledger add FILE` puts "
            "a file there as a source, GENAI_LEDGER_RAW names another folder"
        )


def period(cadence: str) -> dt.timedelta:
    """Return the time within which a source's next snapshot is due: `12h`, `7d`, `4w`."""
    return dt.timedelta(hours=int(cadence[:-1]) * _HOURS[cadence[-1]])


def check_source_name(name: str, folders: Iterable[Path]) -> None:
    """Raise LedgerError when a source can't have this name beside the other folders of its kind."""
    if not _SOURCE_NAME.fullmatch(name):
        raise LedgerError(
            f"{name[:100]!r} can't be the name of a source: up to a hundred letters from a to z, "
            "digits, - and _ are what every tool understands; choose another name"
        )
    for folder in folders:
        if folder.name != name and _asset_name(folder.name) == _asset_name(name):
            raise LedgerError(
                f"{name!r} differs from {folder.name!r} only in - and _, which Dagster takes for "
                "one; choose another name for one of them"
            )


def _asset_name(folder_name: str) -> str:
    return folder_name.replace("-", "_")


def find_sources(raw_dir: Path, kinds: Mapping[str, Kind]) -> Inventory:
    """Find every source below raw/; one that can't be used becomes a problem, not an exception.

    A source without any data file is in both lists, so that what it had landed is retired. Raises
    LedgerError when there is no folder at all.
    """
    if not raw_dir.is_dir():
        raise LedgerError(
            f"the folder of raw files, {raw_dir}, is not there; make it, go to a project "
            "(`genai-ledger init FOLDER` makes one), or correct GENAI_LEDGER_RAW, which names it"
        )
    sources: list[Source] = []
    problems: list[Problem] = []
    for kind_folder in _folders(raw_dir, raw_dir, problems):
        alike: dict[str, list[Path]] = {}
        for folder in _folders(kind_folder, raw_dir, problems):
            alike.setdefault(_asset_name(folder.name), []).append(folder)
        for folder in itertools.chain(*alike.values()):
            try:
                check_source_name(folder.name, alike[_asset_name(folder.name)])
                source, refused = _source(folder, kinds, raw_dir)
                sources.append(source)
                problems += (Problem(source.kind, source.name, message) for message in refused)
                if not (source.snapshots or refused or source.awaits_consent):
                    fetch = f"run `genai-ledger refresh {folder.name}`, or " * bool(source.refresh)
                    raise LedgerError(
                        f"{_label(folder, raw_dir)} has no data file; "
                        f"{fetch}add one named by its date, such as 2026-11-23.csv"
                    )
            except LedgerError as error:
                problems.append(Problem(kind_folder.name, folder.name, str(error)))
    ignored = [_label(path, raw_dir) for path in raw_dir.glob("*/*/*") if is_beside(path)]
    return Inventory(tuple(sources), tuple(sorted(problems)), tuple(sorted(ignored)))


def is_beside(path: Path) -> bool:
    """Whether a file in raw/ is no data by its name: a system's, an editor's, a README."""
    return bool(_BESIDE.fullmatch(path.name))


def raw_files(raw_dir: Path) -> dict[str, str]:
    """Return the SHA-256 of every file in raw/, by its path below the folder that holds raw/.

    Of one that can't be read it says why, so that it counts as changed when it can be.
    """
    found = (path for path in sorted(raw_dir.rglob("*")) if not is_beside(path))
    paths = [path for path in found if files.is_file(path)]
    return {path.relative_to(raw_dir.parent).as_posix(): _sha256(path) for path in paths}


def _sha256(path: Path) -> str:
    try:
        return files.file_hash(path).sha256
    except LedgerError as error:
        return str(error)


def unusable_sources(found: Inventory, kinds: Mapping[str, Kind], raw_dir: Path) -> list[Source]:
    """Return a source without facts or files for each folder of a known kind that can't be used.

    So that it is still seen, with what is wrong as its contents, where sources are listed.
    """
    known = {(source.kind, _asset_name(source.name)) for source in found.sources}
    sources = []
    for problem in found.problems:
        key = (problem.kind, _asset_name(problem.source))
        if key in known or problem.kind not in kinds or not _SOURCE_NAME.fullmatch(problem.source):
            continue
        known.add(key)
        facts = dict.fromkeys(("producer", "url", "licence", "cadence"), "unknown")
        facts |= {"title": problem.source, "contents": problem.message}
        folder = raw_dir / problem.kind / problem.source
        sources.append(source_of(problem.kind, folder, {**facts, "accessed_on": "1970-01-01"}))
    return sources


def _folders(folder: Path, raw_dir: Path, problems: list[Problem]) -> list[Path]:
    """List the folders in raw/ or in a kind's; what else is there and shouldn't is a problem."""
    kind, folders = "" if folder == raw_dir else folder.name, []
    try:
        paths = _visible(folder, raw_dir)
    except LedgerError as error:
        problems.append(Problem(kind, "", str(error)))
        return []
    for path in paths:
        is_data = path.suffix.lower() not in (".html", ".md", ".txt") and can_read(path.name)
        try:
            _check_link(path, raw_dir)
            if path.is_dir():
                folders.append(path)
            elif is_data and path.is_file():
                ending = path.name.partition(".")[2]
                raise LedgerError(
                    f"{_label(path, raw_dir)}: a data file belongs in a folder of its own source, "
                    f"such as raw/{kind or 'funding_rounds'}/my_source/2026-11-23.{ending}"
                )
        except LedgerError as error:
            problems.append(Problem(kind, "", str(error)))
    return folders


def _source(folder: Path, kinds: Mapping[str, Kind], raw_dir: Path) -> tuple[Source, Sequence[str]]:
    """Return a source, and why some of its files are no snapshots, which costs only them."""
    kind = kinds.get(folder.parent.name)
    if kind is None:
        raise LedgerError(
            f"{_label(folder.parent, raw_dir)}: `{folder.parent.name}` is not a kind; "
            f"{nearest(folder.parent.name, kinds)}"
        )
    snapshots, refused = _snapshots(folder, raw_dir)
    path = folder / SOURCE_YML
    _check_link(path, raw_dir)
    label = _label(path, raw_dir)
    facts = read_source_yml(path, label, columns_by_name([kind]))
    source = source_of(kind.name, folder, facts)
    if package := facts.get("reader", {}).get("python_package"):
        try:
            snapshots.append(_packaged(package["package"], package["file"], source.accessed_on))
        except (LedgerError, OSError, ValueError, zipfile.BadZipFile, zlib.error) as error:
            raise LedgerError(f"{label}: python_package: {error}") from error
    snapshots.sort(key=lambda snapshot: snapshot.snapshot_date)
    source = source._replace(snapshots=tuple(snapshots), refresh=refresh(facts, label))
    return source, refused


def source_of(kind: str, folder: Path, facts: Mapping[str, Any]) -> Source:
    """Make a source of the facts of its source.yml, without its snapshots and its download."""
    texts = ("title", "producer", "url", "licence", "contents", "cadence")
    return Source(
        kind=kind,
        name=folder.name,
        folder=folder,
        **{name: facts[name] for name in texts},
        accessed_on=dt.date.fromisoformat(facts["accessed_on"]),
        frozen_because=facts.get("frozen_because"),
        complete=json.dumps(facts["complete"]) if "complete" in facts else None,
        settings=settings(facts),
        snapshots=(),
        refresh=None,
    )


def _snapshots(folder: Path, raw_dir: Path) -> tuple[list[Snapshot], list[str]]:
    snapshots: dict[dt.date, Snapshot] = {}
    refused = []
    for path in _visible(folder, raw_dir):
        try:
            if path.name != SOURCE_YML:
                snapshot = _snapshot(path, raw_dir)
                if same_day := snapshots.get(snapshot.snapshot_date):
                    raise LedgerError(
                        f"{snapshot.file}: {same_day.path.name} is of the same day; keep one of "
                        "the two"
                    )
                snapshots[snapshot.snapshot_date] = snapshot
        except LedgerError as error:
            refused.append(str(error))
    return list(snapshots.values()), refused


def _snapshot(path: Path, raw_dir: Path) -> Snapshot:
    _check_link(path, raw_dir)
    label = _label(path, raw_dir)
    if not can_read(path.name):
        raise LedgerError(
            f"{label}: files ending in {path.suffix!r} can't be read; save it as one of "
            f"{', '.join(ENDINGS)}, with .gz behind it if compressed, or move it out of raw"
        )
    day = date_in_name(path)
    if day is None:
        raise LedgerError(
            f"{label}: the file's name is not a date; name it by the day it describes, such as "
            f"2026-11-23{''.join(path.suffixes)}, or move it out of raw"
        )
    if not path.is_file():
        raise LedgerError(f"{label}: this is no file; put the file itself there")
    return Snapshot(path, label, day)


def date_in_name(path: Path) -> dt.date | None:
    """Return the day that a snapshot's name states: 2026-11-23.csv.gz."""
    stem = path.name.partition(".")[0]
    try:  # Python from 3.11 on would also take 20261123 and 2026-W48-1
        return dt.date.fromisoformat(stem) if _DAY.fullmatch(stem) else None
    except ValueError:
        return None


def _packaged(package: str, file: str, accessed_on: dt.date) -> Snapshot:
    """Find a snapshot that ships in an installed Python package, one of `DATA_PACKAGES`.

    Its date is the newest ISO date that begins a line of it, else the day it was accessed.
    """
    if package not in config.DATA_PACKAGES:
        raise LedgerError(
            f"data are read from no package {package:.60}; {nearest(package, config.DATA_PACKAGES)}"
        )
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise LedgerError(f"the package {package} is not installed; install it with pip")
    folder = Path(spec.submodule_search_locations[0]).resolve()
    path = (folder / file).resolve()
    if not (path.is_relative_to(folder) and files.is_file(path)):
        raise LedgerError(f"the package {package} has no file {file:.60}; correct its name")
    with fsspec.open(str(path), compression="infer") as opened:
        data = opened.read(config.LIMITS.packaged_bytes)
    newest = max(_ISO_DATE.findall(data), default=b"").decode()
    day = dt.date.fromisoformat(newest) if newest else accessed_on
    return Snapshot(path, f"python-package:{package}/{file}", day)


def _check_link(path: Path, raw_dir: Path) -> None:
    """Raise LedgerError for a bad link: what lies outside raw/ is nobody's to land from here."""
    try:
        if not path.is_symlink() or path.resolve(strict=True).is_relative_to(raw_dir.resolve()):
            return
        problem = "the link leads out of raw; put a copy of the file itself there"
    except (OSError, RuntimeError):  # Python before 3.13 raises the latter on a loop
        problem = "the link leads nowhere; remove it, or put the file itself there"
    raise LedgerError(f"{_label(path, raw_dir)}: {problem}")


def _visible(folder: Path, raw_dir: Path) -> list[Path]:
    if not os.access(folder, os.R_OK | os.X_OK):
        raise LedgerError(
            f"{_label(folder, raw_dir)}: this folder may not be opened; ask its owner for the "
            "right to read it, or move it out of raw"
        )
    # Office programs keep lock files (~$...) beside an open file; systems hide theirs by a dot.
    hidden = (p for p in folder.iterdir() if p.name.startswith(".") or is_beside(p))
    return sorted({*folder.iterdir()}.difference(hidden))


def _label(path: Path, raw_dir: Path) -> str:
    label = path.relative_to(raw_dir.parent).as_posix()
    return label if label.isprintable() else repr(label)[1:-1]
