"""Raw files to content-addressed Parquet; a file that hasn't changed is skipped.

Belongs here: deciding what is new, writing it, and the catalogue of what is in use. Doesn't:
reading a format (reading), what a landed file holds (`table`), rejecting a row (dbt).

    landing/objects/<key>.parquet   the rows of one raw file
    landing/schemas/<kind>.parquet  no rows, every column of the kind
    landing/catalogue.parquet       which objects are in use, a row for each file and sheet

A key is the hash of everything that decides the rows. The catalogue is the commit point: it is
replaced in one step, after the objects are written; objects that it doesn't name are deleted.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration import files, parsing, reading
from orchestration.errors import LedgerError
from orchestration.files import FileHash
from orchestration.landing.sandbox import Run, child_process
from orchestration.landing.schema import landed_schema, landed_table
from orchestration.reading import checks
from orchestration.reading.rows import Rows, extract_tables
from orchestration.sources.kinds import Kind
from orchestration.sources.registry import Snapshot, Source

_LOGGER = logging.getLogger(__name__)

Outcome = Literal["landed", "unchanged", "refused", "retired"]

CATALOGUE_SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("source", pa.string()),
        ("snapshot_on", pa.date32()),
        ("file", pa.string()),
        ("sheet", pa.string()),
        ("status", pa.string()),  # landed, no_table or refused
        ("problem", pa.string()),
        ("object", pa.string()),  # relative to the landing folder
        ("sha256", pa.string()),
        ("bytes", pa.int64()),
        ("header_row", pa.int32()),
        ("rows", pa.int64()),
        ("columns", pa.string()),  # JSON: canonical name -> {header, column}
        ("unmapped", pa.string()),  # JSON: list of headers
        ("findings", pa.string()),  # JSON: list of sentences
        ("title", pa.string()),
        ("producer", pa.string()),
        ("url", pa.string()),
        ("licence", pa.string()),
        ("cadence", pa.string()),
        ("accessed_on", pa.date32()),
        ("complete", pa.string()),  # JSON: list of {to, from_usd, layers}
    ]
)
_SHEET_FACTS = (
    *("sheet", "status", "problem", "header_row", "rows"),
    *("columns", "unmapped", "findings"),
)
_METADATA_KEY = b"genai_ledger.sheets"

Entry = dict[str, Any]  # a row of the catalogue


class LandedFile(NamedTuple):
    """What became of one raw file; `problem` says why it was refused, `rows` are those in use."""

    kind: str
    source: str
    file: str
    outcome: Outcome
    problem: str | None
    rows: int


def land(
    sources: Iterable[Source], kinds: Mapping[str, Kind], raw_dir: Path, landing_dir: Path
) -> list[LandedFile]:
    """Land the files of some sources, and say of each what became of it.

    A refused file fails only itself and keeps its last good object in use. Files that are gone
    from raw/ are retired; what other sources have landed stays. One process at a time may land.
    """
    (landing_dir / "objects").mkdir(parents=True, exist_ok=True)
    before: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in read_catalogue(landing_dir).to_pylist():
        before.setdefault((entry["kind"], entry["source"], entry["file"]), []).append(entry)

    results, entries, named = [], [], set()
    with child_process() as run:
        for source in sources:
            named.add((source.kind, source.name))
            for snapshot in source.snapshots:
                last = before.pop((source.kind, source.name, snapshot.file), [])
                result, new = _land_file(
                    source, snapshot, kinds[source.kind], last, landing_dir, run=run
                )
                results.append(result)
                entries += new
    for (kind, name, file), last in before.items():
        if (kind, name) in named or not (raw_dir / kind / name).is_dir():
            results.append(LandedFile(kind, name, file, "retired", None, 0))
        else:
            entries += last

    _write_schemas(kinds.values(), landing_dir / "schemas")
    entries.sort(key=lambda entry: (entry["kind"], entry["source"], entry["snapshot_on"]))
    catalogue = pa.Table.from_pylist(entries, schema=CATALOGUE_SCHEMA)
    _write(catalogue, landing_dir / "catalogue.parquet")
    _delete_unused(landing_dir, entries)
    return results


def read_catalogue(landing_dir: Path) -> pa.Table:
    """Read the catalogue (CATALOGUE_SCHEMA); empty before anything has landed."""
    path = landing_dir / "catalogue.parquet"
    return pq.read_table(path) if path.exists() else CATALOGUE_SCHEMA.empty_table()


def read_file(source: Source, snapshot: Snapshot, kind: Kind) -> tuple[pa.Table, list[Entry]]:
    """Read one file, which may lie outside raw/, exactly as it would land.

    Returns its rows (`landed_schema(kind)`) and the facts of its sheets (_SHEET_FACTS). Raises
    ReadError with one sentence that doesn't name the file.
    """
    with tempfile.TemporaryDirectory() as folder, child_process() as run:
        path = Path(folder) / "rows.parquet"
        found = _file_hash(snapshot)
        sheets = _read_apart(source, snapshot, kind, expected=found, path=path, run=run)
        return pq.read_table(path).replace_schema_metadata(), sheets


def _land_file(
    source: Source,
    snapshot: Snapshot,
    kind: Kind,
    last: Sequence[Entry],
    landing_dir: Path,
    *,
    run: Run,
) -> tuple[LandedFile, list[Entry]]:
    facts = _facts(source, snapshot)
    outcome: Outcome
    name: str | None
    try:
        found = _file_hash(snapshot)
        facts |= found._asdict()
        name = f"objects/{_key(found.sha256, source, snapshot, kind)}.parquet"
        if (landing_dir / name).exists():
            outcome, sheets = "unchanged", _known_sheets(landing_dir, name, last)
        else:
            path = landing_dir / name
            sheets = _read_apart(source, snapshot, kind, expected=found, path=path, run=run)
            outcome = "landed"
        problem = None
    except LedgerError as error:  # the other files still land
        if files.full_disk(landing_dir, error):
            raise  # no fault of the file
        outcome, problem = "refused", f"{snapshot.file}: {error}"
        name, sheets = _last_good(problem, last, landing_dir)
    entries = [{**facts, "object": name, **sheet} for sheet in sheets]
    rows = sum(sheet["rows"] for sheet in sheets)
    return LandedFile(source.kind, source.name, snapshot.file, outcome, problem, rows), entries


def _file_hash(snapshot: Snapshot) -> FileHash:
    try:
        return files.file_hash(snapshot.path)
    except OSError as error:
        raise reading.ReadError(
            f"the file can't be opened ({error.strerror}); check that it is there and readable"
        ) from error


def _read_apart(
    source: Source,
    snapshot: Snapshot,
    kind: Kind,
    *,
    expected: FileHash,
    path: Path,
    run: Run,
) -> list[Entry]:
    """Read a file in the child process, which writes the rows to `path`; only facts come back."""
    # The child may outlive this process; a run after it must not write to the same place.
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        sheets: list[Entry] = run(
            expected.bytes, _read_and_write, source, snapshot, kind, expected, part
        )
    except LedgerError:
        raise
    except Exception as error:
        _LOGGER.error("unexpected error while reading %s", snapshot.file, exc_info=error)
        raise reading.ReadError(
            f"an unexpected {type(error).__name__} stopped the reading; "
            "save the file again, and report this if it stays"
        ) from error
    part.replace(path)
    return sheets


def _read_and_write(
    source: Source, snapshot: Snapshot, kind: Kind, expected: FileHash, path: Path
) -> list[Entry]:
    data = checks.read_bytes(snapshot.path, expected)
    table, sheets = _read(source, snapshot, kind, data)
    metadata = {_METADATA_KEY: json.dumps(sheets)}
    try:
        pq.write_table(table.replace_schema_metadata(metadata), path, compression="zstd")
    except OSError as error:
        raise reading.ReadError(
            f"its rows can't be written ({error.strerror or error}); free space and run again"
        ) from error
    return sheets


def _last_good(
    problem: str, last: Sequence[Entry], landing_dir: Path
) -> tuple[str | None, list[Entry]]:
    """Keep in use, for a refused file, the object that it landed last."""
    name = last[0]["object"] if last else None
    if name is None or not (landing_dir / name).exists():
        name, last = None, []
    rows = sum(entry["rows"] for entry in last)
    return name, [_sheet("", "refused", problem, rows=rows)]


def _facts(source: Source, snapshot: Snapshot) -> Entry:
    names = ("kind", "title", "producer", "url", "licence", "cadence", "accessed_on", "complete")
    facts = {name: getattr(source, name) for name in names}
    return {
        **facts,
        "source": source.name,
        "snapshot_on": snapshot.snapshot_date,
        "file": snapshot.file,
    }


def _key(sha256: str, source: Source, snapshot: Snapshot, kind: Kind) -> str:
    decisive = [
        sha256,
        snapshot.file,
        str(snapshot.snapshot_date),
        reading.VERSION,
        parsing.VERSION,
        [source.kind, source.name, kind.columns],
        source.settings,
    ]
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def _known_sheets(landing_dir: Path, name: str, last: Sequence[Entry]) -> list[Entry]:
    """Say what is known of an object's sheets: from the catalogue, else from the object itself."""
    if last and last[0]["object"] == name and last[0]["status"] != "refused":
        return [{fact: entry[fact] for fact in _SHEET_FACTS} for entry in last]
    return list(json.loads(pq.read_metadata(landing_dir / name).metadata[_METADATA_KEY]))


