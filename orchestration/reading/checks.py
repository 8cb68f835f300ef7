"""Checks before parsing: whether a file may be opened, unfolded and handed to a reader.

Belongs here: sizes, compression, encryption, what a file really is, what would never end. Doesn't:
parsing a format, or the limits of time and memory (sandbox). Every refusal is a ReadError with one
sentence.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zipfile
import zlib
from array import array
from collections.abc import Callable, Sequence
from pathlib import PureWindowsPath
from typing import IO, BinaryIO, cast

import pyarrow.compute as pc

from orchestration.config import LIMITS
from orchestration.reading.sheet import ReadError, Sheet, letters
from orchestration.sources.formats import FORMATS, GZIP, OLE, PARQUET, ZIP, split_endings

_WORKBOOKS = FORMATS["spreadsheet"]
_SMALL = 64 << 20  # below this no inflation is dangerous, whatever its ratio
_ENCRYPTED_FLAG = 0x1
_DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, KeyError)
# A document type comes before the first element, so before anything that a sheet holds.
_DOCUMENT_TYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_PROLOGUE_BYTES = 4096
_PAGE = re.compile(rb"[\xef\xbb\xbf\s]*<(?:!doctype html|html)\b", re.IGNORECASE)
_NOTHING = b"\0 \t\r\n"
_PASSWORD = "it is protected by a password; save it without one"  # noqa: S105
_DAMAGED_WORKBOOK = (
    "the workbook is damaged, perhaps not copied to its end; copy it again, "
    "or open it in Excel and save it as .xlsx"
)
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # what a protected workbook is in
_SMALLEST_SECTOR, _LARGEST_SECTOR = 9, 12  # as powers of two
_MAGIC = {  # what no reader here reads, by its first bytes
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"SQLite format 3": "a database",
}


def read_bytes(file: BinaryIO, sha256: str) -> bytes:
    """Read a whole file, which must be the one that was hashed before."""
    data = file.read()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ReadError("the file changed while it was read; run again when it is complete")
    return data


def unwrap(name: str, data: bytes) -> tuple[str, bytes]:
    """Return ending and bytes of what a .gz or the one file of a .zip holds; else a file's own."""
    ending, wrapping = split_endings(name)
    if wrapping == ".gz":
        return ending, _gunzip(data)
    if wrapping == ".zip":
        return _unzip(data)
    return ending, data


