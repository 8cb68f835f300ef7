"""The rows below a header, their cells under the kind's column names.

Belongs here: unpivoting, naming, and keeping what no column of the kind stands for. Doesn't: which
tables a sheet has (tables), which rows are no records (row_roles), what a text means (parsing) or
where the file came from (landing).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from json.encoder import encode_basestring
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from orchestration import parsing
from orchestration.parsing.text import words
from orchestration.reading.header import Header, Wanted, folded, wanted_headers
from orchestration.reading.row_roles import ROLE_WORDS, Body, BodyColumn, row_roles
from orchestration.reading.sheet import ReadError, Sheet, filled_cells, letters, numbered, whole
from orchestration.reading.tables import split_tables
from orchestration.sources.formats import Settings, Unpivot
from orchestration.sources.kinds import Kind

_SAMPLE = 100  # distinct cells that tell a column of money
_ZERO = r"^[^1-9A-Za-z]*0[^1-9A-Za-z]*(?:[A-Za-z]{3})?$"
_OTHER_MONEY = words("valuation valuations valued total revenue sales arr premoney postmoney")
_ESCAPED = r'["\\\x00-\x1f]'


class MappedColumn(NamedTuple):
    """Header and letters of a column of the kind; both None when no single column holds it."""

    header: str | None
    column: str | None


class ExtractedTable(NamedTuple):
    """What a table of a sheet holds below its header.

    `table` has the kind's columns (string, null where the sheet lacks them), `_extra` (JSON of
    the other cells), `_row` (int32), `_cell` (what tells rows of the same number apart: header
    of an unpivoted cell, first column of a table beside another; else null) and `_role` (one of
    row_roles). `mapped` are the kind's columns that the sheet has, `unmapped` its other headers,
    `findings` sentences for an analyst.
    """

    sheet: str
    header_row: int
    mapped: Mapping[str, MappedColumn]
    unmapped: tuple[str, ...]
    table: pa.Table
    findings: tuple[str, ...] = ()


def extract_tables(sheet: Sheet, kind: Kind, settings: Settings) -> list[ExtractedTable]:
    """Take the rows of every table of the kind on a sheet, the sheet's findings with the first.

    Raises ReadError when it has no header of the kind.
    """
    wanted = wanted_headers(kind, settings)
    parts = split_tables(sheet, wanted)
    tables = [_extract_table(part, header, wanted) for part, header in parts]
    findings = [*sheet.findings]
    if len(tables) > 1:
        headers = []
        for table, (part, _) in zip(tables, parts, strict=True):
            first, *_, last = (letters(int(name)) for name in part.cells.column_names)
            headers.append(f"row {table.header_row}, columns {first} to {last}")
        findings.append(f"{len(tables)} tables were read; their headers are {'; '.join(headers)}")
    tables[0] = tables[0]._replace(findings=(*findings, *tables[0].findings))
    return tables


def _extract_table(sheet: Sheet, header: Header, wanted: Wanted) -> ExtractedTable:
    settings = wanted.settings
    body = _below(sheet, header)
    if settings.unpivot:
        body = _unpivot(body, settings.unpivot)
    headers = [column.header or f"column {column.number}" for column in body.columns]
    matched = wanted.matched(headers, [column.number for column in body.columns])
    if settings.unpivot:
        *_, name, value = range(len(body.columns))
        matched |= {settings.unpivot.name: name, settings.unpivot.value: value}
    matched = _with_addresses(matched, body, wanted)
    by_index = {matched[c.name]: c for c in wanted.kind.columns if c.name in matched}
    given = dict(settings.constants)
    if settings.sheet_name_is:
        given[settings.sheet_name_is] = sheet.name

    length = len(body.rows)
    texts = {column.name: pa.nulls(length, pa.string()) for column in wanted.kind.columns}
    texts |= {column.name: body.columns[index].cells for index, column in by_index.items()}
    texts |= {name: pa.repeat(text, length) for name, text in given.items()}
    texts |= {name: pc.fill_null(texts[name], text) for name, text in settings.defaults.items()}
    labels = _labels(body)
    others = [
        (label, column.cells)
        for index, (label, column) in enumerate(zip(labels, body.columns, strict=True))
        if index not in by_index
    ]
    roles = row_roles(body, by_index, wanted)
    lineage = {"_row": body.rows, "_cell": body.cells, "_role": roles}
    mapped = {
        column.name: _mapped(body.columns[index], labels[index])
        for index, column in by_index.items()
    }
    return ExtractedTable(
        sheet=sheet.name,
        header_row=sheet.row_numbers[header.position].as_py(),
        mapped=mapped | dict.fromkeys(given, MappedColumn(None, None)),
        unmapped=tuple(label for label, _ in others),
        table=pa.table(texts | {"_extra": _json_objects(others, length)} | lineage),
        findings=(
            *_header_findings(sheet, header, matched, settings),
            *_role_findings(roles, body),
            *_amount_findings(texts, others, body.rows, wanted),
        ),
    )


def _with_addresses(matched: Mapping[str, int], body: Body, wanted: Wanted) -> dict[str, int]:
    """Give a column of addresses, of the headers that could be it, the one with most of them.

    A list may have a `source` of names beside a `url`.
    """
    better = dict(matched)
    for column in (c for c in wanted.kind.columns if c.name.endswith("url") and c.name in matched):
        accepted = {header for name, header in wanted.accepted if name == column.name}
        options = [
            index
            for index, other in enumerate(body.columns)
            if folded(other.header or "") in accepted and index not in better.values()
        ]
        better[column.name] = max(
            [matched[column.name], *options],
            key=lambda i: pc.sum(pc.match_substring(body.columns[i].cells, "://")).as_py() or 0,
        )
    return better


def _mapped(column: BodyColumn, label: str) -> MappedColumn:
    if column.number is None:
        return MappedColumn(None, None)
    return MappedColumn(column.header and label, letters(column.number))


def _header_findings(
    sheet: Sheet, header: Header, matched: Mapping[str, int], settings: Settings
) -> Iterator[str]:
    above = sheet.row_numbers.slice(0, header.position + 1 - len(header.rows)).to_pylist()
    if above:
        first = next(c[0].as_py() for c in sheet.cells.columns if c[0].is_valid)
        yield f"{numbered('row', above)} above the header, not read: {first!r:.60}"
    if len(header.rows) > 1:
        last = sheet.row_numbers[header.position].as_py()
        yield f"the header has two rows, {last - 1} and {last}; they were read as one"
    for name, headers in settings.columns.items():
        if name not in matched:
            yield f"`{name}` is empty: the header has no {' or '.join(map(repr, headers))}"


def _role_findings(roles: pa.Array, body: Body) -> Iterator[str]:
    for role, said in ROLE_WORDS.items():
        rows = body.rows.filter(pc.equal(roles, role)).to_pylist()
        if rows:
            yield f"{said}: {numbered('row', rows)}"


def _amount_findings(
    texts: Mapping[str, pa.Array],
    others: Sequence[tuple[str, pa.Array]],
    rows: pa.Array,
    wanted: Wanted,
) -> Iterator[str]:
    """Tell of amounts of 0, and of those that stand in another column where there is none."""
    for column in (column for column in wanted.kind.columns if column.parse == "money"):
        cells = texts[column.name]
        zeros = rows.filter(pc.match_substring_regex(cells, _ZERO).fill_null(False)).to_pylist()
        if zeros:
            yield f"`{column.name}` is 0, taken as not disclosed: {numbered('row', zeros)}"
        for label, beside in others if column.required and cells.null_count else ():
            if _OTHER_MONEY & set(folded(label).split()):
                continue
            empty_rows = rows.filter(cells.is_null())
            found = empty_rows.filter(_holds_money(label, beside.filter(cells.is_null())))
            if len(found):
                empty = numbered("row", found.to_pylist())
                yield (
                    f"`{column.name}` is empty where {label!r} holds an amount ({empty}); if it is "
                    f"the same money, write `{column.name}: {label}` under columns: in source.yml"
                )


def _holds_money(header: str, cells: pa.Array) -> pa.Array:
    """Whether each cell is an amount with its currency."""
    encoded = cells.dictionary_encode()
    context = parsing.Context(header=header)
    texts = encoded.dictionary.to_pylist()
    first = parsing.PARSERS["money"](texts[:_SAMPLE], context)
    if first["_low"].null_count == len(first["_low"]):
        return pa.repeat(False, len(cells))
    money = parsing.PARSERS["money"](texts, context)
    return money["_low"].is_valid().take(encoded.indices).fill_null(False)


def _below(sheet: Sheet, header: Header) -> Body:
    first = header.position + 1
    columns = [
        BodyColumn(text, int(name), whole(cells).slice(first), texts)
        for text, name, cells, *texts in zip(
            header.texts, sheet.cells.column_names, sheet.cells.columns, *header.rows, strict=True
        )
    ]
    rows = sheet.row_numbers.slice(first)
    return Body(
        # A column with neither header nor cells is only the trace of a trailing delimiter.
        columns=[c for c in columns if c.header or c.cells.is_valid().true_count],
        rows=rows,
        cells=pa.repeat(pa.scalar(sheet.beside, pa.string()), len(rows)),
        follows_blank=sheet.follows_blank.slice(first),
    )


def _unpivot(body: Body, unpivot: Unpivot) -> Body:
    """Turn each filled cell outside the kept columns into a row, column after column."""
    headers = [folded(column.header or "") for column in body.columns]
    for header in unpivot.keep:
        if folded(header) not in headers:
            raise ReadError(
                f"there is no header {header!r}, which source.yml keeps when unpivoting; "
                f"there are {', '.join(repr(column.header) for column in body.columns[:10])}"
            )
    kept = [headers.index(folded(header)) for header in unpivot.keep]
    parts = []
    for index, (label, column) in enumerate(zip(_labels(body), body.columns, strict=True)):
        if index not in kept:
            filled = column.cells.is_valid()
            names = pa.repeat(label, filled.true_count)
            cells = [body.columns[i].cells.filter(filled) for i in kept]
            parts.append(
                [*cells, names, column.cells.filter(filled), body.rows.filter(filled), names]
            )
    if not parts:
        raise ReadError("there is nothing to unpivot, as every header is one that source.yml keeps")
    *columns, rows, cells = [pa.concat_arrays(column) for column in zip(*parts, strict=True)]
    named = [*(body.columns[i][:2] for i in kept), (unpivot.name, None), (unpivot.value, None)]
    long = [BodyColumn(*name, cells) for name, cells in zip(named, columns, strict=True)]
    return Body(long, rows, cells, body.follows_blank)


def _labels(body: Body) -> list[str]:
    """Name each column by its header, with its number where that is missing or not the only one."""
    counts = Counter(column.header for column in body.columns)
    labels = []
    for header, number, *_ in body.columns:
        if header is None:
            labels.append(f"column {number}")
        else:
            labels.append(header if counts[header] == 1 else f"{header} (column {number})")
    return labels


def _json_objects(columns: Sequence[tuple[str, pa.Array]], length: int) -> pa.Array:
    """Write each row's filled cells as a JSON object by label; null where there are none."""
    if not columns:
        return pa.nulls(length, pa.string())
    members = [
        pc.binary_join_element_wise(f'{encode_basestring(label)}: "', _escaped(cells), '"', "")
        for label, cells in columns
    ]
    # The join leaves out a row in which every member is null, so such rows get an empty one.
    empty = pc.equal(filled_cells([cells for _, cells in columns], length), 0)
    filler = pc.replace_with_mask(pa.nulls(length, pa.string()), empty, "")
    joined = pc.binary_join_element_wise(*members, filler, ", ", null_handling="skip")
    objects = pc.binary_join_element_wise("{", joined, "}", "")
    return pc.replace_with_mask(objects, empty, pa.scalar(None, pa.string()))


def _escaped(column: pa.Array) -> pa.Array:
    """Escape texts for JSON; the few that need it, as Python does."""
    needs = pc.match_substring_regex(column, _ESCAPED)
    if not needs.true_count:
        return column
    needs = needs.fill_null(False)
    escaped = [encode_basestring(text)[1:-1] for text in column.filter(needs).to_pylist()]
    return pc.replace_with_mask(column, needs, pa.array(escaped, pa.string()))
