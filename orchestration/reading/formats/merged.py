"""Merged cells: the text of a range's first cell stands for all of it.

Belongs here: filling the other cells. Doesn't: how a format writes down its ranges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pyarrow as pa

from orchestration.reading.sheet import Sheet, filled_cells, letters, numbered


class Range(NamedTuple):
    """A merged range, 1-based and inclusive."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        """Write it as spreadsheets do: A3:A7."""
        return f"{letters(self.left)}{self.top}:{letters(self.right)}{self.bottom}"


def fill_merged(sheet: Sheet, ranges: Sequence[Range]) -> Sheet:
    """Fill merged ranges of a sheet whose rows are numbered 1, 2, 3... without a gap.

    Only rows that hold something else are filled, and only cells that are empty: a title or a
    note that is merged across the table stays one cell, and no blank row comes to life.
    """
    if not ranges or sheet.cells.num_rows == 0:
        return sheet
    columns = {int(name): sheet.cells[name].to_pylist() for name in sheet.cells.column_names}
    filled = filled_cells(_nulled(sheet.cells.columns), sheet.cells.num_rows).to_pylist()
    used = [area for area in sorted(ranges) if _fill(columns, filled, area)]
    arrays = [pa.array(cells, pa.string()) for cells in columns.values()]
    cells = pa.table(arrays, names=[str(number) for number in columns])
    findings = (
        (f"filled with the text of their first cell: {numbered('merged range', used)}",)
        if used
        else ()
    )
    return sheet._replace(cells=cells, findings=(*sheet.findings, *findings))


def _nulled(columns: Iterable[pa.ChunkedArray]) -> list[pa.Array]:
    return [
        pa.array([text if text and text.strip() else None for text in column.to_pylist()])
        for column in columns
    ]


def _fill(columns: dict[int, list[str | None]], filled: list[int], area: Range) -> bool:
    text = columns.get(area.left, [None] * area.top)[area.top - 1 : area.top]
    if not text or not text[0] or not text[0].strip():
        return False
    done = False
    for row in range(area.top - 1, min(area.bottom, len(filled))):
        others = filled[row] - (1 if row == area.top - 1 else 0)
        if others > 0:
            within = (c for number, c in columns.items() if area.left <= number <= area.right)
            for cells in within:
                if not (cells[row] or "").strip():
                    cells[row] = text[0]
                    done = True
    return done
