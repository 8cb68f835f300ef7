"""What an .ods says of its cells that the reading library keeps to itself.

Belongs here: merged ranges, hidden rows and formulas without a stored value of .ods, and blanks
between cells, at which the library stumbles. Doesn't: the cells themselves (spreadsheet), or the
same facts of an .xlsx (workbook_xml).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

from lxml import etree

from orchestration.reading.formats.merged import Range
from orchestration.reading.formats.workbook_facts import BROKEN, SheetFacts, repacked
from orchestration.reading.sheet import letters

_SPACE = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TABLE, _OFFICE = _SPACE % "table", _SPACE % "office"
_CONTENT = "content.xml"
_INDENTED = re.compile(rb"table-(?:row|cell)\b[^<>]*>\s+<")
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def read_facts(data: bytes, sheet: str) -> SheetFacts:
    """Read the facts of a sheet of an .ods; none of a file that is built otherwise."""
    merged: list[Range] = []
    hidden: list[int] = []
    unvalued: list[str] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for number, row in _rows(archive, sheet):
                if row.get(f"{_TABLE}visibility", "visible") != "visible" and any(map(len, row)):
                    hidden += range(number, number + _count(row, "number-rows-repeated"))
                for column, cell in _cells(row):
                    right = column + _count(cell, "number-columns-spanned") - 1
                    bottom = number + _count(cell, "number-rows-spanned") - 1
                    if (bottom, right) != (number, column):
                        merged.append(Range(number, column, bottom, right))
                    has_value = cell.get(f"{_OFFICE}value-type") is not None or len(cell)
                    if cell.get(f"{_TABLE}formula") is not None and not has_value:
                        unvalued.append(f"{letters(column)}{number}")
    except BROKEN:
        return SheetFacts()
    return SheetFacts(tuple(merged), tuple(hidden), tuple(unvalued))


def _rows(archive: zipfile.ZipFile, sheet: str) -> Iterator[tuple[int, etree._Element]]:
    """Yield each row of a sheet with its number, and forget it afterwards."""
    table, row = f"{_TABLE}table", f"{_TABLE}table-row"
    number, is_wanted = 1, False
    with archive.open(_CONTENT) as stream:
        for event, element in etree.iterparse(
            stream, ("start", "end"), tag=(table, row), resolve_entities=False, no_network=True
        ):
            if element.tag == table:
                is_wanted = event == "start" and element.get(f"{_TABLE}name") == sheet
            elif event == "end":
                if is_wanted:
                    yield number, element
                    number += _count(element, "number-rows-repeated")
                element.clear()


def _cells(row: etree._Element) -> Iterator[tuple[int, etree._Element]]:
    column = 1
    for cell in row.iterchildren(*_CELLS):
        yield column, cell
        column += _count(cell, "number-columns-repeated")


def _count(element: etree._Element, name: str) -> int:
    return int(element.get(f"{_TABLE}{name}", "1"))


def without_indents(data: bytes) -> bytes:
    """Return an .ods without blanks between its cells: the same bytes where there are none."""
    parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            content = archive.read(_CONTENT)
            if not _INDENTED.search(content):
                return data
            tree = etree.fromstring(content, parser)
            return repacked(archive, {_CONTENT: etree.tostring(tree, encoding="UTF-8")})
    except BROKEN:
        return data
