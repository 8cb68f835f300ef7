"""Cases of workbooks: entities, damage, sizes that lie or are too large, macros and formulas."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

from archives import SHEET
from case import (
    HEADERS,
    ROWS,
    Case,
    Row,
    changed,
    later,
    old_workbook,
    open_document,
    workbook,
)

ANY_REFUSAL = "."
_XLS_HEADER = 512
DAMAGED = r"damaged.*(save|copy) it"
ENTITIES = "declares a document type.*save it as"
MEMORY = "more than [\\d,]+ MB of memory; delete empty rows"
LAUGHS = '<!DOCTYPE l [<!ENTITY l0 "ha">' + "".join(
    f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10)
)
DECLARATIONS = {
    "billion laughs": LAUGHS + "]>",
    "external entity": '<!DOCTYPE x [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
    "external DTD": '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    "parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///dev/zero"> %p;]>',
    "long entity": f'<!DOCTYPE x [<!ENTITY l9 "{"a" * 100_000}">]>',
}


def _declare(text: bytes, declaration: str) -> bytes:
    start = text.index(b"?>") + 2 if text.startswith(b"<?xml") else 0
    return text[:start] + declaration.encode() + text[start:].replace(b"Acme", b"&l9;")


def entities() -> Iterator[Case]:
    """Give the cases."""
    group = "xml entities"
    parts = (SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    for name, declaration in DECLARATIONS.items():
        for part in parts if name == "billion laughs" else parts[:2]:
            data = changed(workbook(), part, lambda text, d=declaration: _declare(text, d))  # type: ignore[misc]
            yield Case(group, f"xlsx, {name} in {part}", "2026-11-23.xlsx", data, ENTITIES)
        data = open_document(declaration)
        yield Case(group, f"ods, {name}", "2026-11-23.ods", data, ENTITIES)
    late = changed(
        workbook(), SHEET, lambda text: b"<!--" + b" " * 9000 + b"-->" + _declare(text[38:], LAUGHS)
    )
    yield Case(
        group, "xlsx, a document type behind a long comment", "2026-11-23.xlsx", late, DAMAGED, ROWS
    )
    include = changed(
        workbook(),
        SHEET,
        lambda text: text.replace(
            b"<sheetData>",
            b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/><sheetData>',
        ),
    )
    yield Case(group, "xlsx, XInclude", "2026-11-23.xlsx", include, DAMAGED, ROWS)


def damaged() -> Iterator[Case]:
    """Give the cases."""
    good = {"xlsx": workbook(), "xls": old_workbook(), "ods": open_document()}
    for ending, data in good.items():
        for percent in (1, 25, 50, 75, 90, 99):
            cut = data[: len(data) * percent // 100]
            name = f"{ending}, {percent} % of it"
            yield Case("truncated", name, f"2026-11-23.{ending}", cut, DAMAGED)
        draw = random.Random(ending)  # noqa: S311
        for number in range(12):
            flipped = bytearray(data)
            # An .xls has no checksums: of its cells, no reader can tell a wrong one.
            length = _XLS_HEADER if ending == "xls" else len(data)
            for _ in range(1 + number % 4):
                flipped[draw.randrange(length)] ^= 1 << draw.randrange(8)
            name = f"{ending}, flipped bits, {number + 1}"
            yield Case(
                "flipped bits", name, f"2026-11-23.{ending}", bytes(flipped), ANY_REFUSAL, ROWS
            )


def large_rows(count: int) -> list[Row]:
    """Return the rows of a large file: a thousand different ones, again and again."""
    rows: list[Row] = [(f"Company {number}", *ROWS[0][1:]) for number in range(1000)]
    return rows * (count // 1000) if count >= len(rows) else rows[:count]


def _row_xml(row: Row, columns: int) -> bytes:
    texts = (*row, *("x" for _ in range(columns - 3)))
    cells = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)
    return f"<row>{cells}</row>".encode()


def _large(path: Path, rows: int, columns: int) -> None:
    """Write a workbook row by row, so that it takes no memory."""
    with zipfile.ZipFile(io.BytesIO(workbook())) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            if name != SHEET:
                target.writestr(name, source.read(name))
        headers = (*HEADERS, *(f"Column {i}" for i in range(4, columns + 1)))
        member = zipfile.ZipInfo(SHEET, (2024, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        with target.open(member, "w") as file:
            file.write(
                b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>'
            )
            for header in headers:
                file.write(f'<c t="inlineStr"><is><t>{header}</t></is></c>'.encode())
            file.write(b"</row>")
            for row in large_rows(rows):
                file.write(_row_xml(row, columns))
            file.write(b"</sheetData></worksheet>")


def sizes() -> Iterator[Case]:
    """Give the cases."""
    group, book = "size", workbook()

    def sheet(old: bytes, new: bytes) -> bytes:
        return changed(book, SHEET, lambda text: text.replace(old, new))

    def with_row(row: str) -> bytes:
        return sheet(b"</sheetData>", f"{row}</sheetData>".encode())

    inline = 't="inlineStr"><is><t>x</t></is></c></row>'
    lies = sheet(b'ref="A1:C4"', b'ref="A1:XFD1048576"')
    yield Case(group, "xlsx, says 17 billion cells", "2026-11-23.xlsx", lies, rows=ROWS)
    lies = sheet(b'ref="A1:C4"', b'ref="A1:A1"')
    yield Case(group, "xlsx, says one cell", "2026-11-23.xlsx", lies, rows=ROWS)
    data = with_row(f'<row r="1048576"><c r="A1048576" {inline}')
    last = (*ROWS, ("x", None, None))
    yield Case(group, "xlsx, a cell in the last row", "2026-11-23.xlsx", data, rows=last)
    data = with_row(f'<row r="5"><c r="A5" t="inlineStr"><is><t>x</t></is></c><c r="XFD5" {inline}')
    yield Case(group, "xlsx, a cell in the last column", "2026-11-23.xlsx", data, rows=last)
    data = with_row(f'<row r="1048576"><c r="XFD1048576" {inline}')
    yield Case(group, "xlsx, a cell in the last corner", "2026-11-23.xlsx", data, MEMORY)
    for place in ("ZZZZZZ99999999999", "A99999999999999999999", "A0", "0", "A-1", "É1"):
        data = with_row(f'<row r="5"><c r="{place}" {inline}')
        yield Case(
            group, f"xlsx, a cell at {place}", "2026-11-23.xlsx", data, f"{DAMAGED}|{MEMORY}", ROWS
        )
    for what, attribute in (
        ("rows", "table:number-rows-repeated"),
        ("columns", "table:number-columns-repeated"),
    ):
        tag = b"<table:table-row>" if what == "rows" else b"<table:table-cell office:value-type"
        swollen = changed(
            open_document(),
            "content.xml",
            lambda text, tag=tag, attribute=attribute: text.replace(  # type: ignore[misc]
                tag,
                tag.replace(b"-row>", b"-row " + f'{attribute}="1000000000">'.encode())
                if tag.endswith(b">")
                else tag.replace(b"cell ", b"cell " + f'{attribute}="1000000000" '.encode()),
            ),
        )
        yield Case(
            group,
            f"ods, {what} repeated 10^9 times",
            "2026-11-23.ods",
            swollen,
            f"{MEMORY}|longer than|{DAMAGED}|no header",
        )
    spans = " ".join(f'table:number-{what}-spanned="1000000000"' for what in ("rows", "columns"))
    merged = changed(
        open_document(),
        "content.xml",
        lambda text: text.replace(b"cell office:", f"cell {spans} office:".encode()),
    )
    yield Case(group, "ods, merged over 10^18 cells", "2026-11-23.ods", merged, rows=ROWS)
    yield Case(
        group,
        "xlsx, 16,384 columns",
        "2026-11-23.xlsx",
        lambda path: _large(path, 3, 16_384),
        rows=large_rows(3),
    )
    yield Case(
        group,
        "xlsx, a million rows",
        "2026-11-23.xlsx",
        lambda path: _large(path, 1_000_000, 3),
        rows=lambda: large_rows(1_000_000),
        giant=True,
    )
    yield Case(
        group,
        "xlsx, 16,384 columns x 500 rows",
        "2026-11-23.xlsx",
        lambda path: _large(path, 500, 16_384),
        f"{MEMORY}|longer than|inflate",
        large_rows(500),
        giant=True,
    )
    for name, text, refused in (
        ("one cell of 100 MB, all one letter", lambda: b"A" * (100 << 20), "would inflate"),
        ("one cell of 100 MB", long_text, "cell|memory"),
    ):
        cell = later(
            lambda text=text: changed(
                book, "xl/sharedStrings.xml", lambda old: old.replace(b"Acme", text())
            )
        )
        giant = text is long_text
        rows = long_rows if giant else None
        yield Case(group, f"xlsx, {name}", "2026-11-23.xlsx", cell, refused, rows, giant=giant)


def long_text() -> bytes:
    """Make a text of 100 MB that hardly compresses."""
    return random.Random(0).randbytes(50 << 20).hex().encode()  # noqa: S311


def long_rows() -> list[Row]:
    """Return the rows with that text in their first cell."""
    return [(long_text().decode(), *ROWS[0][1:]), *ROWS[1:]]


def structure() -> Iterator[Case]:
    """Give the cases."""
    group, book = "structure", workbook()
    deep = changed(book, SHEET, lambda text: text.replace(b"<sheetData>", b"<a>" * 500_000))
    yield Case(
        group,
        "xlsx, elements 500,000 deep",
        "2026-11-23.xlsx",
        deep,
        f"{DAMAGED}|no table|nothing in it",
    )
    for part in (SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"):
        data = changed(book, part, lambda _: b"not xml at all <<<")
        yield Case(
            group,
            f"xlsx, no XML in {part}",
            "2026-11-23.xlsx",
            data,
            f"{DAMAGED}|nothing in it|no header",
        )
        data = changed(book, part, lambda _: b" ")
        yield Case(
            group,
            f"xlsx, nothing in {part}",
            "2026-11-23.xlsx",
            data,
            f"{DAMAGED}|nothing in it|no header|no table",
        )
    utf16 = changed(book, SHEET, lambda text: text.decode().encode("utf-16"))
    yield Case(group, "xlsx, XML in UTF-16", "2026-11-23.xlsx", utf16, DAMAGED, ROWS)
    wrong = changed(book, SHEET, lambda text: text.replace(b"<v>5</v>", b"<v>5000000000</v>"))
    yield Case(group, "xlsx, a shared text that isn't there", "2026-11-23.xlsx", wrong, DAMAGED)
    nul = changed(book, "xl/sharedStrings.xml", lambda text: text.replace(b"Acme", b"A\0me"))
    yield Case(
        group,
        "xlsx, a null byte in a cell",
        "2026-11-23.xlsx",
        nul,
        DAMAGED,
        [("A\0me", *ROWS[0][1:]), *ROWS[1:]],
    )
    number = changed(
        book,
        SHEET,
        lambda text: text.replace(
            b"</sheetData>", b'<row r="5"><c r="A5"><v>1e999</v></c></row></sheetData>'
        ),
    )
    yield Case(
        group,
        "xlsx, a number beyond any",
        "2026-11-23.xlsx",
        number,
        DAMAGED,
        [*ROWS, ("inf", None, None)],
    )
    for title in (
        "'; drop table marts.dim_companies; --",
        'a"b',
        "a'b",
        "a\u202eb",
        "<script>alert(1)</script>",
        "=cmd|x",
    ):
        name = f"xlsx, sheet {title!r}"
        yield Case(group, name, "2026-11-23.xlsx", workbook(title=title), rows=ROWS)
    row: Row = ("=cmd|'/C calc'!A0", "2024-01-05", "$5M")
    data = workbook((HEADERS, row))
    yield Case(group, "xlsx, a formula as text", "2026-11-23.xlsx", data, rows=[row])


def macros() -> Iterator[Case]:
    """Give the cases."""
    group, book = "macros", workbook()
    macros = changed(book, "xl/vbaProject.bin", lambda _: b'Sub AutoOpen()\nShell "calc"\nEnd Sub')
    typed = changed(
        macros,
        "[Content_Types].xml",
        lambda text: text.replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml").replace(
            b"spreadsheetml.sheet.macro", b"ms-excel.sheet.macro"
        ),
    )
    yield Case(group, "xlsm with macros", "2026-11-23.xlsm", typed, rows=ROWS)
    yield Case(group, "xlsx with macros", "2026-11-23.xlsx", macros, rows=ROWS)
    formula = changed(
        book,
        SHEET,
        lambda text: text.replace(
            b"</sheetData>",
            b'<row r="5"><c r="A5" t="str"><f>WEBSERVICE("http://127.0.0.1:9/")</f><v>Delta</v></c></row></sheetData>',
        ),
    )
    yield Case(
        group,
        "xlsx, a formula that calls out",
        "2026-11-23.xlsx",
        formula,
        rows=[*ROWS, ("Delta", None, None)],
    )
    link = changed(
        book,
        "xl/externalLinks/externalLink1.xml",
        lambda _: (
            b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
        ),
    )
    yield Case(group, "xlsx, a link to another workbook", "2026-11-23.xlsx", link, rows=ROWS)


def formats() -> Iterator[Case]:
    """Give the cases of number formats, which no row of the good file has."""
    group = "number formats"
    for name, code in {
        "open brackets": "[" * 200_000,
        "quotation marks": "&quot;" * 100_001,
        "sections": ";" * 200_000,
        "currencies": "[$€-407]" * 50_000,
        "a condition without end": "[&gt;" + "9" * 100_000,
        "a condition that is no number": "[=...7]0;[&gt;1.2.3]0",
        "letters of dates": "ymd" * 50_000,
    }.items():
        styles = (
            f'<numFmts><numFmt numFmtId="164" formatCode="{code}"/></numFmts>'
            '<cellXfs><xf numFmtId="164"/></cellXfs></styleSheet>'
        )
        data = changed(
            workbook(),
            "xl/styles.xml",
            lambda text, new=styles: text.replace(b"</styleSheet>", new.encode()),  # type: ignore[misc]
        )
        yield Case(group, f"xlsx, {name}", "2026-11-23.xlsx", data, DAMAGED, ROWS)


def circles() -> Iterator[Case]:
    """Give the cases of an .xls whose sectors run in a circle, or are said to be millions."""
    data = old_workbook()
    (table,) = struct.unpack_from("<i", data, 0x4C)
    looped, millions = bytearray(data), bytearray(data)
    struct.pack_into("<i", looped, _XLS_HEADER * (table + 1), 0)  # the first one is a sheet's
    yield Case("circles", "xls, cells", "2026-11-23.xls", bytes(looped), DAMAGED)
    struct.pack_into("<i", millions, 0x2C, 0x7FFFFFFF)
    yield Case("circles", "xls, tables", "2026-11-23.xls", bytes(millions), DAMAGED)
    for name, first in {"directory": 0x30, "small sectors": 0x3C}.items():
        (sector,) = struct.unpack_from("<i", data, first)
        looped = bytearray(data)
        if sector < 0:  # there is none: let it begin where the other does
            (sector,) = struct.unpack_from("<i", data, 0x30)
            struct.pack_into("<i", looped, first, sector)
        struct.pack_into("<i", looped, _XLS_HEADER * (table + 1) + 4 * sector, sector)
        yield Case("circles", f"xls, {name}", "2026-11-23.xls", bytes(looped), DAMAGED)


def far_cells() -> Iterator[Case]:
    """Give the cases of an .xls with a cell in a column that there is none of."""
    for name, kind in {"a text": b"\xfd\x00\x0a\x00", "a blank": b"\x01\x02\x06\x00"}.items():
        data = bytearray(old_workbook())
        at = data.rfind(b"\xfd\x00\x0a\x00")
        data[at : at + 4] = kind[:2] + data[at + 2 : at + 4]
        struct.pack_into("<H", data, at + 6, 0xFFFF)
        refused = "says that it is in column 65,536, of the 256"
        yield Case("far cells", f"xls, {name}", "2026-11-23.xls", bytes(data), refused)


PARTS = (entities, formats, circles, far_cells, damaged, sizes, structure, macros)
