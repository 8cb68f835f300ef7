"""What one landed Parquet file holds: texts, their meaning beside them, and their lineage.

Belongs here: the columns of a landed file and how they are made of a raw file's rows. Doesn't:
where the rows come from (reading) or which files are written (landing).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from orchestration import parsing
from orchestration.reading import Units
from orchestration.reading.rows import Rows
from orchestration.registry import Column, Kind, Snapshot, Source

_LINEAGE = {
    "_extra": pa.string(),
    "_kind": pa.string(),
    "_source": pa.string(),
    "_snapshot_on": pa.date32(),
    "_file": pa.string(),
    "_sheet": pa.string(),
    "_row": pa.int32(),
    "_row_id": pa.string(),
    "_filled_cells": pa.int32(),
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
        texts = [sheet.table[column.name].combine_chunks() for sheet in sheets]
        headers = [_header(sheet, column) for sheet in sheets]
        columns[column.name] = pa.chunked_array(texts, pa.string())
        units = source.settings.units.get(column.name, Units())
        columns |= _meaning(column, texts, headers, units)
    columns |= _lineage(source, snapshot, sheets)
    return pa.table(columns, schema=landed_schema(kind))


def _header(sheet: Rows, column: Column) -> str:
    place = sheet.places.get(column.name)
    return (place and place.header) or ""


def _meaning(
    column: Column, texts: Sequence[pa.Array], headers: Sequence[str], units: Units
) -> dict[str, pa.ChunkedArray]:
    """Parse each distinct text once. `texts` and `headers` have an element a sheet.

    Sheets whose headers differ are parsed apart: "Amount (USD M)" holds other money than
    "Amount (EUR)".
    """
    types = parsing.FIELDS[column.parse]
    chunks: dict[str, list[pa.Array]] = {suffix: [] for suffix in types}
    known: dict[str, tuple[pa.Array, Mapping[str, pa.Array]]] = {}
    for text, header in zip(texts, headers, strict=True) if types else ():
        if header not in known:
            alike = [t for t, h in zip(texts, headers, strict=True) if h == header]
            distinct = pc.unique(pa.chunked_array(alike, pa.string())).drop_null()
            context = parsing.Context(units.currency, units.multiplier, header)
            known[header] = distinct, parsing.PARSERS[column.parse](distinct.to_pylist(), context)
        distinct, meanings = known[header]
        places = pc.index_in(text, value_set=distinct)
        for suffix in types:
            chunks[suffix].append(meanings[suffix].take(places))
    return {column.name + s: pa.chunked_array(chunks[s], type_) for s, type_ in types.items()}


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
            "_snapshot_on": pa.repeat(pa.scalar(snapshot.on, pa.date32()), length),
            "_file": pa.repeat(snapshot.file, length),
            "_sheet": pa.repeat(sheet.sheet, length),
            "_row": rows,
            "_row_id": pc.coalesce(unpivoted_ids, row_ids),
            "_filled_cells": sheet.table["_filled_cells"],
        }
        tables.append(pa.table(columns, schema=pa.schema([*_LINEAGE.items()])))
    lineage = pa.concat_tables(tables)
    return dict(zip(lineage.column_names, lineage.columns, strict=True))