def _read(
    source: Source, snapshot: Snapshot, kind: Kind, data: bytes
) -> tuple[pa.Table, list[Entry]]:
    """Read a file's tables.

    A sheet without one is passed over if another has one, unless source.yml names the sheets.
    """
    tables: list[Rows] = []
    sheets: list[Entry] = []
    errors: list[reading.ReadError] = []
    for sheet in reading.read_sheets(snapshot.path, source.settings, data):
        try:
            of_sheet = extract_tables(sheet, kind, source.settings)
        except reading.ReadError as error:
            problem = f"sheet {sheet.name!r}: {error}" if sheet.name else str(error)
            errors.append(reading.ReadError(problem, error.columns_found))
            findings = json.dumps(sheet.findings, ensure_ascii=False)
            sentence = f"{snapshot.file}: {problem}"
            sheets.append(_sheet(sheet.name, "no_table", sentence, findings=findings))
        else:
            tables += of_sheet
            sheets.append(_sheet_of(of_sheet))
    if errors and (source.settings.sheets or not tables):
        raise max(errors, key=lambda error: error.columns_found)
    if not tables:
        raise reading.ReadError("there is no table in it; add one or remove the file")
    return landed_table(source, snapshot, kind, tables), sheets


def _sheet_of(tables: Sequence[Rows]) -> Entry:
    """Describe a sheet by its tables; where they differ, the first one speaks for the sheet."""
    first = tables[0]
    places = {n: p._asdict() for table in reversed(tables) for n, p in table.places.items()}
    unmapped = dict.fromkeys(label for table in tables for label in table.unmapped)
    return _sheet(
        first.sheet,
        "landed",
        header_row=first.header_row,
        rows=sum(table.table.num_rows for table in tables),
        columns=json.dumps(places, ensure_ascii=False),
        unmapped=json.dumps(list(unmapped), ensure_ascii=False),
        findings=json.dumps([f for table in tables for f in table.findings], ensure_ascii=False),
    )


def _sheet(name: str, status: str, problem: str | None = None, **facts: Any) -> Entry:
    """Make the part of an entry that differs from sheet to sheet (_SHEET_FACTS)."""
    nothing = dict.fromkeys(_SHEET_FACTS) | {"rows": 0}
    return {**nothing, "sheet": name, "status": status, "problem": problem, **facts}


def _write(table: pa.Table, path: Path) -> None:
    """Write a file that is either complete or not there; same table, same bytes."""
    part = path.with_name(f"{path.name}.part")
    pq.write_table(table, part, compression="zstd")
    part.replace(path)


def _write_schemas(kinds: Collection[Kind], folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for kind in kinds:
        _write(landed_schema(kind).empty_table(), folder / f"{kind.name}.parquet")
    for path in folder.iterdir():
        if path.stem not in {kind.name for kind in kinds}:
            path.unlink()


def _delete_unused(landing_dir: Path, entries: Iterable[Entry]) -> None:
    used = {entry["object"] for entry in entries}
    for path in (landing_dir / "objects").iterdir():
        if f"objects/{path.name}" not in used:
            path.unlink()
