"""What a workbook says besides its cells, and mending what the reading library stumbles at.

Merged ranges, hidden and struck rows, links, formulas without a stored value, and formats that say
more than digits, in each form of workbook as far as the form tells.
"""

import html
import io
import math
import posixpath
import re
import struct
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import IO

import xlrd
import xlrd.compdoc
from lxml import etree

from orchestration.parsing.currencies import units_of_cell
from orchestration.reading.formats.number_formats import BUILT_IN, is_telling
from orchestration.reading.sheet import Range, ReadError, letters
from orchestration.sources.formats import OLE

# What a damaged archive and its parts may raise; whether the file can be read at all is then for
# the library to say.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, etree.LxmlError),
    *(xlrd.XLRDError, xlrd.compdoc.CompDocError),
    *(LookupError, ValueError, ArithmeticError, EOFError, RuntimeError),
    *(AssertionError, TypeError, AttributeError),
)
_STYLES = "xl/styles.xml"
_CONTENT, _BINARY = "content.xml", "xl/workbook.bin"  # of an .ods and of an .xlsb


@dataclass
class SheetFacts:
    """Facts of one sheet; `unvalued` are addresses of formulas without a stored value.

    By the numbers of columns, `formats` holds the positions (rows from 0) of the numbers whose
    format tells more than digits, by its code, and `links` the addresses behind texts.
    """

    merged: list[Range] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    struck_rows: set[int] = field(default_factory=set)
    unvalued: list[str] = field(default_factory=list)
    formats: dict[int, dict[str, list[int]]] = field(
        default_factory=partial(defaultdict, partial(defaultdict, list))
    )
    links: dict[int, dict[int, str]] = field(default_factory=partial(defaultdict, dict))


def read_facts(data: bytes, sheet: str) -> SheetFacts:
    """Read the facts of a sheet; none of a workbook that is built otherwise."""
    try:
        if data.startswith(OLE):
            return _facts_of_xls(data, sheet)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.namelist()
            if _CONTENT in members:
                return _facts_of_ods(archive, sheet)
            return (_facts_of_xlsb if _BINARY in members else _facts_of_xlsx)(archive, sheet)
    except _BROKEN:
        return SheetFacts()


