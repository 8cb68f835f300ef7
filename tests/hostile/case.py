"""What a hostile case is, and the good files that the cases are made from by damaging them.

All bytes are made here: nothing is fetched, nothing does harm, and the same case is the same file
every time.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import xlwt

Row = tuple[str | None, ...]  # company, announced, amount

HEADERS = ("Company", "Announced", "Amount")
ROWS: tuple[Row, ...] = (
    ("Acme", "2024-01-05", "$5M"),
    ("Beta GmbH", "2024-02-01", "EUR 7M"),
    ("Gamma", "2024-03-09", "undisclosed"),
)
CSV = "".join(",".join(map(str, line)) + "\n" for line in (HEADERS, *ROWS)).encode()
JSON = json.dumps([dict(zip(HEADERS, row, strict=True)) for row in ROWS]).encode()
JSONL = b"\n".join(json.dumps(row).encode() for row in json.loads(JSON))
MARKDOWN = "\n".join(
    f"| {' | '.join(map(str, line))} |" for line in (HEADERS, ("---",) * 3, *ROWS)
).encode()
HTML = (
    "<html><body><table>"
    + "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in (HEADERS, *ROWS)
    )
    + "</table></body></html>"
).encode()


_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


class Case(NamedTuple):
    """A file and what must become of it.

    `content` is its bytes, or writes it to the path it is given. The file must be refused with a
    sentence that matches `refused`, or read as exactly `rows`; where both are given, either.
    """

    group: str
    name: str
    file: str
    content: bytes | Callable[[Path], object]
    refused: str | None = None
    rows: Sequence[Row] | Callable[[], Sequence[Row]] | None = None
    source: str = "case"  # the source's folder
    more: str = ""  # at the end of source.yml
    giant: bool = False


def later(make: Callable[..., bytes], *arguments: object) -> Callable[[Path], object]:
    """Put off making a file that is large until it is written."""
    return lambda path: path.write_bytes(make(*arguments))


def workbook(rows: Sequence[Row] = (HEADERS, *ROWS), title: str = "Deals") -> bytes:
    """Make an .xlsx of texts, which are shared as Excel shares them."""
    texts = list(dict.fromkeys(text for row in rows for text in row))
    cells = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{column}{number}" t="s"><v>{texts.index(text)}</v></c>'
            for column, text in zip("ABC", row, strict=True)
        )
        + "</row>"
        for number, row in enumerate(rows, start=1)
    )
    shared = "".join(f"<si><t>{escape(text or '')}</t></si>" for text in texts)
    types = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{_OFFICE_TYPE}.{type_}+xml"/>'
        for part, type_ in (
            ("workbook", "sheet.main"),
            ("worksheets/sheet1", "worksheet"),
            ("sharedStrings", "sharedStrings"),
            ("styles", "styles"),
        )
    )
    return archive(
        {
            "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
            f'relationships+xml"/>{types}</Types>',
            "_rels/.rels": _relations("officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
            f'<sheet name="{escape(title, {chr(34): "&quot;"})}" sheetId="1" r:id="rId1"/>'
            "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": _relations(
                "worksheet", "worksheets/sheet1.xml", "sharedStrings", "sharedStrings.xml"
            ),
            "xl/worksheets/sheet1.xml": f'{_XML}<worksheet xmlns="{_MAIN}">'
            f'<dimension ref="A1:C{len(rows)}"/><sheetData>{cells}</sheetData></worksheet>',
            "xl/sharedStrings.xml": f'{_XML}<sst xmlns="{_MAIN}">{shared}</sst>',
            "xl/styles.xml": f'{_XML}<styleSheet xmlns="{_MAIN}"></styleSheet>',
            "docProps/core.xml": f"{_XML}<x></x>",
        }
    )


def _relations(*types_and_targets: str) -> str:
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONS}/{type_}" Target="{target}"/>'
        for number, (type_, target) in enumerate(
            zip(types_and_targets[::2], types_and_targets[1::2], strict=True), start=1
        )
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'


def old_workbook() -> bytes:
    """Make an .xls."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Deals")
    for number, row in enumerate((HEADERS, *ROWS)):
        for place, text in enumerate(row):
            sheet.write(number, place, text)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def open_document(content: str = "", manifest: str = "") -> bytes:
    """Make an .ods."""
    lines = (HEADERS, *ROWS)
    cells = "".join(
        "<table:table-row>"
        + "".join(
            '<table:table-cell office:value-type="string">'
            f"<text:p>{text}</text:p></table:table-cell>"
            for text in line
        )
        + "</table:table-row>"
        for line in lines
    )
    spaces = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>{content}<office:document-content{spaces}>'
        '<office:body><office:spreadsheet><table:table table:name="Deals">'
        f"{cells}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="content.xml">{manifest}</manifest:file-entry>'
        "</manifest:manifest>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return archive(
        {"mimetype": kind, "content.xml": body, "META-INF/manifest.xml": manifest, "styles.xml": ""}
    )


def parquet() -> bytes:
    """Make a Parquet file of texts."""
    stream = io.BytesIO()
    table = pa.table(dict(zip(HEADERS, map(list, zip(*ROWS, strict=True)), strict=True)))
    pq.write_table(table, stream)
    return stream.getvalue()


def archive(members: Mapping[str, str | bytes]) -> bytes:
    """Make a zip file, the same one each time."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(_member(name), content)
    return stream.getvalue()


def changed(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Make a zip file anew with one part changed, or added when it wasn't there."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        members: dict[str, str | bytes] = {name: source.read(name) for name in source.namelist()}
    before = members.get(part, b"")
    assert isinstance(before, bytes)
    after = change(before)
    assert after != before, f"nothing changed in {part}"
    return archive(members | {part: after})


def add_spaces(data: bytes, part: str, megabytes: int = 100) -> bytes:
    """Make a zip file anew with so many bytes before a part's last element ends."""

    def pad(content: bytes) -> bytes:
        place = content.rfind(b"</")
        place = len(content) if place < 0 else place
        return content[:place] + b" " * (megabytes << 20) + content[place:]

    return changed(data, part, pad)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED
    return member
