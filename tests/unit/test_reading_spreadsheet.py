"""Workbooks: true rows and columns, which sheets, text as stored, refusals."""

import datetime
import io
import zipfile
from pathlib import Path

import pytest
from sheets import rows_of, save_workbook

from orchestration.reading import ReadError, Settings, read_sheets

XMLNS = "urn:oasis:names:tc:opendocument:xmlns"
ODS_MANIFEST = f'<manifest:manifest xmlns:manifest="{XMLNS}:manifest:1.0"></manifest:manifest>'
ODS_CONTENT = f"""
<office:document-content xmlns:office="{XMLNS}:office:1.0" xmlns:table="{XMLNS}:table:1.0"
  xmlns:text="{XMLNS}:text:1.0"><office:body><office:spreadsheet><table:table table:name="S">
<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>
<table:table-row><table:table-cell/>
<table:table-cell office:value-type="string"><text:p>Company</text:p></table:table-cell>
</table:table-row>
<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>
<table:table-row><table:table-cell/>
<table:table-cell office:value-type="string"><text:p>X</text:p></table:table-cell>
</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>
""".replace("\n", "")


def test_rows_and_columns_keep_their_numbers_when_the_table_starts_at_c4(tmp_path: Path) -> None:
    path = save_workbook(tmp_path / "a.xlsx", {"S": {"C4": "Company", "D4": "Amount", "C7": "X"}})
    [sheet] = read_sheets(path, Settings())
    assert sheet.cells.column_names == ["3", "4"]
    assert rows_of(sheet) == {4: ["Company", "Amount"], 7: ["X", None]}


def test_values_arrive_as_stored_and_stripped(tmp_path: Path) -> None:
    cells = {
        "A1": "  a\xa0 ",
        "B1": datetime.datetime(2024, 3, 1),
        "C1": 1234567.5,
        "D1": 2013,
        "E1": True,
        "F1": "NA",
        "G1": "   ",
        "H1": "007",
    }
    [sheet] = read_sheets(save_workbook(tmp_path / "a.xlsx", {"S": cells}), Settings())
    values = rows_of(sheet)[1]
    assert values == ["a", "2024-03-01 00:00:00", "1234567.5", "2013", "true", "NA", None, "007"]


def test_error_cells_keep_their_text(tmp_path: Path) -> None:
    path = save_workbook(tmp_path / "a.xlsx", {"S": {"A1": "x", "B1": "#N/A", "A2": "#DIV/0!"}})
    [sheet] = read_sheets(path, Settings())
    assert rows_of(sheet) == {1: ["x", "#N/A"], 2: ["#DIV/0!", None]}


def test_visible_sheets_by_default_and_named_ones_even_when_hidden(tmp_path: Path) -> None:
    sheets = {"Deals": {"A1": "x"}, "Old": {"A1": "y"}}
    path = save_workbook(tmp_path / "a.xlsx", sheets, hidden=("Old",))
    assert [sheet.name for sheet in read_sheets(path, Settings())] == ["Deals"]
    assert [sheet.name for sheet in read_sheets(path, Settings(sheets=("Old",)))] == ["Old"]


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    path = save_workbook(tmp_path / "a.xlsx", {"Deals": {"A1": "x"}})
    with pytest.raises(ReadError, match=r"no sheet 'Deal', .* the workbook has 'Deals'"):
        read_sheets(path, Settings(sheets=("Deal",)))


def test_an_empty_sheet_has_no_rows(tmp_path: Path) -> None:
    [sheet] = read_sheets(save_workbook(tmp_path / "a.xlsx", {"S": {}}), Settings())
    assert sheet.cells.num_rows == 0


def test_open_document_spreadsheets_keep_their_row_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", ODS_MANIFEST)
        archive.writestr("content.xml", ODS_CONTENT)
    [sheet] = read_sheets(path, Settings())
    assert sheet.cells.column_names == ["2"]
    assert rows_of(sheet) == {4: ["Company"], 7: ["X"]}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"  <html><p>Log in</p></html>", "a web page or XML"),
        (b"PK\x03\x04\x00\x00 cut off", "the workbook is damaged"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1")
            + b"\0" * 600
            + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
    ],
)
def test_what_is_no_workbook_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=sentence):
        read_sheets(path, Settings())


def test_a_damaged_sheet_is_refused(tmp_path: Path) -> None:
    whole = save_workbook(tmp_path / "a.xlsx", {"S": {"A1": "x"}}).read_bytes()
    path = tmp_path / "b.xlsx"
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(
                name, b"<worksheet><sheetData><row" if "sheet1" in name else old.read(name)
            )
    with pytest.raises(ReadError, match="damaged"):
        read_sheets(path, Settings())
