"""What raw/ holds: sources and their dated snapshots.

Belongs here: what folders and file names say. Doesn't: what a kind is (kinds), checking source.yml
(source_file), reading a file's rows (reading), or deciding which files are new (landing).
"""

from __future__ import annotations

import datetime
import importlib.util
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import fsspec

from orchestration.sources.formats import ENDINGS, Settings, Units, Unpivot, can_read
from orchestration.sources.kinds import Kind, vocabulary
from orchestration.sources.refresh_settings import Refresh, refresh_settings
from orchestration.sources.source_yml import SourceError, nearest, read_source_file

_HOURS = {"h": 1, "d": 24, "w": 24 * 7}
_SOURCE_FILE = "source.yml"
_SOURCE_NAME = re.compile(r"[A-Za-z0-9_-]+")
_ISO_DATE = re.compile(rb"^\W?(\d{4}-\d\d-\d\d)\b", re.MULTILINE)


class Snapshot(NamedTuple):
    """One data file; `file` is its name in the lineage, relative to the parent of raw/."""

    path: Path
    file: str
    on: datetime.date


class Source(NamedTuple):
    """A folder raw/<kind>/<name> with the facts of its source.yml; snapshots oldest first."""

    kind: str
    name: str
    folder: Path
    title: str
    producer: str
    url: str
    licence: str
    accessed_on: datetime.date
    contents: str
    cadence: str
    frozen_because: str | None
    complete_to: datetime.date | None
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


class Found(NamedTuple):
    """The usable sources, and the problems of the others, both by kind and name."""

    sources: tuple[Source, ...]
    problems: tuple[Problem, ...]


def period(cadence: str) -> datetime.timedelta:
    """Return the time within which a source's next snapshot is due: `12h`, `7d`, `4w`."""
    return datetime.timedelta(hours=int(cadence[:-1]) * _HOURS[cadence[-1]])


def find_sources(raw_dir: Path, kinds: Mapping[str, Kind]) -> Found:
    """Find every source below raw/; one that can't be used becomes a problem, not an exception.

    A source without any data file is in both lists, so that what it had landed is retired.
    """
    sources, problems = [], []
    for kind_folder in _folders(raw_dir, raw_dir):
        folders = _folders(kind_folder, raw_dir)
        alike = Counter(_asset_name(folder) for folder in folders)
        for folder in folders:
            try:
                if alike[_asset_name(folder)] > 1:
                    raise SourceError(
                        f"{_shown(folder, raw_dir)}: another folder's name differs from it only in "
                        "- and _, which Dagster takes for one; rename one of them"
                    )
                source = _source(folder, kinds, raw_dir)
                sources.append(source)
                if not source.snapshots and not source.awaits_consent:
                    fetch = f"run `genai-ledger refresh {folder.name}`, or " * bool(source.refresh)
                    raise SourceError(
                        f"{_shown(folder, raw_dir)} has no data file; "
                        f"{fetch}add one named by its date, such as 2026-11-23.csv"
                    )
            except SourceError as error:
                problems.append(Problem(kind_folder.name, folder.name, str(error)))
    problems += _stray_files(raw_dir)
    return Found(tuple(sources), tuple(sorted(problems)))


def _asset_name(folder: Path) -> str:
    return folder.name.replace("-", "_")


def _source(folder: Path, kinds: Mapping[str, Kind], raw_dir: Path) -> Source:
    kind = kinds.get(folder.parent.name)
    if kind is None:
        raise SourceError(
            f"{_shown(folder.parent, raw_dir)}: `{folder.parent.name}` is not a kind; "
            f"{nearest(folder.parent.name, kinds)}"
        )
    if not _SOURCE_NAME.fullmatch(folder.name):
        raise SourceError(
            f"the folder {folder.name!r} of {kind.name} has other characters in its name than "
            "a to z, digits, - and _, which not every tool understands; rename it"
        )
    for problem in _bad_links(folder, raw_dir):
        raise SourceError(problem)
    path = folder / _SOURCE_FILE
    facts = read_source_file(path, _shown(path, raw_dir), vocabulary([kind]))
    source = source_of(kind.name, folder, facts)
    snapshots = _snapshots(folder, raw_dir)
    if package := facts.get("reader", {}).get("python_package"):
        try:
            snapshots.append(_packaged(package["package"], package["file"], source.accessed_on))
        except (OSError, ImportError, zipfile.BadZipFile, zlib.error) as error:
            raise SourceError(f"{_shown(path, raw_dir)}: python_package: {error}") from error
    return source._replace(
        snapshots=tuple(sorted(snapshots, key=lambda snapshot: snapshot.on)),
        refresh=refresh_settings(facts, _shown(path, raw_dir)) if "refresh" in facts else None,
    )


def source_of(kind: str, folder: Path, facts: Mapping[str, Any]) -> Source:
    """Make a source of the facts of its source.yml, without its snapshots and its download."""
    complete_to = facts.get("complete_to")
    return Source(
        kind=kind,
        name=folder.name,
        folder=folder,
        title=facts["title"],
        producer=facts["producer"],
        url=facts["url"],
        licence=facts["licence"],
        accessed_on=datetime.date.fromisoformat(facts["accessed_on"]),
        contents=facts["contents"],
        cadence=facts["cadence"],
        frozen_because=facts.get("frozen_because"),
        complete_to=datetime.date.fromisoformat(complete_to) if complete_to else None,
        settings=_settings(facts),
        snapshots=(),
        refresh=None,
    )


