"""Workbooks (xlsx, xls, xlsb, ods) to sheets: what fastexcel needs, and what it leaves open."""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import fastexcel
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.reading.checks import ENCRYPTED
from orchestration.reading.formats import workbook_parts
from orchestration.reading.formats.number_formats import as_shown
from orchestration.reading.formats.workbook_parts import SheetFacts
from orchestration.reading.sheet import ReadError, Sheet, fill_merged, listed, numbered, whole
from orchestration.sources.formats import Settings

_ERROR_TEXTS = {"Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!"} | {
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}


def read(data: bytes, settings: Settings) -> list[Sheet]:
    """Read the sheets that `settings.sheets` names, else every visible sheet.

    Cells are the stored values as text: dates in ISO form, numbers unrounded, with the currency,
    unit or percent sign that their format shows; a text with a link as Markdown writes it.
    """
    workbook_parts.check_columns(data)
    try:
        data = workbook_parts.mended(data)
        workbook = fastexcel.read_excel(data)
        names = _chosen(settings.sheets, workbook.sheet_names)
        # skip_rows=0 keeps blank rows at the top, so a row's index is its number on the sheet.
        options: Any = {"header_row": None, "skip_rows": 0, "dtypes": "string"}
        with ThreadPoolExecutor(max_workers=1) as beside:  # the library leaves a core free
            facts = {name: beside.submit(workbook_parts.read_facts, data, name) for name in names}
            loaded = [workbook.load_sheet(name, **options) for name in names]
        chosen = [s for s in loaded if settings.sheets or s.visible == "visible"]
        sheets = [
            _with_facts(_cells(s), facts[s.name].result(), settings.hidden_rows) for s in chosen
        ]
    except fastexcel.FastExcelError as error:
        raise ReadError(_reason(data, error)) from error
    hidden = [sheet.name for sheet in loaded if sheet not in chosen]
    if hidden and not sheets:
        raise ReadError(f"every sheet is hidden; name those to read under `sheets:`: {hidden}")
    if hidden:
        unread = tuple(
            f"sheet {name!r} is hidden and was not read; name it under `sheets:` to read it"
            for name in hidden
        )
        sheets[0] = sheets[0]._replace(findings=(*unread, *sheets[0].findings))
    return sheets


def _with_facts(sheet: Sheet, facts: SheetFacts, hidden_rows: str) -> Sheet:
    columns = {}
    for name in sheet.cells.column_names:
        column = as_shown(whole(sheet.cells[name]), facts.formats.get(int(name), {}))
        columns[name] = _linked(column, facts.links.get(int(name), {}))
    cells = pa.table(columns)
    findings = []
    if facts.hidden_rows:
        done = "and left out" if hidden_rows == "skip" else "but read"
        findings.append(f"hidden, {done}: {numbered('row', facts.hidden_rows)}")
    if facts.struck_rows:
        findings.append(f"struck through, but read: {numbered('row', sorted(facts.struck_rows))}")
    if facts.unvalued:
        count = len(facts.unvalued)
        findings.append(
            f"{count:,} formula{'s have' if count > 1 else ' has'} no stored value "
            f"({listed(facts.unvalued)}): open the file in a spreadsheet program and save it"
        )
    sheet = fill_merged(sheet._replace(cells=cells, findings=tuple(findings)), facts.merged)
    if hidden_rows == "skip":
        kept = pc.invert(pc.is_in(sheet.row_numbers, pa.array(facts.hidden_rows, pa.int32())))
        sheet = sheet._replace(
            cells=sheet.cells.filter(kept), row_numbers=sheet.row_numbers.filter(kept)
        )
    return sheet


def _linked(cells: pa.Array, links: Mapping[int, str]) -> pa.Array:
    """Return a column whose texts have the address behind them, by their positions, as Markdown."""
    if not links:
        return cells
    texts = cells.to_pylist()
    for position, address in links.items():
        if position < len(texts) and (text := texts[position]) and text.strip() != address:
            texts[position] = f"[{text}]({address.replace('(', '%28').replace(')', '%29')})"
    return pa.array(texts, pa.string())


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
        code = re.search(r"Error\((\w+)\)", error.detail)
        texts[row] = _ERROR_TEXTS.get(code[1], f"#{code[1]}") if code else error.detail
    return columns | {name: pa.array(texts, pa.string()) for name, texts in restored.items()}


def _reason(data: bytes, error: Exception) -> str:
    if ENCRYPTED in data or "password" in str(error).lower():
        return "the workbook is protected by a password; save it without one"
    return "the workbook is damaged or of another format; open it in Excel and save it as .xlsx"
