"""What a workbook's XML says of its cells that the reading library keeps to itself.

Belongs here: merged ranges, hidden rows and formulas without a stored value of .xlsx. Doesn't:
the cells themselves (spreadsheet). The XML is scanned in pieces of whole rows for the few marks
that matter, so a workbook without them costs little more than its unzipping.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import IO

from lxml import etree

from orchestration.reading.formats.merged import Range
from orchestration.reading.formats.workbook_facts import BROKEN, SheetFacts

_PIECE = 1 << 18  # bytes
_HEAD = 1 << 10
_MAIN = "{*}"
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
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref=[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)[\"']")


def read_facts(data: bytes, sheet: str) -> SheetFacts:
    """Read the facts of a sheet of an .xlsx; none of a file that is built otherwise."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            part = _part(archive, sheet)
            if part is None:
                return SheetFacts()
            with archive.open(part) as stream:
                return _scan(stream)
    except BROKEN:
        return SheetFacts()


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Find the part of a sheet by its relation to the workbook."""
    book = _parse(archive, "xl/workbook.xml")
    targets = {
        relation.get("Id"): relation.get("Target", "")
        for relation in _parse(archive, "xl/_rels/workbook.xml.rels")
    }
    for element in book.iter(f"{_MAIN}sheet"):
        if element.get("name") == sheet:
            target = targets.get(element.get(_RELATION) or element.get(_STRICT_RELATION), "")
            return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    return None


def _parse(archive: zipfile.ZipFile, part: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(archive.read(part), parser)


def _scan(stream: IO[bytes]) -> SheetFacts:
    merged: list[Range] = []
    hidden: list[int] = []
    unvalued: list[str] = []
    formula = b"<f"
    for piece in _pieces(stream):
        if b":worksheet" in piece[:_HEAD]:
            formula = b":f"  # some writers give every element of the sheet a prefix
        if b"hidden=" in piece:
            rows = (row[1] for row in _ROW.finditer(piece) if _HIDDEN.search(row[1]))
            hidden += [int(number[1]) for row in rows if (number := _NUMBER.search(row))]
        if formula in piece:
            unvalued += [found[1].decode() for found in _UNVALUED.finditer(piece)]
        # Merged ranges follow the last row, where a piece before the last one ends.
        merged += map(_range, _MERGED.finditer(piece, max(0, piece.rfind(b"row>"))))
    return SheetFacts(tuple(merged), tuple(hidden), tuple(unvalued))


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


def _range(found: re.Match[bytes]) -> Range:
    left, top, right, bottom = found.groups()
    return Range(int(top), _column(left), int(bottom), _column(right))


def _column(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - ord("A") + 1
    return number