def mended(data: bytes) -> bytes:
    """Return a workbook as the library can read it: the same bytes where nothing hinders it.

    It stumbles at blanks between the cells of an .ods, and passes over cells of an .xlsb that leave
    out their column.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members, parts = archive.namelist(), {}
            if _CONTENT in members:
                parts = _without_indents(archive)
            elif _BINARY in members:
                parts = _with_columns(archive)
            if not parts:
                return data
            copied = io.BytesIO()
            with zipfile.ZipFile(copied, "w", zipfile.ZIP_DEFLATED) as copy:
                for name in members:
                    copy.writestr(name, parts[name] if name in parts else archive.read(name))
            return copied.getvalue()
    except _BROKEN:
        return data


def _parse(part: bytes) -> etree._Element:
    return etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))


def _related_parts(archive: zipfile.ZipFile, relations: str) -> dict[str | None, str]:
    """Return the parts that the relations of a workbook name, by their ids."""
    return {
        relation.get("Id"): posixpath.normpath(
            posixpath.join("/xl", relation.get("Target", ""))
        ).lstrip("/")
        for relation in _parse(archive.read(relations))
    }


# The old form (.xls)

_XLS_COLUMNS = 256
_XLS_RECORD = struct.Struct("<4H")  # of a cell's record: its kind and length, its row and column
_SEVERAL_CELLS = {0xBD, 0xBE}
_XLS_CELLS = {0x06, 0xFD, 0x201, 0x203, 0x204, 0x205, 0x27E, *_SEVERAL_CELLS}
_NUMBERS = {xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE}
_NOTHING = {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK}


def _facts_of_xls(data: bytes, sheet: str) -> SheetFacts:
    book = _old_workbook(data)
    page = book.sheet_by_name(sheet)
    facts = SheetFacts(
        merged=[
            Range(top + 1, left + 1, low, right) for top, low, left, right in page.merged_cells
        ],
        hidden_rows=sorted(row + 1 for row, info in page.rowinfo_map.items() if info.hidden),
    )
    codes = [book.format_map[form.format_key].format_str or "" for form in book.xf_list]
    struck = [bool(book.font_list[form.font_index].struck_out) for form in book.xf_list]
    for row in range(page.nrows):
        for column, (type_, form) in enumerate(
            zip(page.row_types(row), _forms(page, row), strict=True)
        ):
            if type_ in _NUMBERS and is_telling(codes[form]):
                facts.formats[column + 1][codes[form]].append(row)
            if type_ not in _NOTHING and struck[form]:
                facts.struck_rows.add(row + 1)
    for (row, column), link in page.hyperlink_map.items():
        if link.type == "url" and link.url_or_path:
            facts.links[column + 1][row] = link.url_or_path
    return facts


def check_columns(data: bytes) -> None:
    """Raise ReadError for a cell beyond the columns of an .xls: the library makes all up to it."""
    if not data.startswith(OLE):
        return
    try:
        container = xlrd.compdoc.CompDoc(data, logfile=io.StringIO())
        names = ("Workbook", "Book")
        records = next(filter(None, map(container.get_named_stream, names)), b"")
    except _BROKEN:
        return
    at = 0
    while at + _XLS_RECORD.size <= len(records):
        kind, length, row, column = _XLS_RECORD.unpack_from(records, at)
        at += 4 + length
        if kind in _SEVERAL_CELLS and at <= len(records):  # it ends with the last one's
            column = int.from_bytes(records[at - 2 : at], "little")
        if kind in _XLS_CELLS and column >= _XLS_COLUMNS:
            raise ReadError(
                f"a cell in row {row + 1:,} says that it is in column {column + 1:,}, of the "
                f"{_XLS_COLUMNS} that such a workbook has; open it in Excel and save it as .xlsx"
            )


def _forms(page: xlrd.sheet.Sheet, row: int) -> Iterable[int]:
    return (page.cell_xf_index(row, column) for column in range(page.row_len(row)))


@lru_cache(maxsize=1)
def _old_workbook(data: bytes) -> xlrd.Book:
    """Return what a workbook holds, for all its sheets; the library that reads has no formats."""
    return xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), formatting_info=True)


# The form of XML (.xlsx), scanned in pieces of whole rows for the few marks that matter, so that a
# workbook without them costs little more than its unzipping.

_PIECE = 1 << 18  # bytes
_HEAD = 1 << 10
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"

_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_HIDDEN = re.compile(rb"\bhidden=[\"'](?:1|true)[\"']")
_NUMBER = re.compile(rb"\br=[\"'](\d+)[\"']")
# A cell of a formula whose value is absent or empty; an empty text is a value.
_UNVALUED = re.compile(
    rb"<(?:\w+:)?c\b(?![^>]*\bt=[\"']str[\"'])[^>]*?\br=[\"'](\w+)[\"'][^>]*>\s*"
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>\s*|<(?:\w+:)?v>\s*</(?:\w+:)?v>\s*)?</(?:\w+:)?c>"
)
# A cell that holds something, with one of some styles; a text has a type, whose name isn't n.
_STYLED = (
    rb"<(?:\w+:)?c\b(?=[^>]*\bs=[\"'](%s)[\"'])(?=[^>]*\br=[\"']([A-Z]+)(\d+)[\"'])"
    rb"(?![^>]*\bt=[\"'](?:%s)[\"'])[^>]*[^/]>"
)
_NO_NUMBERS = b"s|str|inlineStr|b|e|d"
_LINK = re.compile(
    rb"<(?:\w+:)?hyperlink\b(?=[^>]*\bref=[\"']([A-Z]+)(\d+))[^>]*\b\w+:id=[\"']([^\"']+)[\"']"
)
_LINK_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b[^>]*?\br=[\"']([A-Z]+)(\d+)[\"'][^>]*>\s*<(?:\w+:)?f\b[^>]*>\s*"
    rb"HYPERLINK\((?:\"|&quot;)(https?://[^\"<]*?)(?:\"|&quot;)"
)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref=[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)[\"']")


def _facts_of_xlsx(archive: zipfile.ZipFile, sheet: str) -> SheetFacts:
    parts = _related_parts(archive, "xl/_rels/workbook.xml.rels")
    sheets = {s.get("name"): s for s in _parse(archive.read("xl/workbook.xml")).iter("{*}sheet")}
    relation = sheets[sheet].get(_RELATION) or sheets[sheet].get(_STRICT_RELATION)
    facts = SheetFacts()
    formula = b"<f"
    codes, struck = _styles_of_xlsx(archive)
    in_format, in_struck = _styled(codes, _NO_NUMBERS), _styled(struck, b"-")
    targets = _link_targets(archive, parts[relation])
    with archive.open(parts[relation]) as stream:
        for piece in _pieces(stream):
            if b":worksheet" in piece[:_HEAD]:
                formula = b":f"  # some writers give every element of the sheet a prefix
            if b"hidden=" in piece:
                rows = (row[1] for row in _ROW.finditer(piece) if _HIDDEN.search(row[1]))
                numbers = filter(None, map(_NUMBER.search, rows))
                facts.hidden_rows += [int(number[1]) for number in numbers]
            if formula in piece:
                facts.unvalued += [cell[1].decode() for cell in _UNVALUED.finditer(piece)]
            if b"HYPERLINK(" in piece:
                for column, row, address in _LINK_FORMULA.findall(piece):
                    facts.links[_column(column)][int(row) - 1] = html.unescape(address.decode())
            for style, column, row in in_format.findall(piece) if in_format else ():
                facts.formats[_column(column)][codes[style]].append(int(row) - 1)
            for *_, row in in_struck.findall(piece) if in_struck else ():
                facts.struck_rows.add(int(row))
            # Merged ranges and links follow the last row, where a piece before the last one ends.
            after_rows = max(0, piece.rfind(b"row>"))
            for area in _MERGED.finditer(piece, after_rows):
                left, top, right, bottom = area.groups()
                facts.merged.append(Range(int(top), _column(left), int(bottom), _column(right)))
            for column, row, id_ in _LINK.findall(piece, after_rows) if targets else ():
                if address := targets.get(id_.decode()):
                    facts.links[_column(column)][int(row) - 1] = address
    return facts


def _styles_of_xlsx(archive: zipfile.ZipFile) -> tuple[dict[bytes, str], set[bytes]]:
    """Return the format codes that tell more than digits, by style, and the styles struck out."""
    if _STYLES not in archive.namelist():
        return {}, set()
    styles = _parse(archive.read(_STYLES))
    written = {int(f.get("numFmtId", 0)): f.get("formatCode", "") for f in styles.iter("{*}numFmt")}
    fonts = [font.find("{*}strike") for font in styles.iterfind("{*}fonts/{*}font")]
    struck = {i for i, mark in enumerate(fonts) if mark is not None and mark.get("val") != "0"}
    forms = [
        (str(number).encode(), int(form.get("numFmtId", 0)), int(form.get("fontId", 0)))
        for number, form in enumerate(styles.iterfind("{*}cellXfs/{*}xf"))
    ]
    codes = {style: (BUILT_IN | written).get(number, "") for style, number, _ in forms}
    return (
        {style: code for style, code in codes.items() if is_telling(code)},
        {style for style, _, font in forms if font in struck},
    )


def _styled(styles: Iterable[bytes], no_types: bytes) -> re.Pattern[bytes] | None:
    """Make the pattern of filled cells of some styles, but for those of some types."""
    one_of = b"|".join(styles)
    return re.compile(_STYLED % (one_of, no_types)) if one_of else None


def _link_targets(archive: zipfile.ZipFile, part: str) -> dict[str | None, str]:
    folder, _, name = part.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in archive.namelist():
        return {}
    targets = ((r.get("Id"), r.get("Target", "")) for r in _parse(archive.read(relations)))
    return {id_: target for id_, target in targets if target.startswith(("http://", "https://"))}


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """Cut the XML after the end of a row, so that no row is in two pieces."""
    rest = b""
    while read := stream.read(_PIECE):
        cut = read.rfind(b"row>") + len(b"row>")
        if cut < len(b"row>"):
            rest += read
            continue
        yield rest + read[:cut]
        rest = read[cut:]
    yield rest


@lru_cache(maxsize=1024)
def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


# The open document (.ods)

_SPACE = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TABLE, _OFFICE, _TEXT = _SPACE % "table", _SPACE % "office", _SPACE % "text"
_STYLE, _HREF = _SPACE % "style", "{http://www.w3.org/1999/xlink}href"
_SHOWN = re.compile(r"([^\d.,]*)\d[\d., '\u00a0\u202f]*?([^\d.,]*)")
_PARTS_OF_DATE = re.compile(r"\d+|[^\W\d_]{3,}")
_DATE_CODES = {1: "yyyy", 2: "mmm yy"}  # by the parts of a date that are shown
_MOST_ROWS = 1 << 20
_INDENTED = re.compile(rb"table-(?:row|cell)\b[^<>]*>\s+<")


def _facts_of_ods(archive: zipfile.ZipFile, sheet: str) -> SheetFacts:
    facts, struck = SheetFacts(), _struck_styles(archive)
    for number, row in _rows(archive, sheet):
        if row.get(f"{_TABLE}visibility", "visible") != "visible" and any(map(len, row)):
            facts.hidden_rows += range(number, number + _count(row, "number-rows-repeated"))
        column = 1
        for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            right = column + _count(cell, "number-columns-spanned") - 1
            bottom = number + _count(cell, "number-rows-spanned") - 1
            if (bottom, right) != (number, column):
                facts.merged.append(Range(number, column, bottom, right))
            has_value = cell.get(f"{_OFFICE}value-type") is not None or len(cell)
            _note_shown(facts, cell, number, column, _count(row, "number-rows-repeated"))
            if len(cell) and cell.get(f"{_TABLE}style-name") in struck:
                facts.struck_rows.add(number)
            if cell.get(f"{_TABLE}formula") is not None and not has_value:
                facts.unvalued.append(f"{letters(column)}{number}")
            column += _count(cell, "number-columns-repeated")
    return facts


def _note_shown(facts: SheetFacts, cell: etree._Element, row: int, column: int, rows: int) -> None:
    """Note what the text shown in a cell tells besides its value: a unit, a month only, a link.

    The cell stands in as many equal rows, and says itself in how many equal columns.
    """
    paragraph = cell.find(f"{_TEXT}p")
    if paragraph is None:
        return
    code = _code_of(cell, "".join(map(str, paragraph.itertext())))
    if is_telling(code):
        for same in range(column, column + _count(cell, "number-columns-repeated")):
            facts.formats[same][code] += range(row - 1, row - 1 + min(rows, _MOST_ROWS))
    for link in paragraph.iter(f"{_TEXT}a"):
        if (address := link.get(_HREF, "")).startswith(("http://", "https://")):
            facts.links[column][row - 1] = address


def _code_of(cell: etree._Element, shown: str) -> str:
    """Make the format code under which a cell's value is what is shown; "" for a text."""
    type_ = cell.get(f"{_OFFICE}value-type")
    if type_ == "date":
        return _DATE_CODES.get(len(_PARTS_OF_DATE.findall(shown)), "")
    if type_ == "percentage":
        return "0%"
    around = _SHOWN.fullmatch(shown.replace('"', "")) if type_ in ("float", "currency") else None
    if not around:
        return ""
    before, behind = around.groups()
    currency, unit = units_of_cell(f"{before} {behind}")
    if type_ == "currency" and not currency:
        behind += f" {cell.get(f'{_OFFICE}currency', '')}"
    is_scaled = unit and 10 * abs(float(cell.get(f"{_OFFICE}value", "0"))) >= unit
    commas = "," * round(math.log(unit, 1000)) if unit and is_scaled else ""
    return f'"{before}"0{commas}"{behind}"'


