"""Merged cells: the text of a range's first cell stands for all of it.

Belongs here: filling the other cells. Doesn't: how a format writes down its ranges.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from orchestration.reading.sheet import Sheet, letters, numbered


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
    columns = {
        int(name): [text if text and text.strip() else None for text in cells.to_pylist()]
        for name, cells in zip(sheet.cells.column_names, sheet.cells.columns, strict=True)
    }
    counts = [sum(map(bool, row)) for row in zip(*columns.values(), strict=True)]
    filled = [area for area in sorted(ranges) if _fill(columns, counts, area)]
    if not filled:
        return sheet
    arrays = [pa.array(cells, pa.string()) for cells in columns.values()]
    finding = f"filled with the text of their first cell: {numbered('merged range', filled)}"
    return sheet._replace(
        cells=pa.table(arrays, names=sheet.cells.column_names), findings=(*sheet.findings, finding)
    )


def _fill(columns: dict[int, list[str | None]], counts: list[int], area: Range) -> bool:
    """Fill a range; `counts` are the cells that each row held before any was filled."""
    top = area.top - 1
    text = columns[area.left][top] if area.left in columns and top < len(counts) else None
    is_filled = False
    for number, cells in columns.items() if text else ():
        if area.left <= number <= area.right:
            for row in range(top, min(area.bottom, len(counts))):
                if cells[row] is None and counts[row] > (row == top):
                    cells[row] = text
                    is_filled = True
    return is_filled
