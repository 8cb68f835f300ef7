"""Which rows below a header are no records: notes, totals, repeated headers, other tables.

Belongs here: telling them by their form. Doesn't: rejecting them (dbt does, by `_role`). Every
rule asks for evidence, since a company may be called Total: what is in doubt stays a record.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from orchestration import parsing
from orchestration.parsing.text import words
from orchestration.reading.header import Wanted, folded
from orchestration.reading.sheet import filled_cells
from orchestration.sources.formats import Units
from orchestration.sources.kinds import Column

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


class BodyColumn(NamedTuple):
    """A column below a header; `number` is that of the file's column, None when unpivoted.

    `header_texts` are what stands in it in each row of the header.
    """

    header: str | None
    number: int | None
    cells: pa.Array
    header_texts: Sequence[str | None] = ()


class Body(NamedTuple):
    """What is below a header: columns, row numbers, and what tells rows of one number apart."""

    columns: list[BodyColumn]
    rows: pa.Array
    cells: pa.Array
    follows_blank: pa.Array

    def texts(self, row: int) -> list[str | None]:
        """Return the cells of a row, by its index."""
        return [column.cells[row].as_py() for column in self.columns]


class _Evidence(NamedTuple):
    """What tells the role of a row: the body, and which rows are records as far as is known.

    `columns` are the kind's columns by their index in the body; `filled` counts each row's cells.
    """

    body: Body
    columns: Mapping[int, Column]
    wanted: Wanted
    filled: pa.Array
    is_record: NDArray[np.bool_]

    @property
    def required(self) -> list[int]:
        """The columns that every record has."""
        return [index for index, column in self.columns.items() if column.required]


def row_roles(body: Body, columns: Mapping[int, Column], wanted: Wanted) -> pa.Array:
    """Return the role of each row; `columns` are the kind's, by their index in the body."""
    filled = filled_cells([column.cells for column in body.columns], len(body.rows))
    roles = pc.if_else(pc.and_(pc.equal(filled, 1), len(body.columns) > 1), NOTE, RECORD)
    if wanted.settings.unpivot:
        return roles
    for rule in (_repeated_headers, _other_tables, _totals_and_remarks):
        is_record = np.array(pc.equal(roles, RECORD))
        changed = dict(rule(_Evidence(body, columns, wanted, filled, is_record)))
        mask = np.zeros(len(roles), bool)
        mask[list(changed)] = True
        new = pa.array([changed[row] for row in sorted(changed)], pa.string())
        roles = pc.replace_with_mask(roles, pa.array(mask), new)
    return roles


def _repeated_headers(evidence: _Evidence) -> Iterator[tuple[int, str]]:
    """Find the rows whose cells, two at least, all equal the header's."""
    columns = evidence.body.columns
    for header in zip(*(column.header_texts for column in columns), strict=True):
        repeated = pc.greater(evidence.filled, 1)
        for column, text in zip(columns, header, strict=True):
            same = pc.equal(column.cells, text).fill_null(True) if text else column.cells.is_null()
            repeated = pc.and_(repeated, same)
            if not repeated.true_count:
                break
        yield from ((row, REPEATED_HEADER) for row in pc.indices_nonzero(repeated).to_pylist())


def _other_tables(evidence: _Evidence) -> Iterator[tuple[int, str]]:
    """Find the blocks below a gap that begin with a header of something else, or its title."""
    body, filled = evidence.body, evidence.filled
    starts = [row for row in pc.indices_nonzero(body.follows_blank).to_pylist() if row]
    for start, end in pairwise([*starts, len(body.rows)]):
        first = start + 1 if filled[start].as_py() == 1 else start
        if end - first > 1 and filled[first].as_py() > 1 and _is_foreign(evidence, first, end):
            yield from ((row, OTHER_TABLE) for row in range(first, end))


