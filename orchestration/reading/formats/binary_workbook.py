"""What an .xlsb says of its cells that the reading library keeps to itself.

Belongs here: merged ranges and hidden rows of .xlsb, and cells that leave out their column, which
the library passes over. Doesn't: the cells themselves (spreadsheet). Records are as in Microsoft's
[MS-XLSB]: a type, a size, and so many bytes.
"""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
from collections.abc import Iterator

from lxml import etree

from orchestration.reading.formats.merged import Range
from orchestration.reading.formats.workbook_facts import BROKEN, SheetFacts, repacked

_ROW, _SHEET, _MERGED = 0, 156, 176
_CELLS = range(1, 12)  # records of a cell that begin with its column
_SHORT_CELLS = range(12, 19)  # the same without: the cell follows the one before
_SHORTER_BY = 11  # a short cell's type is its full type and this
_HIDDEN_BYTE, _HIDDEN = 11, 0x10


def read_facts(data: bytes, sheet: str) -> SheetFacts:
    """Read the facts of a sheet of an .xlsb; none of a file that is built otherwise."""
    merged: list[Range] = []
    hidden: list[int] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for kind, record in _records(archive.read(_parts(archive)[sheet])):
                if kind == _ROW and record[_HIDDEN_BYTE] & _HIDDEN:
                    hidden.append(_number(record) + 1)
                elif kind == _MERGED:
                    top, bottom, left, right = struct.unpack_from("<4I", record)
                    merged.append(Range(top + 1, left + 1, bottom + 1, right + 1))
    except BROKEN:
        return SheetFacts()
    return SheetFacts(tuple(merged), tuple(hidden))


def with_columns(data: bytes) -> bytes:
    """Return an .xlsb in which every cell states its column: the same bytes where all do."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            old = {part: archive.read(part) for part in _parts(archive).values()}
            new = {part: _widened(content) for part, content in old.items()}
            return data if new == old else repacked(archive, new)
    except BROKEN:
        return data


def _widened(sheet: bytes) -> bytes:
    if not any(kind in _SHORT_CELLS for kind, _ in _records(sheet)):
        return sheet
    records = []
    column = -1
    for kind, record in _records(sheet):
        if kind == _ROW:
            column = -1
        elif kind in _CELLS:
            column = _number(record)
        elif kind in _SHORT_CELLS:
            column += 1
            kind, record = kind - _SHORTER_BY, struct.pack("<I", column) + record  # noqa: PLW2901
        records.append(_varying(kind) + _varying(len(record)) + record)
    return b"".join(records)


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of each sheet by its name."""
    relations = etree.fromstring(
        archive.read("xl/_rels/workbook.bin.rels"),
        etree.XMLParser(resolve_entities=False, no_network=True),
    )
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    parts = {}
    for kind, record in _records(archive.read("xl/workbook.bin")):
        if kind == _SHEET:
            relation, end = _text(record, 8)
            name, _ = _text(record, end)
            parts[name] = posixpath.normpath(posixpath.join("/xl", targets[relation])).lstrip("/")
    return parts


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place < len(content):
        kind, place = _read_varying(content, place)
        size, place = _read_varying(content, place)
        yield kind, content[place : place + size]
        place += size


def _read_varying(content: bytes, place: int) -> tuple[int, int]:
    """Read seven bits of each byte, the lowest first, while its highest bit is set."""
    number = shift = 0
    while True:
        byte = content[place]
        number |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004 - the highest bit
            return number, place


def _varying(number: int) -> bytes:
    """Write a number as `_read_varying` reads it."""
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _varying(rest) if rest else bytes([low])


def _number(record: bytes) -> int:
    return int.from_bytes(record[:4], "little")


def _text(record: bytes, place: int) -> tuple[str, int]:
    """Read a text that its length precedes; return it and where it ends."""
    end = place + 4 + 2 * _number(record[place:])
    return record[place + 4 : end].decode("utf-16-le"), end
