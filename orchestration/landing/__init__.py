"""Raw files to content-addressed Parquet; a file that hasn't changed is skipped.

Belongs here: deciding what is new, and writing it. Doesn't: what is in use (`catalogue`), what a
landed file holds (`schema`), reading a format (reading), rejecting a row (dbt).

    landing/objects/<key>.parquet   the rows of one raw file
    landing/schemas/<kind>.parquet  no rows, every column of the kind
    landing/catalogue.parquet       which objects are in use, a row for each file and sheet

A key is the hash of everything that decides the rows. The catalogue is the commit point: it is
replaced in one step, after the objects are written; objects that it doesn't name are deleted.
"""

import hashlib
import json
import platform
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from orchestration import files, reading
from orchestration.config import LedgerError
from orchestration.landing.catalogue import (
    Entry,
    LandedSheet,
    read_catalogue,
    read_entries,
    read_entry,
    with_entry,
    write_catalogue,
    write_table,
)
from orchestration.landing.sandbox import Run, child_process
from orchestration.landing.schema import landed_schema, landed_table, meaning_findings
from orchestration.reading import checks
from orchestration.reading.rows import ExtractedTable, extract_tables
from orchestration.sources.kinds import Kind
from orchestration.sources.registry import Snapshot, Source

__all__ = ["CODE", "PACKAGES", "LandedFile", "LandedSheet", "land", "read_catalogue", "read_file"]

_AGAIN = "save the file again, and report this if it stays"

Outcome = Literal["landed", "unchanged", "refused", "retired"]

# What rows pass through between raw/ and landing/, besides kinds and settings: rooms and packages.
CODE = ("landing", "parsing", "reading", "sources/formats.py")
PACKAGES = ("babel", "fastexcel", "lxml", "markdown-it-py", "numpy", "pyarrow", "xlrd")
# Looking one up takes a millisecond, and each file asks for all.
package_version = cache(version)


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
    before = {(entry.kind, entry.source, entry.file): entry for entry in read_entries(landing_dir)}
    results, entries, named = [], [], set()
    with child_process() as run:
        for source in sources:
            named.add((source.kind, source.name))
            for snapshot in source.snapshots:
                last = before.pop((source.kind, source.name, snapshot.file), None)
                result, entry = _land_file(
                    source, snapshot, kinds[source.kind], last, landing_dir, run=run
                )
                results.append(result)
                entries.append(entry)
    for (kind, name, file), entry in before.items():
        if (kind, name) in named or _is_gone(raw_dir / kind / name):
            results.append(LandedFile(kind, name, file, "retired", None, 0))
        else:
            entries.append(entry)

    _write_schemas(kinds.values(), landing_dir / "schemas")
    entries.sort(key=lambda entry: (entry.kind, entry.source, entry.snapshot_on))
    write_catalogue(entries, landing_dir)
    used = {entry.object for entry in entries}
    for path in (landing_dir / "objects").iterdir():
        if path.is_dir():  # left by a run that was killed
            shutil.rmtree(path)
        elif f"objects/{path.name}" not in used:
            path.unlink()
    return results


def _is_gone(folder: Path) -> bool:
    try:
        return not folder.is_dir()
    except OSError:  # it lies in one that may not be opened, and what it had landed stays
        return False


def read_file(
    source: Source, snapshot: Snapshot, kind: Kind
) -> tuple[pa.Table, tuple[LandedSheet, ...]]:
    """Read one file, which may lie outside raw/, exactly as it would land.

    Returns its rows (`landed_schema(kind)`) and what became of its sheets. Raises LedgerError with
    one sentence that doesn't name the file.
    """
    with tempfile.TemporaryDirectory() as folder, child_process() as run:
        path = Path(folder) / "rows.parquet"
        entry = _entry(source, snapshot)._replace(**files.file_hash(snapshot.path)._asdict())
        sheets = _read_apart(source, snapshot, kind, entry, path, run=run)
        return pq.read_table(path).replace_schema_metadata(), sheets


def _land_file(
    source: Source,
    snapshot: Snapshot,
    kind: Kind,
    last: Entry | None,
    landing_dir: Path,
    *,
    run: Run,
) -> tuple[LandedFile, Entry]:
    entry = _entry(source, snapshot)
    outcome: Outcome
    try:
        entry = entry._replace(**files.file_hash(snapshot.path)._asdict())
        entry = entry._replace(object=f"objects/{_key(entry, source, kind)}.parquet")
        path = landing_dir / str(entry.object)
        kept = read_entry(path)
        sheets = kept.sheets if kept else _read_apart(source, snapshot, kind, entry, path, run=run)
        outcome, problem = "unchanged" if kept else "landed", None
    except LedgerError as error:  # the other files still land
        if files.full_disk(landing_dir, error):
            raise  # no fault of the file
        outcome, problem = "refused", f"{snapshot.file}: {error}"
        is_kept = last and last.object and (landing_dir / last.object).exists()
        entry = entry._replace(object=last.object if last and is_kept else None)
        sheets = (LandedSheet("", "refused", problem, rows=last.rows if last and is_kept else 0),)
    entry = entry._replace(sheets=sheets)
    result = LandedFile(source.kind, source.name, snapshot.file, outcome, problem, entry.rows)
    return result, entry


def _entry(source: Source, snapshot: Snapshot) -> Entry:
    """Make the entry of a file of which nothing has landed yet."""
    names = ("kind", "title", "producer", "url", "licence", "cadence", "accessed_on", "complete")
    facts = {name: getattr(source, name) for name in names}
    return Entry(
        source=source.name, snapshot_on=snapshot.snapshot_date, file=snapshot.file, **facts
    )


