"""Workbooks in the binary form (.xlsb), made record by record."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheets import rows_of

from orchestration.reading import read_sheets
from orchestration.reading.formats import workbook_parts
from orchestration.reading.sheet import Sheet
from orchestration.sources.formats import Settings

RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ROW, TEXT, SHORT_TEXT, MERGED, BUNDLE = 0, 6, 17, 176, 156
HIDDEN = 0x10
PARTS = ("xl/workbook.bin", "xl/_rels/workbook.bin.rels", "xl/worksheets/sheet1.bin")

Row = tuple[int, Sequence[str | None], bool]  # its number, its texts, whether it is hidden


def record(kind: int, content: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    assert len(content) < 128
    return head + bytes([len(content)]) + content


def text(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode("utf-16-le")


def cells(row: Row, *, is_short: bool) -> Iterable[bytes]:
    """Write a row; a short cell leaves out its column when it follows another one."""
    number, texts, is_hidden = row
    flags = bytes([0, HIDDEN if is_hidden else 0])
    yield record(ROW, struct.pack("<IIH", number - 1, 0, 0) + flags + bytes(5))
    follows = False
    for column, value in enumerate(texts):
        if value is not None and is_short and follows:
            yield record(SHORT_TEXT, bytes(4) + text(value))
        elif value is not None:
            yield record(TEXT, struct.pack("<I", column) + bytes(4) + text(value))
        follows = value is not None


def save(path: Path, rows: Sequence[Row], *, is_short: bool) -> Path:
    """Save a workbook of one sheet, in which A3:A4 is merged."""
    sheet = [
        record(129),
        record(148, struct.pack("<4I", 0, 99, 0, 9)),
        record(145),
        *(cell for row in rows for cell in cells(row, is_short=is_short)),
        record(146),
        record(MERGED, struct.pack("<4I", 2, 3, 0, 0)),
        record(130),
    ]
    bundle = struct.pack("<II", 0, 1) + text("rId1") + text("Deals")
    target = 'Target="worksheets/sheet1.bin"'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.bin",
            b"".join([record(131), record(143), record(BUNDLE, bundle), record(144), record(132)]),
        )
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" '
            f'Type="{OFFICE}/worksheet" {target}/></Relationships>',
        )
        archive.writestr("xl/worksheets/sheet1.bin", b"".join(sheet))
    return path


ROWS: Sequence[Row] = (
    (2, ("Company", "Date", "Amount", None, "City"), False),
    (3, ("Acme", "2023-01-05", "$5M", None, "Paris"), False),
    (4, (None, "2023-02-05", "€7M", "x", "Rome"), True),
)


def read(path: Path) -> Sheet:
    [sheet] = read_sheets(path, Settings())
    return sheet


@pytest.mark.parametrize("is_short", [False, True])
def test_cells_are_read_whether_they_state_their_column_or_follow(
    tmp_path: Path, is_short: bool
) -> None:
    sheet = read(save(tmp_path / "a.xlsb", ROWS, is_short=is_short))
    assert rows_of(sheet) == {
        2: ["Company", "Date", "Amount", None, "City"],
        3: ["Acme", "2023-01-05", "$5M", None, "Paris"],
        4: ["Acme", "2023-02-05", "€7M", "x", "Rome"],
    }


def test_hidden_rows_and_merged_cells_are_told(tmp_path: Path) -> None:
    sheet = read(save(tmp_path / "a.xlsb", ROWS, is_short=False))
    assert sheet.findings == (
        "hidden, but read: row 4",
        "filled with the text of their first cell: merged range A3:A4",
    )


@given(part=st.sampled_from(PARTS), place=st.integers(0, 400), byte=st.integers(0, 255))
def test_a_damaged_part_has_no_facts_but_no_failure_either(
    tmp_path_factory: pytest.TempPathFactory, part: str, place: int, byte: int
) -> None:
    path = save(tmp_path_factory.getbasetemp() / "damaged.xlsb", ROWS, is_short=True)
    with zipfile.ZipFile(path) as archive:
        contents = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    contents[part][place % len(contents[part])] = byte
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, bytes(content))
    data = workbook_parts.mended(path.read_bytes())
    assert isinstance(workbook_parts.read_facts(data, "Deals"), workbook_parts.SheetFacts)
