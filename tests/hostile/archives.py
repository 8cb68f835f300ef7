"""Cases of compression: bombs, nesting, encryption, paths, and wrong or missing members."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from case import (
    CSV,
    JSON,
    JSONL,
    MARKDOWN,
    ROWS,
    Case,
    add_spaces,
    archive,
    changed,
    later,
    old_workbook,
    open_document,
    workbook,
)

SHEET = "xl/worksheets/sheet1.xml"
INFLATES = r"would inflate from [\d.,]+ MB to over [\d,]+ MB; save only the table"
PASSWORD = "protected by a password; save it without one"  # noqa: S105
OUTSIDE = r"points outside the file; .*get it from a safe place"


def bombs() -> Iterator[Case]:
    """Give the cases."""
    group, book = "bomb", workbook()
    for part in (SHEET, "xl/workbook.xml", "xl/styles.xml", "docProps/core.xml", "xl/media/a.png"):
        bomb = later(add_spaces, book, part)
        yield Case(group, f"xlsx, 100 MB of spaces in {part}", "2026-11-23.xlsx", bomb, INFLATES)
    bomb = later(add_spaces, open_document(), "content.xml")
    yield Case(group, "ods, 100 MB of spaces", "2026-11-23.ods", bomb, INFLATES)
    sheets = archive({f"xl/worksheets/sheet{i}.xml": "" for i in range(20_000)})
    yield Case(group, "xlsx, 20,000 parts", "2026-11-23.xlsx", sheets, "20,000 parts, of at most")
    lists = archive({f"{i}.csv": "" for i in range(20_000)})
    yield Case(group, "zip, 20,000 files", "2026-11-23.zip", lists, "20,000 parts, of at most")
    overlapping = _overlapping(book, 900)
    yield Case(group, "xlsx, parts that overlap", "2026-11-23.xlsx", overlapping, INFLATES)
    bomb = later(lambda: _understated(add_spaces(book, SHEET), SHEET))
    name = "xlsx, a part that inflates to more than it says"
    yield Case(group, name, "2026-11-23.xlsx", bomb, "damaged|memory")
    bomb = later(lambda: _understated(_zipped("a.csv", b","), "a.csv"))
    name = "zip, a csv that inflates to more than it says"
    yield Case(group, name, "2026-11-23.zip", bomb, "zip file is damaged")
    for ending, byte in (
        ("csv", b"\0"),
        ("csv", b","),
        ("json", b"["),
        ("jsonl", b"1"),
        ("md", b"|"),
    ):
        name, file = f"{ending}.gz, 100 MB of {byte!r}", f"2026-11-23.{ending}.gz"
        yield Case(group, name, file, later(_gzipped, byte), INFLATES)
    bomb = later(lambda: gzip.compress(b"," * (10 << 20), 9, mtime=0) * 100)
    yield Case(group, "csv.gz, 100 members of 10 MB", "2026-11-23.csv.gz", bomb, INFLATES)
    for ending, byte in (("csv", b"\0"), ("xlsx", b" "), ("json", b"[")):
        bomb = later(_zipped, f"a.{ending}", byte)
        yield Case(group, f"zip, {ending} of 100 MB", "2026-11-23.zip", bomb, INFLATES)
    inner = archive({"a.csv": b"," * (5 << 20)})
    for depth in range(1, 6):
        inner = archive({"a.zip": inner})
        name = f"zip in a zip, {depth} deep"
        yield Case(group, name, "2026-11-23.zip", inner, "another compressed file; unpack it once")
    bomb = later(lambda: archive({"a.csv": add_spaces(book, SHEET)}))
    name = "zip, a workbook bomb in it under the name csv"
    yield Case(group, name, "2026-11-23.zip", bomb, INFLATES)


def _gzipped(byte: bytes) -> bytes:
    return gzip.compress(byte * (100 << 20), 9, mtime=0)


def _zipped(name: str, byte: bytes) -> bytes:
    return archive({name: byte * (100 << 20)})


def _overlapping(data: bytes, copies: int) -> bytes:
    """Repeat one part's entry in the directory: many parts, one set of bytes."""
    data = add_spaces(data, SHEET, 5)
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream, "a") as target:
        part = target.getinfo(SHEET)
        for number in range(copies):
            copy = zipfile.ZipInfo(f"xl/worksheets/copy{number}.xml", part.date_time)
            for fact in ("compress_type", "CRC", "compress_size", "file_size", "header_offset"):
                setattr(copy, fact, getattr(part, fact))
            target.filelist.append(copy)
        target._didModify = True  # type: ignore[attr-defined]
    return stream.getvalue()


def _understated(data: bytes, part: str) -> bytes:
    """Say in both headers of a part that it inflates to 1,000 bytes."""
    changed_data = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        local = source.getinfo(part).header_offset
        central = source.start_dir
    while data[central + 46 :][: len(part)] != part.encode():
        name, extra, comment = struct.unpack_from("<3H", data, central + 28)
        central += 46 + name + extra + comment
    struct.pack_into("<I", changed_data, local + 22, 1000)
    struct.pack_into("<I", changed_data, central + 24, 1000)
    return bytes(changed_data)