def _key(entry: Entry, source: Source, kind: Kind) -> str:
    """Hash all that decides the rows of a file: its bytes and name, what is said of it, the code.

    What source.yml says of other things than rows, such as a title, isn't in it.
    """
    decisive = [
        [entry.sha256, entry.file, str(entry.snapshot_on), entry.kind, entry.source],
        [kind.columns, source.settings],
        [files.code_hash(*CODE), platform.python_version(), *map(package_version, PACKAGES)],
    ]
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def _read_apart(
    source: Source, snapshot: Snapshot, kind: Kind, entry: Entry, path: Path, *, run: Run
) -> tuple[LandedSheet, ...]:
    """Read a file in the child process, which writes the rows; what is said of them is in them."""
    alone = source._replace(snapshots=(snapshot,))
    with files.replacing(path) as partial:
        with files.open_file(snapshot.path) as raw, partial.open("wb") as rows:
            run(entry.bytes, _read_and_write, alone, kind, entry, files=(raw, rows))
        written = read_entry(partial)
        if written is None:
            raise reading.ReadError(f"no rows came of it; {_AGAIN}")
        return written.sheets


def _read_and_write(
    source: Source, kind: Kind, entry: Entry, raw: BinaryIO, rows: BinaryIO
) -> None:
    try:
        data = checks.read_bytes(raw, str(entry.sha256))
        table, sheets = _read(source, source.snapshots[0], kind, data)
        pq.write_table(
            with_entry(table, entry._replace(sheets=sheets)),
            rows,
            compression="zstd",
            # Each row has an id of its own, and nobody looks for the files that hold a text: a
            # dictionary of the one and the bounds of the others are a quarter of the writing.
            use_dictionary=[name for name in table.column_names if name != "_row_id"],
            write_statistics=[f.name for f in table.schema if f.type != pa.string()],
        )
    except (LedgerError, MemoryError):
        raise
    except OSError as error:
        raise reading.ReadError(
            f"its rows can't be written ({error.strerror or error}); free space and run again"
        ) from error
    except Exception as error:
        raise reading.ReadError(
            f"an unexpected {type(error).__name__} stopped the reading; {_AGAIN}"
        ) from error


def _read(
    source: Source, snapshot: Snapshot, kind: Kind, data: bytes
) -> tuple[pa.Table, tuple[LandedSheet, ...]]:
    """Read a file's tables.

    A sheet without one is passed over if another has one, unless source.yml names the sheets; what
    lies inside the rows of another is read in its place.
    """
    tables: list[ExtractedTable] = []
    sheets: list[LandedSheet] = []
    errors: list[reading.ReadError] = []
    beside: list[str] = []
    is_of_a_kind = any(column.required for column in kind.columns)
    for sheet in reading.read_sheets(snapshot.path, source.settings, data):
        if sheet.is_inner and tables and is_of_a_kind:
            if not _is_around(tables[0].sheet, sheet.name):
                beside.append(
                    f"what `{sheet.name}` lists beside it ({sheet.cells.num_rows - 1:,}) is not "
                    f"read; `reader: {{heading: {sheet.name}}}` reads it in its place"
                )
            continue
        try:
            tables_of_sheet = extract_tables(sheet, kind, source.settings)
        except reading.ReadError as error:
            problem = f"sheet {sheet.name!r}: {error}" if sheet.name else str(error)
            errors.append(reading.ReadError(problem, error.columns_found))
            sentence = f"{snapshot.file}: {problem}"
            findings = _json(sheet.findings)
            sheets.append(LandedSheet(sheet.name, "no_table", sentence, findings=findings))
        else:
            tables += tables_of_sheet
            sheets.append(_landed_sheet(tables_of_sheet))
    if errors and (source.settings.sheets or not tables):
        raise max(errors, key=lambda error: error.columns_found)
    if not tables:
        raise reading.ReadError("there is no table in it; add one or remove the file")
    rows = landed_table(source, snapshot, kind, tables)
    for index, landed in enumerate(sheets):
        told = meaning_findings(rows, kind, landed.sheet)
        if landed.sheet == tables[0].sheet:
            told = [*told, *beside]
        if told:
            findings = _json([*json.loads(landed.findings or "[]"), *told])
            sheets[index] = landed._replace(findings=findings)
    return rows, tuple(sheets)


def _is_around(table: str, inner: str) -> bool:
    """Whether the rows of an inner table are cells of the one that is read, and so kept."""
    return not table or inner.startswith(f"{table}.")


def _landed_sheet(tables: Sequence[ExtractedTable]) -> LandedSheet:
    """Describe a sheet by its tables; where they differ, the first one speaks for the sheet."""
    mapped = {n: c._asdict() for table in reversed(tables) for n, c in table.mapped.items()}
    return LandedSheet(
        tables[0].sheet,
        "landed",
        header_row=tables[0].header_row,
        rows=sum(table.table.num_rows for table in tables),
        columns=_json(mapped),
        unmapped=_json(list(dict.fromkeys(label for table in tables for label in table.unmapped))),
        findings=_json([finding for table in tables for finding in table.findings]),
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _write_schemas(kinds: Collection[Kind], folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for kind in kinds:
        write_table(landed_schema(kind).empty_table(), folder / f"{kind.name}.parquet")
    for path in folder.iterdir():
        if path.stem not in {kind.name for kind in kinds}:
            path.unlink()