def identify(ending: str, data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the ending of what the bytes really are, and a finding when that isn't the file's.

    Refuses what is encrypted, a bomb, or nothing that a reader here reads.
    """
    if not data[:_PROLOGUE_BYTES].strip(_NOTHING) and not data.strip(_NOTHING):
        raise ReadError("the file is empty; copy it again from where it came")
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise ReadError(f"this is {what}, not a table; export the table as .csv or .xlsx")
    real = _real_ending(ending, data)
    told = f"the file's name ends in {ending}, but what is inside is {real}: read as that"
    return real, () if real == ending else (told,)


def check_cells(sheet: Sheet) -> None:
    """Refuse a sheet with more columns, or a longer cell, than any table has."""
    if sheet.cells.num_columns > LIMITS.columns:
        raise ReadError(
            f"it has {sheet.cells.num_columns:,} columns, of at most {LIMITS.columns:,}; "
            "keep only those of the table"
        )
    for name, cells in zip(sheet.cells.column_names, sheet.cells.columns, strict=True):
        longest = pc.max(pc.binary_length(cells)).as_py() or 0
        if longest > LIMITS.cell_bytes:
            raise ReadError(
                f"a cell in column {letters(int(name))} has {longest / 1e6:,.1f} MB, of at most "
                f"{LIMITS.cell_bytes / 1e6:,.1f} MB; split it or close a quotation mark before it"
            )


def _real_ending(ending: str, data: bytes) -> str:
    if data.startswith(ZIP):
        return _workbook_in(data, ending)
    if data.startswith(OLE):
        if not _is_sound(data):
            raise ReadError(_PASSWORD if ENCRYPTED in data else _DAMAGED_WORKBOOK)
        return ending if ending in _WORKBOOKS else ".xls"  # its reader tells other documents apart
    if data.startswith(GZIP):
        raise ReadError(
            "this is compressed with gzip, once more than its name says; unpack it, "
            f"or let its name end in {ending}.gz"
        )
    if data.startswith(PARQUET):
        return ".parquet"
    if ending in _WORKBOOKS and b"\0" not in data:
        return _text_ending(data)
    if _PAGE.match(data[:_PROLOGUE_BYTES]) and ending not in FORMATS["html"]:
        return _text_ending(data)
    if ending == ".parquet":
        raise ReadError("this is no Parquet file, or the copy is damaged; copy it again")
    return ending


def _is_sound(data: bytes) -> bool:
    """Whether an OLE container holds as much as it says, and none of its sectors goes in a circle.

    A reader would ask for all the memory there is, or never end. As [MS-CFB] has it, a table says
    which sector follows which, and another the same of the small sectors; lists in the header and
    in a chain of their own say where the first table stands.
    """

    def number(at: int, length: int = 4) -> int:
        return int.from_bytes(data[at : at + length], "little")

    def numbers(sector: int) -> array[int]:
        return array("I", data[(sector + 1) * size : (sector + 2) * size])

    size = 1 << min(max(number(30, 2), _SMALLEST_SECTOR), _LARGEST_SECTOR)
    count = len(data) // size - 1  # the header stands before them
    if count < 1:
        return True  # too short for a circle
    lists = _chain(number(68), count, lambda sector: numbers(sector)[-1])
    # The header says how many sectors each table has, too.
    if len(lists) == count or max(map(number, (44, 64, 72))) > count:
        return False
    places = array("I", data[76:512])
    for sector in lists:
        places.extend(numbers(sector)[:-1])
    following, small = array("I"), array("I")
    for sector in dict.fromkeys(sector for sector in places if sector < count):  # each once
        following.extend(numbers(sector))
    for sector in _chain(number(60), min(count, len(following)), following.__getitem__):
        small.extend(numbers(sector))
    return not (_has_circle(following) or _has_circle(small))


def _chain(first: int, count: int, after: Callable[[int], int]) -> list[int]:
    """Return the sectors from the first one to where the chain leaves the `count` of the file.

    Of a chain that never does these are `count`.
    """
    chain: list[int] = []
    while first < count and len(chain) < count:
        chain.append(first)
        first = after(first)
    return chain


def _has_circle(following: Sequence[int]) -> bool:
    """Whether some way through a table that says what follows each place never leaves it."""
    way_through = [-1] * len(following)
    for start in range(len(following)):
        place = start
        while place < len(following) and way_through[place] < 0:
            way_through[place] = start
            place = following[place]
        if place < len(following) and way_through[place] == start:
            return True
    return False


def _text_ending(data: bytes) -> str:
    """Tell what an export is that its program saved under a workbook's name."""
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise ReadError("this is a workbook of Excel 2003's XML; open it and save it as .xlsx")
    if start.startswith(b"<") and b"<table" in data.lower():
        return ".html"
    if start.startswith(b"<"):
        raise ReadError(
            "this is a web page or XML without a table, perhaps one that says an error or asks to "
            "log in; save or download the file itself"
        )
    return ".txt"


def _workbook_in(data: bytes, ending: str) -> str:
    """Tell a workbook by its parts, after looking at what they would unfold to."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _check_parts(parts, len(data))
            names = {part.filename for part in parts}
            real = _workbook_ending(names, archive)
            if real is None:
                raise ReadError(_no_workbook(names, ending))
            _refuse_document_types(archive)
    except _DAMAGED_ZIP as error:
        raise ReadError(_DAMAGED_WORKBOOK) from error
    return ending if ending in _WORKBOOKS else real


def _workbook_ending(names: set[str], archive: zipfile.ZipFile) -> str | None:
    if "xl/workbook.bin" in names:
        return ".xlsb"
    if "content.xml" in names:
        manifest = "META-INF/manifest.xml"
        if manifest in names and b"encryption-data" in archive.read(manifest):
            raise ReadError(_PASSWORD)
        return ".ods"
    return ".xlsx" if any(name.startswith("xl/") for name in names) else None


def _no_workbook(names: set[str], ending: str) -> str:
    if any(name.startswith(("word/", "ppt/")) for name in names):
        return "this is a document or slides, not a workbook; save its table as .xlsx or .csv"
    return f"this is a zip file, not {ending}; give it the ending .zip if it holds one table"


def _check_parts(parts: list[zipfile.ZipInfo], size: int) -> None:
    if len(parts) > LIMITS.parts:
        raise ReadError(
            f"it holds {len(parts):,} parts, of at most {LIMITS.parts:,}; "
            "save only the table as a new file"
        )
    for part in parts:
        if part.flag_bits & _ENCRYPTED_FLAG:
            raise ReadError(_PASSWORD)
        steps = PureWindowsPath(part.filename)  # which knows both kinds of slashes
        if steps.anchor or ".." in steps.parts:
            raise ReadError(
                f"a part of it is named {part.filename[:60]!r}, which points outside the file; "
                "no spreadsheet program writes that: don't use it, get it from a safe place"
            )
    _check_inflation(sum(part.file_size for part in parts), size)


def _check_inflation(inflated: int, size: int) -> None:
    if inflated > LIMITS.inflated_bytes or (
        inflated > _SMALL and inflated > size * LIMITS.inflation
    ):
        raise ReadError(
            f"it would inflate from {size / 1e6:,.1f} MB to over {inflated / 1e6:,.0f} MB; "
            "save only the table as a new file"
        )


def _refuse_document_types(archive: zipfile.ZipFile) -> None:
    """Refuse XML that declares entities: they expand without end, or name other files."""
    for part in archive.infolist():
        if part.filename.lower().endswith((".xml", ".rels")):
            with archive.open(part) as file:
                if _DOCUMENT_TYPE.search(file.read(_PROLOGUE_BYTES)):
                    raise ReadError(
                        f"its part {part.filename[:60]!r} declares a document type, which no "
                        "spreadsheet program writes; open it in Excel and save it as .xlsx"
                    )


def _gunzip(data: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(data)) as file:
            return _inflate(cast("IO[bytes]", file), len(data))
    except (OSError, EOFError, zlib.error) as error:
        raise ReadError("the gzip file is damaged or not complete; copy it again") from error


def _unzip(data: bytes) -> tuple[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check_parts(members, len(data))
            if len(members) != 1:
                raise ReadError(
                    f"the zip file holds {len(members):,} files; it must hold one, the table"
                )
            with archive.open(members[0]) as file:
                inflated = _inflate(file, len(data))
    except _DAMAGED_ZIP as error:
        raise ReadError("the zip file is damaged or not complete; copy it again") from error
    ending, wrapping = split_endings(members[0].filename)
    if wrapping:
        raise ReadError("the zip file holds another compressed file; unpack it once")
    return ending, inflated


def _inflate(file: IO[bytes], size: int) -> bytes:
    """Read to the end, or to where it is clear that there is no good end."""
    pieces, inflated = [], 0
    while piece := file.read(1 << 20):
        inflated += len(piece)
        _check_inflation(inflated, size)
        pieces.append(piece)
    return b"".join(pieces)
