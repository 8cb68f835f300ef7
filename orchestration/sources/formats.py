"""The formats of raw files, and what a source.yml says of how they are read.

Belongs here: the endings of names, the first bytes of files, and reader options as types. Doesn't:
reading them (`reading`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import NamedTuple

FORMATS: Mapping[str, tuple[str, ...]] = {
    "spreadsheet": (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"),
    "delimited": (".csv", ".tsv", ".txt"),
    "markdown": (".md",),
    "html": (".html", ".htm"),
    "parquet": (".parquet",),
    "json": (".json", ".jsonl"),
}
ENDINGS = tuple(ending for endings in FORMATS.values() for ending in endings)
_WRAPPINGS = (".gz", ".zip")

ZIP, OLE, GZIP, PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"PAR1"
# How the files of an ending begin; those of the others are text.
FIRST_BYTES: Mapping[str, tuple[bytes, ...]] = {
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".ods", ".zip"), (ZIP,)),
    ".xls": (OLE,),
    ".parquet": (PARQUET,),
    ".gz": (GZIP,),
    **dict.fromkeys((".json", ".jsonl"), (b"[", b"{")),
}


class Unpivot(NamedTuple):
    """How a wide table becomes long: `keep` are headers, the others become rows."""

    keep: tuple[str, ...]
    name: str
    value: str


class Units(NamedTuple):
    """What a bare number of a column stands for."""

    currency: str | None = None
    multiplier: float | None = None


class Settings(NamedTuple):
    """Everything in a source.yml that changes what is read; see source_schema.json."""

    sheets: tuple[str, ...] = ()
    header_row: int | None = None
    heading: str | None = None
    sheet_name_is: str | None = None
    unpivot: Unpivot | None = None
    empty_values: tuple[str, ...] = ()
    encoding: str | None = None
    hidden_rows: str = "read"
    columns: Mapping[str, tuple[str, ...]] = {}
    units: Mapping[str, Units] = {}
    dates: Mapping[str, str | int] = {}
    values: Mapping[str, Mapping[str, str]] = {}
    constants: Mapping[str, str] = {}
    defaults: Mapping[str, str] = {}  # what a column's empty cells say


def split_endings(name: str) -> tuple[str, str]:
    """Split the endings of a file's name: its format's and that of its wrapping, or empty."""
    path = PurePath(name.lower())
    if path.suffix in _WRAPPINGS:
        return PurePath(path.stem).suffix, path.suffix
    return path.suffix, ""


def can_read(name: str) -> bool:
    """Whether a file of this name, possibly compressed, is of a format that has a reader."""
    ending, wrapping = split_endings(name)
    return ending in ENDINGS or (wrapping == ".zip" and not ending)