def _struck_styles(archive: zipfile.ZipFile) -> set[str | None]:
    struck = set()
    with archive.open(_CONTENT) as stream:
        tags = (f"{_STYLE}style", f"{_OFFICE}body")
        for event, element in etree.iterparse(
            stream, ("start", "end"), tag=tags, resolve_entities=False, no_network=True
        ):
            if element.tag == tags[1]:
                break
            if event == "end" and any(
                properties.get(f"{_STYLE}text-line-through-style", "none") != "none"
                for properties in element.iterchildren(f"{_STYLE}text-properties")
            ):
                struck.add(element.get(f"{_STYLE}name"))
    return struck


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


def _count(element: etree._Element, name: str) -> int:
    return int(element.get(f"{_TABLE}{name}", "1"))


def _without_indents(archive: zipfile.ZipFile) -> dict[str, bytes]:
    content = archive.read(_CONTENT)
    if not _INDENTED.search(content):
        return {}
    parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True)
    return {_CONTENT: etree.tostring(etree.fromstring(content, parser), encoding="UTF-8")}


# The binary form (.xlsb): records as in Microsoft's [MS-XLSB], a type, a size, and so many bytes.

_BINARY_ROW, _BINARY_SHEET, _BINARY_MERGED = 0, 156, 176
_BINARY_STYLES = "xl/styles.bin"
_BINARY_FONT, _BINARY_FORMAT, _BINARY_FORM, _BINARY_FORMS = 43, 44, 47, 617
_BINARY_NUMBERS, _STRUCK_BIT = (2, 5, 9), 0x08
_CELLS = range(1, 12)  # records of a cell that begin with its column
_SHORT_CELLS = range(12, 19)  # the same without: the cell follows the one before
_SHORTER_BY = 11  # a short cell's type is its full type and this
_HIDDEN_BYTE, _HIDDEN_BIT = 11, 0x10