def _settings(facts: Mapping[str, Any]) -> Settings:
    reader = facts.get("reader", {})
    unpivot = reader.get("unpivot")
    return Settings(
        sheets=tuple(reader.get("sheets", ())),
        header_row=reader.get("header_row"),
        heading=reader.get("heading"),
        sheet_name_is=reader.get("sheet_name_is"),
        unpivot=unpivot and Unpivot(tuple(unpivot["keep"]), unpivot["name"], unpivot["value"]),
        empty_values=tuple(reader.get("empty_values", ())),
        encoding=reader.get("encoding"),
        columns={
            column: (headers,) if isinstance(headers, str) else tuple(headers)
            for column, headers in facts.get("columns", {}).items()
        },
        units={column: Units(**units) for column, units in facts.get("units", {}).items()},
        dates=facts.get("dates", {}),
        values=facts.get("values", {}),
        constants=facts.get("constants", {}),
    )


def _snapshots(folder: Path, raw_dir: Path) -> list[Snapshot]:
    snapshots: dict[datetime.date, Snapshot] = {}
    for path in _visible(folder):
        if path.name == _SOURCE_FILE:
            continue
        shown = _shown(path, raw_dir)
        if not can_read(path.name):
            raise SourceError(
                f"{shown}: files ending in {path.suffix!r} can't be read; save it as one of "
                f"{', '.join(ENDINGS)}, with .gz behind it if compressed, or move it out of raw"
            )
        name, dot, ending = path.name.partition(".")
        try:
            on = datetime.date.fromisoformat(name)
        except ValueError as error:
            raise SourceError(
                f"{shown}: the file's name is not a date; "
                f"name it by the day it describes, such as 2026-11-23{dot}{ending}"
            ) from error
        if not path.is_file():
            raise SourceError(f"{shown}: this is no file; put the file itself there")
        if on in snapshots:
            raise SourceError(
                f"{shown}: {snapshots[on].path.name} is of the same day; keep one of the two"
            )
        snapshots[on] = Snapshot(path, shown, on)
    return list(snapshots.values())


def _packaged(package: str, file: str, accessed_on: datetime.date) -> Snapshot:
    """Find a snapshot that ships in an installed Python package.

    Its date is the newest ISO date that begins a line of it, else the day it was accessed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"the package {package} is not installed; install it with pip")
    path = Path(spec.submodule_search_locations[0]) / file
    if not path.is_file():
        raise FileNotFoundError(f"the package {package} has no file {file}; correct its name")
    with fsspec.open(str(path), compression="infer") as opened:
        newest = max(_ISO_DATE.findall(opened.read()), default=b"").decode()
    on = datetime.date.fromisoformat(newest) if newest else accessed_on
    return Snapshot(path, f"python-package:{package}/{file}", on)


def _stray_files(raw_dir: Path) -> Iterator[Problem]:
    for folder in (raw_dir, *_folders(raw_dir, raw_dir)):
        kind = "" if folder == raw_dir else folder.name
        yield from (Problem(kind, "", message) for message in _bad_links(folder, raw_dir))
        for path in _visible(folder):
            is_data = path.suffix.lower() not in (".html", ".md", ".txt") and can_read(path.name)
            if is_data and path.is_file():
                ending = path.name.partition(".")[2]
                message = (
                    f"{_shown(path, raw_dir)}: a data file belongs in a folder of its own source, "
                    f"such as raw/{kind or 'funding_rounds'}/my_source/2026-11-23.{ending}"
                )
                yield Problem(kind, "", message)


def _folders(folder: Path, raw_dir: Path) -> list[Path]:
    return [path for path in _visible(folder) if path.is_dir() and not _bad_link(path, raw_dir)]


def _bad_links(folder: Path, raw_dir: Path) -> Iterator[str]:
    for path in _visible(folder):
        if problem := _bad_link(path, raw_dir):
            yield f"{_shown(path, raw_dir)}: {problem}"


def _bad_link(path: Path, raw_dir: Path) -> str | None:
    """Say what is wrong with a link: what lies outside raw/ is nobody's to land from here."""
    if not path.is_symlink():
        return None
    try:
        inside = path.resolve(strict=True).is_relative_to(raw_dir.resolve())
    except (OSError, RuntimeError):  # Python before 3.13 raises the latter on a loop
        return "the link leads nowhere; remove it, or put the file itself there"
    return None if inside else "the link leads out of raw; put a copy of the file itself there"


def _visible(folder: Path) -> list[Path]:
    # Office programs keep lock files (~$...) beside an open file; systems hide theirs by a dot.
    return sorted(path for path in folder.iterdir() if not path.name.startswith((".", "~$")))


def _shown(path: Path, raw_dir: Path) -> str:
    shown = path.relative_to(raw_dir.parent).as_posix()
    return shown if shown.isprintable() else repr(shown)[1:-1]
