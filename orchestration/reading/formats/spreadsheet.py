"""Workbooks (xlsx, xls, xlsb, ods) to sheets.

Belongs here: what fastexcel needs and leaves open. Doesn't: what a file says besides its
cells (workbook_xml, open_document_xml, binary_workbook), or what a column means.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import fastexcel
import pyarrow as pa
import python_calamine

from orchestration.reading.formats import binary_workbook, open_document, workbook_parts
from orchestration.reading.formats.merged import Range, fill_merged
from orchestration.reading.formats.workbook_facts import BROKEN, SheetFacts
from orchestration.reading.sheet import ReadError, Sheet, listed, numbered
from orchestration.sources.formats import Settings

_COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")
_OPEN_DOCUMENT, _BINARY = "content.xml", "xl/workbook.bin"  # members that tell the form

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
        members = _members(data)
        data = _readable(data, members)
        workbook = fastexcel.read_excel(data)
        names = _chosen(settings.sheets, workbook.sheet_names)
        # skip_rows=0 keeps blank rows at the top, so a row's place is its number on the sheet.
        options: Any = {"header_row": None, "skip_rows": 0, "dtypes": "string"}
        with ThreadPoolExecutor(max_workers=1) as beside:  # the library leaves a core free
            facts = {name: beside.submit(_facts, data, members, name) for name in names}
            loaded = [workbook.load_sheet(name, **options) for name in names]
        shown = [s for s in loaded if settings.sheets or s.visible == "visible"]
        sheets = [_with_facts(_cells(s), facts[s.name].result()) for s in shown]
    except fastexcel.FastExcelError as error:
        raise ReadError(_reason(data, error)) from error
    hidden = [sheet.name for sheet in loaded if sheet not in shown]
    if hidden and not sheets:
        raise ReadError(f"every sheet is hidden; name those to read under `sheets:`: {hidden}")
    if hidden:
        unread = tuple(
            f"sheet {name!r} is hidden and was not read; name it under `sheets:` to read it"
            for name in hidden
        )
        sheets[0] = sheets[0]._replace(findings=(*unread, *sheets[0].findings))
    return sheets


def _members(data: bytes) -> Collection[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return frozenset(archive.namelist())
    except BROKEN:
        return ()


def _readable(data: bytes, members: Collection[str]) -> bytes:
    """Return a workbook as the library can read it: some writers do what it doesn't expect."""
    if _OPEN_DOCUMENT in members:
        return open_document.without_indents(data)
    return binary_workbook.with_columns(data) if _BINARY in members else data


def _facts(data: bytes, members: Collection[str], sheet: str) -> SheetFacts:
    if _OPEN_DOCUMENT in members:
        return open_document.read_facts(data, sheet)
    if _BINARY in members:
        return binary_workbook.read_facts(data, sheet)
    if members:
        return workbook_parts.read_facts(data, sheet)
    if not data.startswith(_COMPOUND_FILE):
        return SheetFacts()
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            areas = workbook.get_sheet_by_name(sheet).merged_cell_ranges or []
    except python_calamine.CalamineError:
        return SheetFacts()
    corners = [(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in areas]
    return SheetFacts(merged=tuple(Range(*corner) for corner in corners))


def _with_facts(sheet: Sheet, facts: SheetFacts) -> Sheet:
    findings = []
    if facts.hidden_rows:
        findings.append(f"hidden, but read: {numbered('row', facts.hidden_rows)}")
    if facts.unvalued:
        count = len(facts.unvalued)
        findings.append(
            f"{count:,} formula{'s have' if count > 1 else ' has'} no stored value "
            f"({listed(facts.unvalued)}): open the file in a spreadsheet program and save it"
        )
    return fill_merged(sheet._replace(findings=tuple(findings)), facts.merged)


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
