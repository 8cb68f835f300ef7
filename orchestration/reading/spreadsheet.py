"""Workbooks (xlsx, xls, xlsb, ods) to sheets.

Belongs here: what fastexcel needs and leaves open. Doesn't: what a column means.
"""

from __future__ import annotations

import re
from typing import Any

import fastexcel
import pyarrow as pa

from orchestration.reading.sheet import ReadError, Settings, Sheet

_ERROR_TEXTS = {"Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!"} | {
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}


def read(data: bytes, settings: Settings) -> list[Sheet]:
    """Read the sheets that `settings.sheets` names, else every visible sheet.

    Cells are the stored values as text, not as displayed: dates in ISO form, numbers unrounded.
    """
    try:
        workbook = fastexcel.read_excel(data)
        names = _chosen(settings.sheets, workbook.sheet_names)
        # skip_rows=0 keeps blank rows at the top, so a row's place is its number on the sheet.
        options: Any = {"header_row": None, "skip_rows": 0, "dtypes": "string"}
        sheets = (workbook.load_sheet(name, **options) for name in names)
        return [_cells(s) for s in sheets if settings.sheets or s.visible == "visible"]
    except fastexcel.FastExcelError as error:
        raise ReadError(_reason(data, error)) from error


def _chosen(wanted: tuple[str, ...], present: list[str]) -> list[str]:
    missing = [name for name in wanted if name not in present]
    if missing:
        raise ReadError(
            f"there is no sheet {missing[0]!r}, which source.yml names under `sheets:`; "
            f"the workbook has {', '.join(map(repr, present))}"
        )
    return list(wanted or present)


def _cells(sheet: fastexcel.ExcelSheet) -> Sheet:
    # Blank columns on the left are dropped nevertheless: absolute_index tells the true column.
    batch, errors = sheet.to_arrow_with_errors()
    columns = {
        str(info.absolute_index + 1): column
        for info, column in zip(sheet.available_columns(), batch.columns, strict=True)
    }
    if errors:
        columns = _restore_errors(columns, errors.errors)
    numbers = pa.array(range(1, batch.num_rows + 1), pa.int32())
    return Sheet(sheet.name, pa.table(columns), numbers)


def _restore_errors(
    columns: dict[str, pa.Array], errors: list[fastexcel.CellError]
) -> dict[str, pa.Array]:
    """Put back the text of error cells such as #N/A, which fastexcel leaves empty."""
    names = list(columns)
    restored: dict[str, list[str | None]] = {}
    for error in errors:
        row, position = error.offset_position
        name = names[position]
        texts = restored.setdefault(name, columns[name].to_pylist())
        found = re.search(r"Error\((\w+)\)", error.detail)
        texts[row] = _ERROR_TEXTS.get(found[1], f"#{found[1]}") if found else error.detail
    return columns | {name: pa.array(texts, pa.string()) for name, texts in restored.items()}


def _reason(data: bytes, error: Exception) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data or "password" in str(error).lower():
        return "the workbook is protected by a password; save it without one"
    return "the workbook is damaged or of another format; open it in Excel and save it as .xlsx"
