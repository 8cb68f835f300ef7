"""What one landed Parquet file holds: texts, their meaning beside them, and their lineage.

Belongs here: the columns of a landed file and how they are made of a raw file's rows. Doesn't:
where the rows come from (reading) or which files are written (landing).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from orchestration import parsing
from orchestration.reading.rows import Rows
from orchestration.reading.sheet import whole
from orchestration.sources.formats import Settings, Units
from orchestration.sources.kinds import Column, Kind
from orchestration.sources.registry import Snapshot, Source

_BESIDE = "\x1f"  # between a text and the cells beside it
_LINEAGE = {
    "_extra": pa.string(),
    "_kind": pa.string(),
    "_source": pa.string(),
    "_snapshot_on": pa.date32(),
    "_file": pa.string(),
    "_sheet": pa.string(),
    "_row": pa.int32(),
    "_row_id": pa.string(),
    "_role": pa.string(),
}


def landed_schema(kind: Kind) -> pa.Schema:
    """List the columns of a kind's landed files: each text, its meaning, then the lineage."""
    fields = {}
    for column in kind.columns:
        meanings = parsing.FIELDS[column.parse]
        fields[column.name] = pa.string()
        fields |= {column.name + suffix: type_ for suffix, type_ in meanings.items()}
    return pa.schema([*fields.items(), *_LINEAGE.items()])


def landed_table(
    source: Source, snapshot: Snapshot, kind: Kind, sheets: Sequence[Rows]
) -> pa.Table:
    """Make one table of the rows of a file's sheets."""
    columns: dict[str, pa.Array | pa.ChunkedArray] = {}
    for column in kind.columns:
        texts = [whole(sheet.table[column.name]) for sheet in sheets]
        columns[column.name] = pa.chunked_array(texts, pa.string())
        columns |= _meaning(column, sheets, source.settings)
    columns |= _lineage(source, snapshot, sheets)
    return pa.table(columns, schema=landed_schema(kind))


def _meaning(
    column: Column, sheets: Sequence[Rows], settings: Settings
) -> dict[str, pa.ChunkedArray]:
    """Parse each distinct text once, with what stands beside it.

    Sheets whose headers differ are parsed apart: "Amount (USD M)" holds other money than
    "Amount (EUR)".
    """
    types = parsing.FIELDS[column.parse]
    headers = [_header(sheet, column) for sheet in sheets]
    texts = [_with_cells_beside(sheet.table, column) for sheet in sheets] if types else []
    chunks: list[Mapping[str, pa.Array]] = [{}] * len(sheets)
    for header in dict.fromkeys(headers) if types else ():
        alike = [place for place, other in enumerate(headers) if other == header]
        encoded = pa.concat_arrays([texts[place] for place in alike]).dictionary_encode()
        meanings = _parse(column, encoded.dictionary.to_pylist(), header, settings)
        start = 0
        for place in alike:
            rows = encoded.indices.slice(start, len(texts[place]))
            chunks[place] = {suffix: meanings[suffix].take(rows) for suffix in types}
            start += len(rows)
    return {
        column.name + suffix: pa.chunked_array([chunk[suffix] for chunk in chunks], type_)
        for suffix, type_ in types.items()
    }


def _header(sheet: Rows, column: Column) -> str:
    place = sheet.places.get(column.name)
    return (place and place.header) or ""


def _with_cells_beside(table: pa.Table, column: Column) -> pa.Array:
    """Return a column's texts, an amount's with the currency and the unit beside it."""
    text = whole(table[column.name])
    beside = [whole(table[name]) for name in _beside(column)]
    if not beside:
        return text
    return pc.binary_join_element_wise(text, *(pc.coalesce(b, "") for b in beside), _BESIDE)


def _beside(column: Column) -> list[str]:
    return [name for name in (column.currency_in, column.unit_in) if name]


def _parse(
    column: Column, texts: Sequence[str], header: str, settings: Settings
) -> Mapping[str, pa.Array]:
    """Parse distinct texts, those with the same cells beside them together."""
    units = settings.units.get(column.name, Units())
    values = _values(column, settings)
    cells = len(_beside(column))
    groups: dict[tuple[str, ...], list[int]] = {} if cells and texts else {(): [*range(len(texts))]}
    for place, text in enumerate(texts if cells else ()):
        groups.setdefault(tuple(text.rsplit(_BESIDE, cells)[1:]), []).append(place)
    order = settings.dates.get(column.name, "")
    file = (units.currency, units.multiplier, header, values, order)
    parts = []
    for beside, places in groups.items():
        printed = [texts[place].rsplit(_BESIDE, cells)[0] for place in places] if cells else texts
        parts.append(parsing.PARSERS[column.parse](printed, parsing.Context(*file, *beside)))
    meanings = {s: pa.concat_arrays([p[s] for p in parts]) for s in parsing.FIELDS[column.parse]}
    if len(parts) == 1:
        return meanings
    places_back = pc.sort_indices(pa.array([p for places in groups.values() for p in places]))
    return {suffix: meaning.take(places_back) for suffix, meaning in meanings.items()}


def _values(column: Column, settings: Settings) -> dict[str, str]:
    """Return the vocabulary's words by the words for them: those of source.yml before our own."""
    known = {other: word for word, others in column.words.items() for other in (word, *others)} | {
        str(other): word for other, word in settings.values.get(column.name, {}).items()
    }
    return {parsing.word_key(other): word for other, word in known.items()}


def _lineage(
    source: Source, snapshot: Snapshot, sheets: Sequence[Rows]
) -> dict[str, pa.ChunkedArray]:
    tables = []
    for sheet in sheets:
        rows, cells = sheet.table["_row"], sheet.table["_cell"]
        row_ids = pc.binary_join_element_wise(
            f"{snapshot.file}#{sheet.sheet}!", rows.cast(pa.string()), ""
        )
        unpivoted_ids = pc.binary_join_element_wise(row_ids, cells, ":")
        length = sheet.table.num_rows
        columns = {
            "_extra": sheet.table["_extra"],
            "_kind": pa.repeat(source.kind, length),
            "_source": pa.repeat(source.name, length),
            "_snapshot_on": pa.repeat(pa.scalar(snapshot.snapshot_date, pa.date32()), length),
            "_file": pa.repeat(snapshot.file, length),
            "_sheet": pa.repeat(sheet.sheet, length),
            "_row": rows,
            "_row_id": pc.coalesce(unpivoted_ids, row_ids),
            "_role": sheet.table["_role"],
        }
        tables.append(pa.table(columns, schema=pa.schema([*_LINEAGE.items()])))
    lineage = pa.concat_tables(tables)
    return dict(zip(lineage.column_names, lineage.columns, strict=True))
