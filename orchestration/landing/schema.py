"""What one landed Parquet file holds: texts, their meaning beside them, and their lineage.

Belongs here: the columns of a landed file and how they are made of a raw file's rows. Doesn't:
where the rows come from (reading) or which files are written (landing).
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration import parsing
from orchestration.reading.row_roles import RECORD
from orchestration.reading.rows import ExtractedTable
from orchestration.reading.sheet import numbered, whole
from orchestration.sources.formats import Settings, Units
from orchestration.sources.kinds import Column, Kind
from orchestration.sources.registry import Snapshot, Source

_LISTED = 5  # words in a finding
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
    source: Source, snapshot: Snapshot, kind: Kind, sheets: Sequence[ExtractedTable]
) -> pa.Table:
    """Make one table of the rows of a file's sheets."""
    columns: dict[str, pa.ChunkedArray] = {}
    for column in kind.columns:
        texts = pa.chunked_array([whole(sheet.table[column.name]) for sheet in sheets], pa.string())
        columns[column.name] = texts
        if parsing.FIELDS[column.parse]:
            columns |= _meaning(whole(texts), column, sheets, source.settings)
    lineage = pa.concat_tables([_lineage(source, snapshot, sheet) for sheet in sheets])
    columns |= dict(zip(lineage.column_names, lineage.columns, strict=True))
    return pa.table(columns, schema=landed_schema(kind))


def _unknown_words(rows: pa.Table, kind: Kind, sheet: str) -> list[str]:
    """Say which words of a list are none of a column's, and how to say what they mean."""
    findings = []
    is_record = pc.and_(pc.equal(rows["_sheet"], sheet), pc.equal(rows["_role"], RECORD))
    for column in (c for c in kind.columns if c.words and c.parse == "word"):
        words, name = pa.array([*column.words]), column.name
        records = rows.select([name, f"{name}_value"]).filter(is_record)
        unknown = pc.invert(pc.is_in(records[f"{name}_value"], value_set=words, skip_nulls=True))
        texts = records[name].filter(pc.and_(unknown, pc.is_valid(records[f"{name}_value"])))
        counts = sorted(pc.value_counts(texts).to_pylist(), key=lambda c: -c["counts"])
        if counts:
            said = [f"{count['values']!r:.60} ({count['counts']:,})" for count in counts[:_LISTED]]
            more = f" and {len(counts) - _LISTED:,} more" * (len(counts) > _LISTED)
            line = json.dumps(counts[0]["values"][:60], ensure_ascii=False)
            findings.append(
                f"`{name}` says {', '.join(said)}{more}, none of {', '.join(column.words)}: say "
                f"what each means, such as `values: {{{name}: {{{line}: {words[0]}}}}}`"
            )
    return findings


def meaning_findings(rows: pa.Table, kind: Kind, sheet: str) -> list[str]:
    """Tell which dates of a sheet are read otherwise than printed, which sizes and words not."""
    findings = _unknown_words(rows, kind, sheet)
    for column in (column.name for column in kind.columns if column.parse == "size"):
        unread = rows.select(["_sheet", "_row", column, f"{column}_problem"]).drop_null()
        unread = unread.filter(pc.equal(unread["_sheet"], sheet))
        for problem in pc.unique(unread[f"{column}_problem"]).to_pylist():
            of_problem = unread.filter(pc.equal(unread[f"{column}_problem"], problem))
            where = numbered("row", of_problem["_row"].to_pylist())
            findings.append(f"`{column}` is left empty in {where}: {problem}")
    for column in (column.name for column in kind.columns if column.parse == "date"):
        noted = rows.select(["_sheet", "_row", f"{column}_note"]).drop_null()
        noted = noted.filter(pc.equal(noted["_sheet"], sheet))
        # Of slips each has a note of its own: the first stands for all.
        notes = pc.replace_substring_regex(noted[f"{column}_note"], "^Printed.*", "")
        for note in pc.unique(notes).to_pylist():
            of_note = noted.filter(pc.equal(notes, note))
            said = note or f"mended; the first: {of_note[f'{column}_note'][0]}"
            where = numbered("row", of_note["_row"].to_pylist())
            findings.append(f"`{column}` in {where}: {said}")
    return findings


