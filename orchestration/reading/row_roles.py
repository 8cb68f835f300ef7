"""Which rows below a header are no records: notes, totals, repeated headers, other tables.

Belongs here: telling them by their form. Doesn't: rejecting them (dbt does, by `_role`). Every
rule asks for evidence, since a company may be called Total: what is in doubt stays a record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from orchestration import parsing
from orchestration.parsing.text import words
from orchestration.reading.header import accepted_headers, folded
from orchestration.reading.sheet import filled_cells
from orchestration.sources.formats import Settings, Units
from orchestration.sources.kinds import Column, Kind

RECORD, NOTE, TOTAL = "record", "note", "total"
REPEATED_HEADER, OTHER_TABLE = "repeated_header", "other_table"
ROLE_WORDS = {
    TOTAL: "totals, which are no records",
    REPEATED_HEADER: "the header repeated, which is no record",
    OTHER_TABLE: "another table, whose rows are no records",
}

_TOTALS = words(
    "total totals sum subtotal gesamt gesamtsumme summe zwischensumme insgesamt totale totaal"
    " somme suma soma summa итого всего 合计 总计 總計 小计 合計 総計"
)
_SURE_TOTALS = ("grand total", "sub total", "subtotal", "total general", "total général")
_TOTAL = re.compile(rf"(?:{'|'.join([*_SURE_TOTALS, *sorted(_TOTALS)])})(?: \d+| \d+ \w+)?")
_REMARK = re.compile(r"(?:sources?|notes?|quellen?|anmerkung(?:en)?|disclaimer|legend) ?:", re.I)
_FIRST_WORDS = [
    *sorted(_TOTALS),
    *words("grand sub source note quelle anmerkung disclaimer legend"),
]
_BEGINS = rf"(?i)^\W*(?:{'|'.join(_FIRST_WORDS)})"
_FIGURES = {"money", "number", "size"}
_ROUNDING = 0.005  # how far a total may be from the sum above it, as a share


class Body(NamedTuple):
    """Cells below a header; `numbers` are column numbers in the file, None when unpivoted."""

    headers: list[str | None]
    numbers: list[int | None]
    columns: list[pa.Array]
    rows: pa.Array
    cells: pa.Array
    follows_blank: pa.Array
    header_rows: list[list[str | None]]


def row_roles(body: Body, found: Mapping[str, int], kind: Kind, settings: Settings) -> pa.Array:
    """Return the role of each row; `found` maps the kind's columns to those of the body."""
    length = len(body.rows)
    filled = filled_cells(body.columns, length)
    is_note = pc.and_(pc.equal(filled, 1), len(body.columns) > 1)
    roles = pc.if_else(is_note, NOTE, RECORD)
    if not settings.unpivot:
        roles = _overwritten(roles, dict(_repeated_headers(body, filled)))
        roles = _overwritten(roles, _other_tables(body, filled, found, kind, settings))
        roles = _overwritten(roles, _totals_and_remarks(body, roles, found, kind, settings))
    return roles


def _overwritten(roles: pa.Array, changed: Mapping[int, str]) -> pa.Array:
    if not changed:
        return roles
    places = pa.array(sorted(changed), pa.int64())
    mask = pc.is_in(pa.array(range(len(roles)), pa.int64()), value_set=places)
    return pc.replace_with_mask(roles, mask, pa.array([changed[p] for p in sorted(changed)]))


def _row(body: Body, place: int) -> list[str | None]:
    return [column[place].as_py() for column in body.columns]


def _repeated_headers(body: Body, filled: pa.Array) -> Iterator[tuple[int, str]]:
    """Find the rows whose cells, two at least, all equal the header's."""
    for header in body.header_rows:
        equal = pa.repeat(pa.scalar(0, pa.int32()), len(body.rows))
        for column, text in zip(body.columns, header, strict=True):
            if text:
                same = pc.equal(column, text).fill_null(False)
                equal = pc.add(equal, same.cast(pa.int32()))
        repeated = pc.and_(pc.equal(equal, filled), pc.greater(equal, 1))
        for place in pc.indices_nonzero(repeated).to_pylist():
            yield place, REPEATED_HEADER


def _other_tables(
    body: Body, filled: pa.Array, found: Mapping[str, int], kind: Kind, settings: Settings
) -> dict[int, str]:
    """Find blocks below a gap that begin with a header of something else.

    Such a header has no digit, and known header words, or columns of figures below it while the
    block as a whole lacks a column that every record of the kind has.
    """
    starts = [place for place in pc.indices_nonzero(body.follows_blank).to_pylist() if place]
    known = {header for _, header in accepted_headers(kind.columns, settings)}
    required = [found[c.name] for c in kind.columns if c.required and c.name in found]
    roles: dict[int, str] = {}
    for start, end in pairwise([*starts, len(body.rows)]):
        first = start + 1 if filled[start].as_py() == 1 else start  # below a title
        if end - first < 2 or filled[first].as_py() < 2:  # noqa: PLR2004
            continue
        texts = _row(body, first)
        if any(character.isdigit() for text in texts if text for character in text):
            continue
        below = [column.slice(first + 1, end - first - 1) for column in body.columns]
        has_figures = any(
            text and _all_digits(column) for text, column in zip(texts, below, strict=True)
        )
        lacks = any(texts[i] is None and below[i].null_count == len(below[i]) for i in required)
        is_known = any(folded(text) in known for text in texts if text)
        if (has_figures and lacks) or (is_known and (has_figures or lacks)):
            roles |= dict.fromkeys(range(first, end), OTHER_TABLE)
    return roles


