"""The catalogue: which object holds each raw file's rows, and what its sheets became.

Belongs here: its records, where they are kept, and their loss. Doesn't: deciding what is new
(landing), or what an object's rows hold (schema).
"""

import datetime as dt
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration import files

_LOGGER = logging.getLogger(__name__)
_METADATA_KEY = b"genai_ledger.entry"  # in an object: its own entry


class LandedSheet(NamedTuple):
    """What became of one sheet: landed, no_table or refused. Mappings and lists are JSON."""

    sheet: str
    status: str
    problem: str | None = None
    header_row: int | None = None
    rows: int = 0
    columns: str | None = None  # canonical name -> {header, column}
    unmapped: str | None = None  # headers
    findings: str | None = None  # sentences


class Entry(NamedTuple):
    """A raw file, what source.yml says of it, and its sheets: as many rows of the catalogue.

    `object` is the Parquet with its rows, relative to the landing folder; None when nothing of
    the file is in use.
    """

    kind: str
    source: str
    snapshot_on: dt.date
    file: str
    title: str
    producer: str
    url: str
    licence: str
    cadence: str
    accessed_on: dt.date
    complete: str | None  # JSON: a list of {to, from_usd, layers}
    object: str | None = None
    sha256: str | None = None
    bytes: int | None = None
    sheets: tuple[LandedSheet, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows of the file are in use."""
        return sum(sheet.rows for sheet in self.sheets)


def _schema() -> pa.Schema:
    hints = get_type_hints(Entry) | get_type_hints(LandedSheet)
    types = {name: (get_args(hint) or (hint,))[0] for name, hint in hints.items()}
    arrow = {str: pa.string(), int: pa.int64(), dt.date: pa.date32()}
    return pa.schema([(name, arrow[type_]) for name, type_ in types.items() if type_ in arrow])


SCHEMA = _schema()


def read_catalogue(landing_dir: Path) -> pa.Table:
    """Read the catalogue (SCHEMA); empty before anything has landed.

    Raises OSError or pyarrow.ArrowException for a damaged one, which the next landing makes anew.
    """
    path = landing_dir / "catalogue.parquet"
    if not path.exists():
        return SCHEMA.empty_table()
    read = files.read_parquet(path)
    # One of another version has other columns.
    return read if read.schema.equals(SCHEMA) else pq.read_table(path, schema=SCHEMA)


def read_entries(landing_dir: Path) -> list[Entry]:
    """Read the entries of the catalogue, or of the objects when it is lost or damaged."""
    try:
        rows = read_catalogue(landing_dir).to_pylist()
    except (pa.ArrowException, OSError) as error:
        _LOGGER.warning("The catalogue in %s is damaged and made anew: %s", landing_dir, error)
        rows = []
    if rows:
        by_file = groupby(rows, lambda row: (row["kind"], row["source"], row["file"]))
        return [_entry(list(rows_of_file)) for _, rows_of_file in by_file]
    entries = map(read_entry, sorted((landing_dir / "objects").glob("*.parquet")))
    return [entry for entry in entries if entry]


def write_catalogue(entries: Iterable[Entry], landing_dir: Path) -> None:
    """Write the catalogue, in one step."""
    rows = [row for entry in entries for row in _rows(entry)]
    write_table(pa.Table.from_pylist(rows, schema=SCHEMA), landing_dir / "catalogue.parquet")


def write_table(table: pa.Table, path: Path) -> None:
    """Write a Parquet file in one step; same table, same bytes."""
    with files.replacing(path) as partial:
        pq.write_table(table, partial, compression="zstd")


def with_entry(table: pa.Table, entry: Entry) -> pa.Table:
    """Return an object's rows with what the catalogue says of them in their metadata."""
    return table.replace_schema_metadata({_METADATA_KEY: json.dumps(_rows(entry), default=str)})


def read_entry(path: Path) -> Entry | None:
    """Read the entry in an object's metadata; None of one that is missing, damaged or older."""
    try:
        rows = json.loads(pq.read_metadata(path).metadata[_METADATA_KEY])
        for name in ("snapshot_on", "accessed_on"):
            rows[0][name] = dt.date.fromisoformat(rows[0][name])
        return _entry(rows)
    except (pa.ArrowException, OSError, LookupError, TypeError, ValueError):
        return None


def _rows(entry: Entry) -> list[dict[str, Any]]:
    return [entry._asdict() | sheet._asdict() for sheet in entry.sheets]


def _entry(rows: Sequence[Mapping[str, Any]]) -> Entry:
    sheets = [LandedSheet(**{name: row[name] for name in LandedSheet._fields}) for row in rows]
    facts = {name: rows[0][name] for name in Entry._fields if name != "sheets"}
    return Entry(**facts, sheets=tuple(sheets))