def _facts_of_xlsb(archive: zipfile.ZipFile, sheet: str) -> SheetFacts:
    facts, row = SheetFacts(), 0
    codes, struck = _styles_of_xlsb(archive)
    for type_, record in _records(archive.read(_sheets_of_xlsb(archive)[sheet])):
        if type_ in _CELLS:
            style = int.from_bytes(record[4:7], "little")
            if style in codes and type_ in _BINARY_NUMBERS:
                facts.formats[_number(record) + 1][codes[style]].append(row - 1)
            if style in struck:
                facts.struck_rows.add(row)
        elif type_ == _BINARY_ROW:
            row = _number(record) + 1
            if record[_HIDDEN_BYTE] & _HIDDEN_BIT:
                facts.hidden_rows.append(row)
        elif type_ == _BINARY_MERGED:
            top, bottom, left, right = struct.unpack_from("<4I", record)
            facts.merged.append(Range(top + 1, left + 1, bottom + 1, right + 1))
    return facts


def _styles_of_xlsb(archive: zipfile.ZipFile) -> tuple[dict[int, str], set[int]]:
    """Return the format codes that tell more than digits, by style, and the styles struck out."""
    if _BINARY_STYLES not in archive.namelist():
        return {}, set()
    written, struck_fonts, fonts, forms, is_cell = dict(BUILT_IN), set(), 0, [], False
    for type_, record in _records(archive.read(_BINARY_STYLES)):
        if type_ == _BINARY_FORMAT:
            written[int.from_bytes(record[:2], "little")] = _text(record, 2)[0]
        elif type_ == _BINARY_FONT:
            struck_fonts |= {fonts} if record[2] & _STRUCK_BIT else set()
            fonts += 1
        elif type_ in (_BINARY_FORMS, _BINARY_FORMS + 1):
            is_cell = type_ == _BINARY_FORMS
        elif type_ == _BINARY_FORM and is_cell:
            forms.append(struct.unpack_from("<HHH", record)[1:])
    codes = {style: written.get(number, "") for style, (number, _) in enumerate(forms)}
    struck = {style for style, (_, font) in enumerate(forms) if font in struck_fonts}
    return {style: code for style, code in codes.items() if is_telling(code)}, struck