def _all_digits(column: pa.Array) -> bool:
    texts = column.drop_null()
    return len(texts) > 0 and bool(pc.all(pc.match_substring_regex(texts, r"\d")).as_py())


def _totals_and_remarks(
    body: Body, roles: pa.Array, found: Mapping[str, int], kind: Kind, settings: Settings
) -> dict[int, str]:
    named = next((found[c.name] for c in kind.columns if c.required and c.name in found), None)
    if named is None:
        return {}
    naming = sorted({0, named})
    begins = [pc.match_substring_regex(body.columns[i], _BEGINS).fill_null(False) for i in naming]
    places = pc.indices_nonzero(pc.or_(begins[0], begins[-1])).to_pylist()
    changed: dict[int, str] = {}
    for place in places:
        texts = _row(body, place)
        at = next((i for i in naming if texts[i] and _TOTAL.fullmatch(folded(texts[i]))), None)
        if roles[place].as_py() != RECORD:
            continue
        if at is not None and texts[named] in (None, texts[at]):
            columns = {
                found[column.name]: column for column in kind.columns if column.name in found
            }
            figures, others = _figures_and_others(texts, at, columns)
            follows = place + 1 if place + 1 not in places else len(roles)
            if figures and (
                (not others and (_is_sure(texts[at]) or _ends_block(body, roles, follows)))
                or _adds_up(
                    body,
                    roles,
                    place,
                    figures=figures,
                    columns=columns,
                    totals=[total for total, role in changed.items() if role == TOTAL],
                    settings=settings,
                )
            ):
                changed[place] = TOTAL
        elif _REMARK.match(texts[named] or ""):
            changed[place] = NOTE
    return changed


def _figures_and_others(
    texts: Sequence[str | None], at: int, columns: Mapping[int, Column]
) -> tuple[list[int], list[int]]:
    """Part a row's cells, but the one that says "Total", in figures and others."""
    filled = [index for index, text in enumerate(texts) if text and index != at]
    figures = [
        index
        for index in filled
        if re.search(r"\d", texts[index] or "")
        and (index not in columns or columns[index].parse in _FIGURES)
    ]
    return figures, [index for index in filled if index not in figures]


def _is_sure(text: str | None) -> bool:
    return folded(text or "").startswith(_SURE_TOTALS)


def _ends_block(body: Body, roles: pa.Array, follows: int) -> bool:
    """Whether no record follows directly: the row is the last, or a gap or a note comes next."""
    if follows >= len(roles) or roles[follows].as_py() != RECORD:
        return True
    return bool(body.follows_blank[follows].as_py())


def _adds_up(
    body: Body,
    roles: pa.Array,
    place: int,
    *,
    figures: Sequence[int],
    columns: Mapping[int, Column],
    totals: Sequence[int],
    settings: Settings,
) -> bool:
    """Whether a figure is the sum of the records above it, from the last total or the start."""
    for index in figures:
        column = columns.get(index)
        if column is None or column.parse == "size":
            continue
        values = _values(
            body.columns[index].slice(0, place + 1), column, body.headers[index], settings
        )
        stated = values[place]
        for start in {0, *(total + 1 for total in totals[-1:])}:
            lines = [
                value
                for line, value in enumerate(values[start:place], start)
                if value is not None and roles[line].as_py() == RECORD and line not in totals
            ]
            if stated and len(lines) > 1 and abs(sum(lines) - stated) <= _ROUNDING * abs(stated):
                return True
    return False


def _values(
    cells: pa.Array, column: Column, header: str | None, settings: Settings
) -> list[float | None]:
    units = settings.units.get(column.name, Units())
    context = parsing.Context(units.currency, units.multiplier, header or "")
    distinct = pc.unique(cells).drop_null()
    texts = distinct.to_pylist()
    numbers = parsing.PARSERS["number"](texts, context)["_number"]
    if column.parse == "money":  # a bare figure, whose unit stands elsewhere, adds up all the same
        numbers = pc.coalesce(parsing.PARSERS["money"](texts, context)["_low"], numbers)
    values: list[float | None] = numbers.take(pc.index_in(cells, value_set=distinct)).to_pylist()
    return values
