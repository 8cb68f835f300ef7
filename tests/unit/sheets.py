"""What the tests of reading and landing share: small raw files, and sheets as plain Python."""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl

from orchestration.reading import Sheet
from orchestration.sources.kinds import read_kinds

KINDS = read_kinds(
    Path(__file__).parents[2] / "dbt_project" / "models" / "staging" / "_landing__sources.yml"
)
FACTS = """title: A list
producer: Somebody
url: https://example.org/list
licence: CC0-1.0
accessed_on: 2026-11-23
contents: Everything there is.
cadence: 7d
"""


def rows_of(sheet: Sheet) -> dict[int, list[str | None]]:
    """Give the rows of a sheet by their number."""
    rows = zip(*(column.to_pylist() for column in sheet.cells.columns), strict=True)
    return dict(zip(sheet.row_numbers.to_pylist(), map(list, rows), strict=True))


def save_workbook(
    path: Path,
    sheets: Mapping[str, Mapping[str, Any]],
    hidden: tuple[str, ...] = (),
    *,
    merged: tuple[str, ...] = (),
    hidden_rows: tuple[int, ...] = (),
    epoch: datetime.datetime | None = None,
) -> Path:
    """Write a workbook from {sheet: {cell address: value}}; ranges and rows are of each sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, cells in sheets.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
        for address, value in cells.items():
            sheet[address] = value
        for area in merged:
            sheet.merge_cells(area)
        for row in hidden_rows:
            sheet.row_dimensions[row].hidden = True
    if epoch:
        book.epoch = epoch
    book.save(path)
    return path


def save_source(
    raw_dir: Path, folder: str, files: Mapping[str, str] | None = None, more: str = ""
) -> Path:
    """Write the folder of a source with its text files, and source.yml with `more` at its end."""
    path = raw_dir / folder
    path.mkdir(parents=True, exist_ok=True)
    (path / "source.yml").write_text(FACTS + more, encoding="utf-8")
    for name, text in (files or {}).items():
        (path / name).write_text(text, encoding="utf-8")
    return path