def _with_columns(archive: zipfile.ZipFile) -> dict[str, bytes]:
    old = {part: archive.read(part) for part in _sheets_of_xlsb(archive).values()}
    return {part: new for part, sheet in old.items() if (new := _widened(sheet)) != sheet}


def _widened(sheet: bytes) -> bytes:
    """Return a sheet's records with every cell's column in it."""
    if not any(type_ in _SHORT_CELLS for type_, _ in _records(sheet)):
        return sheet
    records = []
    column = -1
    for type_, record in _records(sheet):
        if type_ == _BINARY_ROW:
            column = -1
        elif type_ in _CELLS:
            column = _number(record)
        elif type_ in _SHORT_CELLS:
            column += 1
            type_, record = type_ - _SHORTER_BY, struct.pack("<I", column) + record  # noqa: PLW2901
        records.append(_varying(type_) + _varying(len(record)) + record)
    return b"".join(records)


def _sheets_of_xlsb(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of each sheet by its name."""
    parts = _related_parts(archive, "xl/_rels/workbook.bin.rels")
    sheets = {}
    for type_, record in _records(archive.read(_BINARY)):
        if type_ == _BINARY_SHEET:
            relation, end = _text(record, 8)
            name, _ = _text(record, end)
            sheets[name] = parts[relation]
    return sheets


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(content):
        type_, position = _read_varying(content, position)
        size, position = _read_varying(content, position)
        yield type_, content[position : position + size]
        position += size


def _read_varying(content: bytes, position: int) -> tuple[int, int]:
    """Read seven bits of each byte, the lowest first, while its highest bit is set."""
    number = shift = 0
    while True:
        byte = content[position]
        number |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004 - the highest bit
            return number, position


def _varying(number: int) -> bytes:
    """Write a number as `_read_varying` reads it."""
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _varying(rest) if rest else bytes([low])


def _number(record: bytes) -> int:
    return int.from_bytes(record[:4], "little")


def _text(record: bytes, position: int) -> tuple[str, int]:
    """Read a text that its length precedes; return it and where it ends."""
    end = position + 4 + 2 * _number(record[position:])
    return record[position + 4 : end].decode("utf-16-le"), end
