"""Workbooks: true rows and columns, which sheets, text as stored, refusals."""

import datetime
import io
import zipfile
from pathlib import Path

import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.cell import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from sheets import KINDS, rows_of, save_workbook

from orchestration.reading import ReadError, read_sheets
from orchestration.reading.rows import extract_tables
from orchestration.sources.formats import Settings

XMLNS = "urn:oasis:names:tc:opendocument:xmlns"
ODS_MANIFEST = f'<manifest:manifest xmlns:manifest="{XMLNS}:manifest:1.0"></manifest:manifest>'
TWO_ROWS = 'table:number-rows-spanned="2"'
ODS_CONTENT = (
    f'<office:document-content xmlns:office="{XMLNS}:office:1.0" '
    f'xmlns:table="{XMLNS}:table:1.0" xmlns:text="{XMLNS}:text:1.0"><office:body>'
    '<office:spreadsheet><table:table table:name="S">{rows}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)


def text_cell(text: str, attribute: str = "") -> str:
    return (
        f'<table:table-cell office:value-type="string" {attribute}>'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def save_open_document(path: Path, rows: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", ODS_MANIFEST)
        archive.writestr("content.xml", ODS_CONTENT.replace("{rows}", rows))
    return path


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
    path = save_open_document(
        tmp_path / "a.ods",
        '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
        f"<table:table-row><table:table-cell/>{text_cell('Company')}</table:table-row>"
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
        f"<table:table-row><table:table-cell/>{text_cell('X')}</table:table-row>",
    )
    [sheet] = read_sheets(path, Settings())
    assert sheet.cells.column_names == ["2"]
    assert rows_of(sheet) == {4: ["Company"], 7: ["X"]}


def test_an_indented_open_document_spreadsheet_is_read_alike(tmp_path: Path) -> None:
    row = f"<table:table-row>{text_cell('Two words')}{text_cell('$5M')}</table:table-row>"
    [plain] = read_sheets(save_open_document(tmp_path / "a.ods", row), Settings())
    indented = save_open_document(tmp_path / "b.ods", row.replace("><table", ">\n  <table"))
    [sheet] = read_sheets(indented, Settings())
    assert rows_of(sheet) == rows_of(plain) == {1: ["Two words", "$5M"]}


def test_open_document_spreadsheets_tell_of_merged_cells_hidden_rows_and_formulas(
    tmp_path: Path,
) -> None:
    path = save_open_document(
        tmp_path / "a.ods",
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
        "<table:table-header-rows><table:table-row>"
        '<table:table-cell table:number-columns-repeated="2"/>'
        f"{text_cell('Company')}{text_cell('Amount')}</table:table-row></table:table-header-rows>"
        '<table:table-row><table:table-cell table:number-columns-repeated="2"/>'
        f"{text_cell('Acme', TWO_ROWS)}{text_cell('$5M')}"
        "</table:table-row>"
        '<table:table-row table:visibility="collapse">'
        '<table:table-cell table:number-columns-repeated="2"/><table:covered-table-cell/>'
        f"{text_cell('$6M')}</table:table-row>"
        '<table:table-row table:visibility="filter"><table:table-cell '
        'table:number-columns-repeated="2"/>'
        f"{text_cell('Beta')}<table:table-cell table:formula='of:=[.D4]'/></table:table-row>",
    )
    [sheet] = read_sheets(path, Settings())
    assert rows_of(sheet) == {
        3: ["Company", "Amount"],
        4: ["Acme", "$5M"],
        5: ["Acme", "$6M"],
        6: ["Beta", None],
    }
    assert sheet.findings == (
        "hidden, but read: rows 5 and 6",
        "1 formula has no stored value (D6): open the file in a spreadsheet program and save it",
        "filled with the text of their first cell: merged range C4:C5",
    )


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


def test_a_hidden_sheet_is_told_of(tmp_path: Path) -> None:
    sheets = {"Old": {"A1": "y"}, "Deals": {"A1": "x"}}
    path = save_workbook(tmp_path / "a.xlsx", sheets, hidden=("Old",))
    [sheet] = read_sheets(path, Settings())
    assert sheet.findings == (
        "sheet 'Old' is hidden and was not read; name it under `sheets:` to read it",
    )


def test_merged_cells_are_filled_where_the_row_holds_more(tmp_path: Path) -> None:
    cells = {"A1": "Deals of 2023"} | {"A2": "Company", "B2": "Amount"} | {"B3": "USD", "C3": "EUR"}
    cells |= {"A4": "X", "B4": "$5M", "B5": "$6M", "C5": "€5M", "A8": "A note"}
    merged = ("A1:C1", "A2:A3", "B2:C2", "A4:A7", "A8:C8")
    path = save_workbook(tmp_path / "a.xlsx", {"S": cells}, merged=merged)
    [sheet] = read_sheets(path, Settings())
    assert rows_of(sheet) == {
        1: ["Deals of 2023", None, None],
        2: ["Company", "Amount", "Amount"],
        3: ["Company", "USD", "EUR"],
        4: ["X", "$5M", None],
        5: ["X", "$6M", "€5M"],
        8: ["A note", None, None],
    }
    assert sheet.findings == (
        "filled with the text of their first cell: merged ranges A2:A3, B2:C2 and A4:A7",
    )


def test_merged_cells_of_old_workbooks_are_filled(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    sheet.write_merge(1, 2, 0, 0, "X")
    sheet.write(1, 1, "$5M")
    sheet.write(2, 1, "$6M")
    book.save(tmp_path / "a.xls")
    [read] = read_sheets(tmp_path / "a.xls", Settings())
    assert rows_of(read) == {2: ["X", "$5M"], 3: ["X", "$6M"]}
    assert read.findings == ("filled with the text of their first cell: merged range A2:A3",)


def test_hidden_rows_are_read_and_told(tmp_path: Path) -> None:
    cells = {f"A{row}": str(row) for row in range(1, 10)}
    path = save_workbook(tmp_path / "a.xlsx", {"S": cells}, hidden_rows=(5, 6, 9))
    [sheet] = read_sheets(path, Settings())
    assert rows_of(sheet)[5] == ["5"]
    assert sheet.findings == ("hidden, but read: rows 5, 6 and 9",)


def test_formulas_without_a_value_are_told_with_their_cells(tmp_path: Path) -> None:
    path = save_workbook(tmp_path / "a.xlsx", {"S": {"A1": "x", "B1": "=1+2", "B3": "=B1*2"}})
    [sheet] = read_sheets(path, Settings())
    assert rows_of(sheet) == {1: ["x"]}
    assert sheet.findings == (
        "2 formulas have no stored value (B1 and B3): "
        "open the file in a spreadsheet program and save it",
    )


def rewritten(path: Path, old: bytes, new: bytes) -> Path:
    """Copy a workbook with a text of its first sheet replaced."""
    copy = path.with_name(f"new-{path.name}")
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(copy, "w") as target:
        for name in archive.namelist():
            part = archive.read(name)
            assert "sheet1" not in name or old in part
            target.writestr(name, part.replace(old, new) if "sheet1" in name else part)
    return copy


@pytest.mark.parametrize(
    ("stored", "is_told"),
    [
        (b"<f>1+2</f><v>3</v>", False),
        (b"<f>1+2</f>", True),
        (b'<f t="shared" si="0"/><v/>', True),
        (b"<f>1+2</f><v> </v>", True),
    ],
)
def test_only_a_missing_value_is_told(tmp_path: Path, stored: bytes, is_told: bool) -> None:
    path = save_workbook(tmp_path / "a.xlsx", {"S": {"A1": "x", "B1": "=1+2"}})
    [sheet] = read_sheets(rewritten(path, b"<f>1+2</f><v></v>", stored), Settings())
    assert bool(sheet.findings) == is_told


def test_dates_of_the_1904_calendar_are_the_same_days(tmp_path: Path) -> None:
    cells = {"A1": datetime.date(2023, 5, 6)}
    path = save_workbook(tmp_path / "a.xlsx", {"S": cells}, epoch=CALENDAR_MAC_1904)
    [sheet] = read_sheets(path, Settings())
    assert rows_of(sheet) == {1: ["2023-05-06 00:00:00"]}


def test_numbers_as_text_and_text_as_numbers_stay_as_they_are_stored(tmp_path: Path) -> None:
    cells = {"A1": "1,000", "B1": "0012", "C1": 12, "D1": "5.0", "E1": 5.0, "F1": 1e21, "G1": 0.1}
    [sheet] = read_sheets(save_workbook(tmp_path / "a.xlsx", {"S": cells}), Settings())
    values = rows_of(sheet)[1]
    assert values[:5] == ["1,000", "0012", "12", "5.0", "5"]
    assert [float(value or "") for value in values[5:]] == [1e21, 0.1]


@st.composite
def areas(draw: st.DrawFn) -> tuple[str, ...]:
    """Draw ranges that don't overlap, in the first six columns and rows 2 to 9."""
    taken: set[tuple[int, int]] = set()
    drawn = []
    for _ in range(draw(st.integers(0, 4))):
        top, left = draw(st.integers(2, 8)), draw(st.integers(1, 5))
        height, width = draw(st.integers(1, 3)), draw(st.integers(1, 2))
        cells = {
            (row, col) for row in range(top, top + height) for col in range(left, left + width)
        }
        if len(cells) > 1 and not cells & taken:
            taken |= cells
            end = f"{get_column_letter(left + width - 1)}{top + height - 1}"
            drawn.append(f"{get_column_letter(left)}{top}:{end}")
    return tuple(drawn)


@given(merged=areas(), filled=st.sets(st.tuples(st.integers(2, 9), st.integers(1, 6))))
@settings(deadline=None, max_examples=40)
def test_merging_adds_no_row_and_loses_no_cell(
    tmp_path_factory: pytest.TempPathFactory,
    merged: tuple[str, ...],
    filled: set[tuple[int, int]],
) -> None:
    header = {"A1": "Company", "B1": "Date", "C1": "Amount", "D1": "p", "E1": "q", "F1": "r"}
    cells = {f"{get_column_letter(col)}{row}": f"t{row}.{col}" for row, col in filled}
    folder = tmp_path_factory.mktemp("merged")
    plain = save_workbook(folder / "plain.xlsx", {"S": header | cells})
    [expected] = read_sheets(plain, Settings())
    path = folder / "merged.xlsx"
    with_ranges(plain, path, merged)
    [sheet] = read_sheets(path, Settings())
    assert sheet.row_numbers == expected.row_numbers
    for number, row in rows_of(expected).items():
        for before, after in zip(row, rows_of(sheet)[number], strict=True):
            assert before is None or after == before
    [rows] = extract_tables(sheet, KINDS["funding_rounds"], Settings())
    assert rows.table["_row"].to_pylist() == expected.row_numbers.to_pylist()[1:]


def with_ranges(path: Path, target: Path, merged: tuple[str, ...]) -> None:
    """Copy a workbook with merged ranges, the texts inside them kept, as some programs do."""
    marks = "".join(f'<mergeCell ref="{area}"/>' for area in merged)
    copy = rewritten(
        path, b"</sheetData>", f"</sheetData><mergeCells>{marks}</mergeCells>".encode()
    )
    copy.rename(target)
