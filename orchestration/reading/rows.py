"""The rows below a header, their cells under the kind's column names.

Belongs here: unpivoting, naming, and keeping what no column of the kind stands for. Doesn't:
which tables a sheet has (tables), which rows are no records (roles), what a text means (parsing)
or where the file came from (landing).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from orchestration.reading.header import (
    Header,
    accepted_headers,
    find_header,
    folded,
    match_columns,
)
from orchestration.reading.row_roles import ROLE_WORDS, Body, row_roles
from orchestration.reading.sheet import ReadError, Sheet, filled_cells, letters, numbered, whole
from orchestration.reading.tables import split_tables
from orchestration.sources.formats import Settings, Unpivot
from orchestration.sources.kinds import Kind

_ESCAPED = r'["\\\x00-\x1f]'


class Place(NamedTuple):
    """Where a column of the kind stands in a sheet; both None when no single column holds it."""

    header: str | None
    column: str | None


class Rows(NamedTuple):
    """What a table of a sheet holds below its header.

    `table` has the kind's columns (string, null where the sheet lacks them), `_extra` (JSON of
    the other cells), `_row` (int32), `_cell` (what tells rows of the same number apart: header
    of an unpivoted cell, first column of a table beside another; else null) and `_role` (one of
    roles.ROLES). `findings` are sentences for an analyst.
    """

    sheet: str
    header_row: int
    places: Mapping[str, Place]
    unmapped: tuple[str, ...]
    table: pa.Table
    findings: tuple[str, ...] = ()


def extract_tables(sheet: Sheet, kind: Kind, settings: Settings) -> list[Rows]:
    """Take the rows of every table of the kind on a sheet, the sheet's findings with the first.

    Raises ReadError when it has no header of the kind.
    """
    parts = split_tables(sheet, kind, settings)
    tables = [_extract_rows(part, kind, settings) for part in parts]
    findings = [*sheet.findings]
    if len(tables) > 1:
        headers = [
            f"row {t.header_row}, {_span(part)}" for t, part in zip(tables, parts, strict=True)
        ]
        findings.append(f"{len(tables)} tables were read; their headers are {'; '.join(headers)}")
    tables[0] = tables[0]._replace(findings=(*findings, *tables[0].findings))
    return tables


def _span(part: Sheet) -> str:
    first, last = (letters(int(part.cells.column_names[place])) for place in (0, -1))
    return f"columns {first} to {last}"


def _extract_rows(sheet: Sheet, kind: Kind, settings: Settings) -> Rows:
    header = find_header(sheet, kind, settings)
    body = _below(sheet, header)
    if settings.unpivot:
        body = _unpivot(body, settings.unpivot)
    given = dict(settings.constants)
    if settings.sheet_name_is:
        given[settings.sheet_name_is] = sheet.name
    named_by_file = [column for column in kind.columns if column.name not in given]
    found = match_columns(body.headers, accepted_headers(named_by_file, settings))
    places = {c.name: _place(body, found[c.name]) for c in named_by_file if c.name in found}
    texts = {column.name: _cells(body, found.get(column.name)) for column in kind.columns}
    places |= dict.fromkeys(given, Place(None, None))
    texts |= {name: pa.repeat(text, len(body.rows)) for name, text in given.items()}
    mapped = set(found.values())
    others = [index for index in range(len(body.columns)) if index not in mapped]
    names = _labels(body)
    labels = [names[index] for index in others]
    roles = row_roles(body, found, kind, settings)
    lineage = {
        "_extra": _json_objects(labels, [body.columns[i] for i in others], len(body.rows)),
        "_row": body.rows,
        "_cell": body.cells,
        "_role": roles,
    }
    header_row = sheet.row_numbers[header.position].as_py()
    findings = (*_header_findings(sheet, header, found, settings), *_role_findings(roles, body))
    table = pa.table(texts | lineage)
    return Rows(sheet.name, header_row, places, tuple(labels), table, findings)


def _header_findings(
    sheet: Sheet, header: Header, found: Mapping[str, int], settings: Settings
) -> Iterator[str]:
    above = sheet.row_numbers.slice(0, header.position + 1 - len(header.rows)).to_pylist()
    if above:
        first = next(c[0].as_py() for c in sheet.cells.columns if c[0].is_valid)
        yield f"{numbered('row', above)} above the header, not read: {first!r:.60}"
    if len(header.rows) > 1:
        last = sheet.row_numbers[header.position].as_py()
        yield f"the header has two rows, {last - 1} and {last}; they were read as one"
    for name, headers in settings.columns.items():
        if name not in found:
            yield f"`{name}` is empty: the header has no {' or '.join(map(repr, headers))}"


def _role_findings(roles: pa.Array, body: Body) -> Iterator[str]:
    for role, words in ROLE_WORDS.items():
        rows = body.rows.filter(pc.equal(roles, role)).to_pylist()
        if rows:
            yield f"{words}: {numbered('row', rows)}"


def _below(sheet: Sheet, header: Header) -> Body:
    first = header.position + 1
    columns = [whole(column).slice(first) for column in sheet.cells.columns]
    # A column with neither header nor cells is only the trace of a trailing delimiter.
    used = [i for i, text in enumerate(header.texts) if text or columns[i].is_valid().true_count]
    rows, names = sheet.row_numbers.slice(first), sheet.cells.column_names
    return Body(
        headers=[header.texts[i] for i in used],
        numbers=[int(names[i]) for i in used],
        columns=[columns[i] for i in used],
        rows=rows,
        cells=pa.nulls(len(rows), pa.string())
        if sheet.beside is None
        else pa.repeat(sheet.beside, len(rows)),
        follows_blank=sheet.follows_blank.slice(first),
        header_rows=[[row[i] for i in used] for row in header.rows],
    )


def _unpivot(body: Body, unpivot: Unpivot) -> Body:
    """Turn each filled cell outside the kept columns into a row, column after column."""
    folded_headers = [folded(header or "") for header in body.headers]
    kept = []
    for header in unpivot.keep:
        if folded(header) not in folded_headers:
            raise ReadError(
                f"there is no header {header!r}, which source.yml keeps when unpivoting; "
                f"there are {', '.join(repr(header) for header in body.headers[:10])}"
            )
        kept.append(folded_headers.index(folded(header)))
    parts, labels = [], _labels(body)
    for index in range(len(body.columns)):
        if index not in kept:
            filled = body.columns[index].is_valid()
            name = pa.repeat(labels[index], filled.true_count)
            cells = [body.columns[i].filter(filled) for i in [*kept, index]]
            parts.append([*cells[:-1], name, cells[-1], body.rows.filter(filled), name])
    if not parts:
        raise ReadError("there is nothing to unpivot, as every header is one that source.yml keeps")
    *columns, rows, cells = [pa.concat_arrays(column) for column in zip(*parts, strict=True)]
    headers = [*(body.headers[i] for i in kept), unpivot.name, unpivot.value]
    return Body(
        headers,
        [*(body.numbers[i] for i in kept), None, None],
        columns,
        rows,
        cells,
        body.follows_blank,
        [],
    )


def _cells(body: Body, index: int | None) -> pa.Array:
    return pa.nulls(len(body.rows), pa.string()) if index is None else body.columns[index]


def _place(body: Body, index: int) -> Place:
    number = body.numbers[index]
    return Place(None, None) if number is None else Place(body.headers[index], letters(number))


def _labels(body: Body) -> list[str]:
    """Name each column by its header, with its number where that is missing or not the only one."""
    counts = Counter(body.headers)
    labels = []
    for header, number in zip(body.headers, body.numbers, strict=True):
        if header is None:
            labels.append(f"column {number}")
        else:
            labels.append(header if counts[header] == 1 else f"{header} (column {number})")
    return labels


def _json_objects(labels: Sequence[str], columns: Sequence[pa.Array], length: int) -> pa.Array:
    """Write each row's filled cells as a JSON object; null where there are none."""
    if not columns:
        return pa.nulls(length, pa.string())
    members = [
        pc.binary_join_element_wise(f'{encode_basestring(label)}: "', _escaped(column), '"', "")
        for label, column in zip(labels, columns, strict=True)
    ]
    # The join leaves out a row in which every member is null, so such rows get an empty one.
    empty = pc.equal(filled_cells(columns, length), 0)
    filler = pc.replace_with_mask(pa.nulls(length, pa.string()), empty, "")
    joined = pc.binary_join_element_wise(*members, filler, ", ", null_handling="skip")
    objects = pc.binary_join_element_wise("{", joined, "}", "")
    return pc.replace_with_mask(objects, empty, pa.scalar(None, pa.string()))


def _escaped(column: pa.Array) -> pa.Array:
    """Escape texts for JSON; the few that need it, as Python does."""
    needs = pc.match_substring_regex(column, _ESCAPED).fill_null(False)
    if not needs.true_count:
        return column
    escaped = [encode_basestring(text)[1:-1] for text in column.filter(needs).to_pylist()]
    return pc.replace_with_mask(column, needs, pa.array(escaped, pa.string()))