def _meaning(
    texts: pa.Array, column: Column, sheets: Sequence[ExtractedTable], settings: Settings
) -> dict[str, pa.ChunkedArray]:
    """Parse each distinct text once, those together that share a header and the cells beside.

    "Amount (USD M)" of one sheet holds other money than "Amount (EUR)" of another.
    """
    groups = _groups(sheets, column)
    units, stated = settings.units.get(column.name, Units()), settings.dates.get(column.name, "")
    context = parsing.Context(
        units.currency,
        units.multiplier,
        values=_values(column, settings),
        date_order=stated if isinstance(stated, str) else "",
        year=stated if isinstance(stated, int) else None,
    )
    parts = []
    for beside, rows in groups:
        encoded = (texts if rows is None else texts.take(rows)).dictionary_encode()
        distinct = encoded.dictionary.to_pylist()
        meanings = parsing.PARSERS[column.parse](distinct, context._replace(**beside))
        parts.append({suffix: m.take(encoded.indices) for suffix, m in meanings.items()})
    found = {
        column.name + suffix: pa.chunked_array([part[suffix] for part in parts], type_)
        for suffix, type_ in parsing.FIELDS[column.parse].items()
    }
    in_order = [rows for _, rows in groups if rows is not None]
    if not in_order:
        return found
    order = pc.sort_indices(pa.concat_arrays(in_order))
    return {name: values.take(order) for name, values in found.items()}


def _groups(
    sheets: Sequence[ExtractedTable], column: Column
) -> list[tuple[dict[str, Any], pa.Array | None]]:
    """Group rows by header and cells beside: what these are, and the rows, None for all of them."""
    if len(sheets) == 1 and not (column.currency_in or column.unit_in):  # as of most columns
        return [({"header": _header(sheets[0], column)}, None)]
    rows = pa.concat_tables([_contexts(sheet, column) for sheet in sheets])
    keys = rows.column_names
    rows = rows.append_column("row", pa.array(np.arange(rows.num_rows)))
    groups = rows.group_by(keys, use_threads=False).aggregate([("row", "list")])
    of_groups = whole(groups["row_list"])
    return [
        (beside, of_group.values)
        for beside, of_group in zip(groups.select(keys).to_pylist(), of_groups, strict=True)
    ]


def _header(sheet: ExtractedTable, column: Column) -> str:
    mapped = sheet.mapped.get(column.name)
    return (mapped and mapped.header) or ""


def _contexts(sheet: ExtractedTable, column: Column) -> pa.Table:
    """Give the header and the cells beside for each row of a sheet, as `Context` names them."""
    length = sheet.table.num_rows
    contexts = {"header": pa.repeat(_header(sheet, column), length)}
    for name, beside in (("stated_currency", column.currency_in), ("stated_unit", column.unit_in)):
        if beside:
            contexts[name] = pc.coalesce(whole(sheet.table[beside]), "")
    return pa.table(contexts)


def _values(column: Column, settings: Settings) -> dict[str, str]:
    """Return the vocabulary's words by the words for them: those of source.yml before our own."""
    known = {other: word for word, others in column.words.items() for other in (word, *others)} | {
        str(other): word for other, word in settings.values.get(column.name, {}).items()
    }
    return {parsing.word_key(other): word for other, word in known.items()}


def _lineage(source: Source, snapshot: Snapshot, sheet: ExtractedTable) -> pa.Table:
    length, rows = sheet.table.num_rows, whole(sheet.table["_row"])
    row_ids = pc.binary_join_element_wise(
        f"{snapshot.file}#{sheet.sheet}!", rows.cast(pa.string()), ""
    )
    unpivoted_ids = pc.binary_join_element_wise(row_ids, whole(sheet.table["_cell"]), ":")
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
    return pa.table(columns, schema=pa.schema([*_LINEAGE.items()]))