def _is_foreign(evidence: _Evidence, first: int, end: int) -> bool:
    """Whether a block begins with the header of something else.

    Such a header has no digit, and known header words, or columns of figures below it while the
    block as a whole lacks a column that every record of the kind has.
    """
    texts = evidence.body.texts(first)
    if any(map(str.isdigit, "".join(filter(None, texts)))):
        return False
    below = [c.cells.slice(first + 1, end - first - 1).drop_null() for c in evidence.body.columns]
    has_figures = any(
        text and len(cells) and pc.all(pc.match_substring_regex(cells, r"\d")).as_py()
        for text, cells in zip(texts, below, strict=True)
    )
    lacks = any(texts[index] is None and not len(below[index]) for index in evidence.required)
    is_known = any(folded(text) in evidence.wanted.known for text in texts if text)
    return (has_figures and lacks) or (is_known and (has_figures or lacks))


def _totals_and_remarks(evidence: _Evidence) -> Iterator[tuple[int, str]]:
    """Find the rows that sum others up, and those whose name is a remark ("Source: ...")."""
    body, is_record = evidence.body, evidence.is_record
    if not evidence.required:
        return
    name = evidence.required[0]
    naming = sorted({0, name})
    begins = [pc.match_substring_regex(body.columns[i].cells, _BEGINS) for i in naming]
    candidates = set(pc.indices_nonzero(pc.or_kleene(begins[0], begins[-1])).to_pylist())
    values = cache(partial(_values, evidence))
    last_total = -1
    for row in sorted(filter(is_record.__getitem__, candidates)):
        texts = body.texts(row)
        label = next((i for i in naming if texts[i] and _TOTAL.fullmatch(folded(texts[i]))), None)
        if label is not None and texts[name] in (None, texts[label]):
            figures, others = _figures_and_others(texts, label, evidence.columns)
            is_sure = folded(texts[label] or "").startswith(_SURE_TOTALS)
            is_last = row + 1 in candidates or _ends_block(evidence, row)
            if figures and (
                (not others and (is_sure or is_last))
                or any(_adds_up(values(i), is_record, row, last_total) for i in figures)
            ):
                yield row, TOTAL
                is_record[row] = False
                last_total = row
        elif _REMARK.match(texts[name] or ""):
            yield row, NOTE


def _figures_and_others(
    texts: Sequence[str | None], label: int, columns: Mapping[int, Column]
) -> tuple[list[int], list[int]]:
    """Part a row's cells, but the one that says "Total", in figures and others."""
    filled = {index: text for index, text in enumerate(texts) if text and index != label}
    figures = [
        index
        for index, text in filled.items()
        if re.search(r"\d", text) and (index not in columns or columns[index].parse in _FIGURES)
    ]
    return figures, [index for index in filled if index not in figures]


def _ends_block(evidence: _Evidence, row: int) -> bool:
    """Whether no record follows directly: the row is the last, or a gap or a note comes next."""
    if row + 1 >= len(evidence.is_record) or not evidence.is_record[row + 1]:
        return True
    return bool(evidence.body.follows_blank[row + 1].as_py())


def _adds_up(
    values: NDArray[np.float64], is_record: NDArray[np.bool_], row: int, last_total: int
) -> bool:
    """Whether a figure is the sum of the records above it, from the last total or the start."""
    for start in {0, last_total + 1}:
        lines = values[start:row][is_record[start:row] & ~np.isnan(values[start:row])]
        off = abs(lines.sum() - values[row])
        if values[row] and len(lines) > 1 and off <= _ROUNDING * abs(values[row]):
            return True
    return False


def _values(evidence: _Evidence, index: int) -> NDArray[np.float64]:
    """Return the figures of a column as NaN where there is none to add up."""
    cells, column = evidence.body.columns[index].cells, evidence.columns.get(index)
    if column is None or column.parse == "size":
        return np.full(len(cells), np.nan)
    units = evidence.wanted.settings.units.get(column.name, Units())
    header = evidence.body.columns[index].header or ""
    context = parsing.Context(units.currency, units.multiplier, header)
    distinct = pc.unique(cells).drop_null()
    texts = distinct.to_pylist()
    numbers = parsing.PARSERS["number"](texts, context)["_number"]
    if column.parse == "money":  # a bare figure, whose unit stands elsewhere, adds up all the same
        numbers = pc.coalesce(parsing.PARSERS["money"](texts, context)["_low"], numbers)
    return np.array(numbers.take(pc.index_in(cells, value_set=distinct)), np.float64)