def wrapped() -> Iterator[Case]:
    """Give the cases."""
    group = "wrapped"
    good = {
        "csv": CSV,
        "tsv": CSV.replace(b",", b"\t"),
        "json": JSON,
        "jsonl": JSONL,
        "md": MARKDOWN,
        "xlsx": workbook(),
        "ods": open_document(),
        "xls": old_workbook(),
    }
    for ending, data in good.items():
        packed = gzip.compress(data, mtime=0)
        yield Case(group, f"{ending}.gz", f"2026-11-23.{ending}.gz", packed, rows=ROWS)
        packed = archive({f"list.{ending}": data})
        yield Case(group, f"zip with {ending}", "2026-11-23.zip", packed, rows=ROWS)
    yield Case(group, "csv.zip", "2026-11-23.csv.zip", archive({"list.csv": CSV}), rows=ROWS)
    folder = archive({"data/": "", "data/list.csv": CSV})
    yield Case(group, "zip with a folder", "2026-11-23.zip", folder, rows=ROWS)
    two = gzip.compress(CSV[:40], mtime=0) + gzip.compress(CSV[40:], mtime=0)
    yield Case(group, "csv.gz of two members", "2026-11-23.csv.gz", two, rows=ROWS)
    for name, members in (("no file", {}), ("two files", {"a.csv": CSV, "b.csv": CSV})):
        data = archive(members) if members else b"PK\5\6" + b"\0" * 18
        yield Case(
            group, f"zip with {name}", "2026-11-23.zip", data, r"holds \d files; it must hold one"
        )
    for name, data in (("a program", b"\x7fELF" + b"\0" * 99), ("a PDF", b"%PDF-1.7\n")):
        yield Case(
            group, f"zip with {name}", "2026-11-23.zip", archive({"a.csv": data}), "not a table"
        )
    unknown = archive({"a.docx": "x"})
    yield Case(
        group, "zip with an unknown ending", "2026-11-23.zip", unknown, "can't be read; save it"
    )
    twice = gzip.compress(gzip.compress(CSV, mtime=0), mtime=0)
    yield Case(
        group, "csv.gz, compressed twice", "2026-11-23.csv.gz", twice, "once more than its name"
    )
    inside = archive({"a.csv.gz": gzip.compress(CSV, mtime=0)})
    yield Case(group, "gz in a zip", "2026-11-23.zip", inside, "another compressed file")
    yield Case(group, "csv under the name gz", "2026-11-23.csv.gz", CSV, "gzip file is damaged")
    yield Case(group, "csv under the name zip", "2026-11-23.zip", CSV, "zip file is damaged")
    yield Case(group, "zip under the name gz", "2026-11-23.csv.gz", folder, "gzip file is damaged")
    packed = gzip.compress(CSV, mtime=0)
    yield Case(group, "gz under the name csv", "2026-11-23.csv", packed, "once more than its name")
    yield Case(group, "gz without a format", "2026-11-23.gz", packed, "can't be read; save it as")
    odd = zlib.compress(CSV)
    yield Case(group, "zlib under the name gz", "2026-11-23.csv.gz", odd, "gzip file is damaged")


def encrypted() -> Iterator[Case]:
    """Give the cases."""
    group = "encrypted"
    compound = (
        bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    )
    for ending in ("xlsx", "xlsm", "xlsb", "xls"):
        yield Case(group, ending, f"2026-11-23.{ending}", compound + b"\0" * 2000, PASSWORD)
    yield Case(
        group,
        "xls with a FILEPASS record",
        "2026-11-23.xls",
        _with_file_pass(),
        f"{PASSWORD}|damaged",
    )
    data = open_document(manifest="<manifest:encryption-data/>")
    yield Case(group, "ods", "2026-11-23.ods", data, PASSWORD)
    for ending, data in (("zip", archive({"a.csv": CSV})), ("xlsx", workbook())):
        yield Case(
            group, f"{ending} with encrypted members", f"2026-11-23.{ending}", _flag(data), PASSWORD
        )


def _with_file_pass() -> bytes:
    """Put the record that says "encrypted" behind the first one of the workbook's stream."""
    data = bytearray(old_workbook())
    start = data.index(b"\x09\x08\x10\x00")
    following = start + 4 + struct.unpack_from("<H", data, start + 2)[0]
    data[following : following + 2] = b"\x2f\x00"
    return bytes(data)


def _flag(data: bytes) -> bytes:
    """Set the bit that says "encrypted" in every header."""
    flagged = bytearray(data)
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = flagged.find(signature)
        while place >= 0:
            flagged[place + offset] |= 1
            place = flagged.find(signature, place + 4)
    return bytes(flagged)


def paths() -> Iterator[Case]:
    """Give the cases."""
    group = "path traversal"
    for name in (
        "../a.csv",
        "../../../../etc/cron.d/a.csv",
        "/etc/a.csv",
        "..\\a.csv",
        "C:\\a.csv",
    ):
        data = archive({name: CSV})
        yield Case(group, f"zip, {name}", "2026-11-23.zip", data, OUTSIDE)
    for part in ("../../a.xml", "/etc/passwd", "xl/../../a.xml", "..\\..\\a.xml"):
        data = changed(workbook(), part, lambda _: b"<a/>")
        yield Case(group, f"xlsx, {part}", "2026-11-23.xlsx", data, OUTSIDE)
    data = changed(open_document(), "../content.xml", lambda _: b"<a/>")
    yield Case(group, "ods, ../content.xml", "2026-11-23.ods", data, OUTSIDE)
    relations = "xl/_rels/workbook.xml.rels"
    for target in ("../../../../etc/passwd", "file:///etc/passwd", "/dev/zero"):
        data = changed(
            workbook(),
            relations,
            lambda text, target=target: text.replace(b"worksheets/sheet1.xml", target.encode()),  # type: ignore[misc]
        )
        yield Case(group, f"xlsx, sheet at {target}", "2026-11-23.xlsx", data, "damaged|no table")
    link = zipfile.ZipInfo("a.csv")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target_file:
        target_file.writestr(link, "/etc/passwd")
    data = stream.getvalue()
    yield Case(group, "zip, a symbolic link", "2026-11-23.zip", data, "no header was found")


PARTS = (bombs, wrapped, encrypted, paths)
