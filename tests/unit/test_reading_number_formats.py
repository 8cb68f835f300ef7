"""Number formats: what a cell shows besides its digits is part of its text."""

import datetime
import io
import struct
import time
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from openpyxl.styles import Font
from sheets import KINDS, rows_of, save_workbook
from test_reading_binary_workbook import record, text
from test_reading_spreadsheet import save_open_document

from orchestration.parsing import PARSERS, Context
from orchestration.reading import read_sheets
from orchestration.reading.formats.number_formats import shown
from orchestration.reading.rows import extract_tables
from orchestration.sources.formats import Settings

ACCOUNTING = '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-'
HUMAN = '[>=1000000000]"$"0.0,,,"Bn";[>=1000000]"$"0.0,,"M";"$"#,##0'


@pytest.mark.parametrize(
    ("stored", "code", "low", "currency"),
    [
        ("100000000", '"$"#,##0', 1e8, "USD"),
        ("100000000", "[$€-407] #,##0", 1e8, "EUR"),
        ("100000000", '"$"#,##0.0,,"M"', 1e8, "USD"),
        ("100000000", "[$£-809]#,##0", 1e8, "GBP"),
        ("25000000", '#,##0 "USD"', 2.5e7, "USD"),
        ("1.5", '"$"0.0"Bn"', 1.5e9, "USD"),
        ("12500000", ACCOUNTING, 1.25e7, "EUR"),
        ("2500000000", HUMAN, 2.5e9, "USD"),
        ("2500000", HUMAN, 2.5e6, "USD"),
        ("2500", HUMAN, 2500, "USD"),
        ("34000000", "[$SEK] #,##0,", 3.4e7, "SEK"),
        ("7500000", "#,##0.0,, [$¥-411]", 7.5e6, "JPY"),
        ("34123456", '"$"0.0,,"M"', 34123456, "USD"),
        ("1200", '#,##0" Mio. €"', 1.2e9, "EUR"),
        ("8000000", "#,##0 USD", 8e6, "USD"),
        ("100000000", '"$"0.00E+00', 1e8, "USD"),
        ("5000000", "[$$-1009]#,##0", 5e6, "CAD"),
        ("5000000", "[$$-C09]#,##0", 5e6, "AUD"),
        ("5000000", "[$kr-41D] #,##0", 5e6, "SEK"),
        ("5000000", "#,##0 [$kr-406]", 5e6, "DKK"),
        ("5000000", "[$¥-804]#,##0", 5e6, "CNY"),
        ("5000000", "[$\uffe5-411]#,##0", 5e6, "JPY"),
        ("5", '[$CHF-807] 0.0"M"', 5e6, "CHF"),
        ("2500000000", "[$₹-4009]#,##0", 2.5e9, "INR"),
        ("120000000", '0.0,, "Mio. EUR"', 1.2e8, "EUR"),
        ("12.5", '"R$" #,##0.0 "mi"', 1.25e7, "BRL"),
        ("0", '_("$"* #,##0_);_("$"* \\(#,##0\\);_("$"* "-"??_);_(@_)', None, None),
    ],
)
def test_an_amount_has_the_currency_and_the_unit_of_its_format(
    stored: str, code: str, low: float | None, currency: str | None
) -> None:
    parsed = PARSERS["money"]([shown(stored, code)], Context(header="Amount"))
    found = [parsed[part][0].as_py() for part in ("_low", "_currency", "_problem")]
    assert found == [low, currency, None]


@pytest.mark.parametrize(
    ("stored", "code"),
    [
        ("7", '[=...7]0" USD"'),
        ("7", '[>1.2.3]"$"0;[<-]"$"0'),
        ("1e9999999", "0%"),
        ("1e999999999999999999999", "0.0,"),
        ("1e-99999999", "0%"),
    ],
)
def test_what_no_program_writes_as_a_format_or_a_number_is_shown_all_the_same(
    stored: str, code: str
) -> None:
    assert stored in shown(stored, code)


def test_a_scaled_format_is_not_scaled_again_by_the_header() -> None:
    texts = [shown("500000", "0.0,,"), shown("20000000", '0.0,,"M"')]
    parsed = PARSERS["money"](texts, Context(header="Amount (USD M)"))
    assert parsed["_low"].to_pylist() == [500_000, 20_000_000]


@pytest.mark.parametrize(
    ("stored", "code", "text"),
    [
        ("0.07", "0.0%", "7%"),
        ("-5000000", '"$"#,##0_);[Red]\\("$"#,##0\\)', "$-5000000"),
        ("2023-05-01 00:00:00", "mmm-yy", "2023-05"),
        ("2023-05-17 00:00:00", "mmm-yy", "2023-05-17 00:00:00"),
        ("2013-01-01 00:00:00", "yyyy", "2013"),
        ("2023-05-01 00:00:00", "dd/mm/yyyy", "2023-05-01 00:00:00"),
        ("2013", "General", "2013"),
        ("300", '0" employees"', "300"),
        ("12345.5", "#,##0.00", "12345.5"),
        ("€5M", '"$"#,##0', "€5M"),
    ],
)
def test_a_format_adds_only_what_it_tells(stored: str, code: str, text: str) -> None:
    assert shown(stored, code) == text


@pytest.mark.parametrize("piece", ["[", '"', ";", "$", "[$€", "\\", "_", "y", "0,", "EUR "])
def test_a_format_as_long_as_a_book_costs_no_more_than_one_line(piece: str) -> None:
    start = time.process_time()
    assert len(shown("5000", piece * 200_000)) < 2000
    assert time.process_time() - start < 1


def test_the_formats_of_a_workbook_reach_its_amounts(tmp_path: Path) -> None:
    cells: list[tuple[Any, str]] = [
        (100_000_000, '"$"#,##0'),
        (100_000_000, "[$€-407] #,##0"),
        (7_000_000, "General"),
        ("SEK 5M", '"$"#,##0'),
    ]
    book = openpyxl.Workbook()
    book.active.append(["Company", "Announced", "Amount"])
    for number, (value, code) in enumerate(cells, start=2):
        book.active.append([f"Acme {number}", datetime.datetime(2023, 5, 1), value])
        book.active.cell(number, 2).number_format = "mmm yyyy"
        book.active.cell(number, 3).number_format = code
    book.save(tmp_path / "a.xlsx")
    [sheet] = read_sheets(tmp_path / "a.xlsx", Settings())
    [_, *rows] = rows_of(sheet).values()
    assert [row[1] for row in rows] == ["2023-05"] * 4
    assert [row[2] for row in rows] == ["$100000000", "€ 100000000", "7000000", "SEK 5M"]


def ods_cell(type_: str, value: str, text: str, more: str = "") -> str:
    name = "date-value" if type_ == "date" else "value"
    return (
        f'<table:table-cell office:value-type="{type_}" office:{name}="{value}" {more}>'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def test_an_open_document_shows_its_formats_too(tmp_path: Path) -> None:
    euros = 'office:currency="EUR" table:number-columns-repeated="2"'
    cells = [
        ods_cell("currency", "100000000", "100.000.000 €", euros),
        ods_cell("currency", "100000000", "100.000.000", 'office:currency="EUR"'),
        ods_cell("float", "1.5", "$1.5Bn"),
        ods_cell("float", "100000000", "$100.0M"),
        ods_cell("float", "1234", "1.234"),
        ods_cell("percentage", "0.07", "7,0%"),
        ods_cell("date", "2023-05-01", "Mai 2023"),
        ods_cell("date", "2023-05-01", "01.05.23"),
    ]
    row = f"<table:table-row>{''.join(cells)}</table:table-row>"
    [sheet] = read_sheets(save_open_document(tmp_path / "a.ods", row), Settings())
    assert rows_of(sheet)[1] == [
        *["100000000 €", "100000000 €", "100000000 EUR", "$1.5Bn", "$100M", "1234", "7%"],
        *["2023-05", "2023-05-01"],
    ]


def test_a_binary_workbook_shows_its_formats_too(tmp_path: Path) -> None:
    forms = [struct.pack("<HHH", 0, number, font) for number, font in ((0, 0), (164, 0), (0, 1))]
    styles = [
        record(615, struct.pack("<I", 1)),
        record(44, struct.pack("<H", 164) + text('"$"0.0,,"M"')),
        record(616),
        *(record(43, bytes([0, 0, struck, 0])) for struck in (0, 0x08)),
        record(617, struct.pack("<I", 3)),
        *(record(47, form) for form in forms),
        record(618),
    ]
    real = [struct.pack("<IId", column, style, 3e7) for column, style in ((0, 0), (1, 1), (2, 2))]
    sheet = [
        *(record(129), record(148, struct.pack("<4I", 0, 99, 0, 9)), record(145)),
        record(0, struct.pack("<IIH", 3, 0, 0) + bytes(7)),
        *(record(5, cell) for cell in real),
        *(record(146), record(130)),
    ]
    base = save_binary(tmp_path / "a.xlsb", sheet, styles)
    [read] = read_sheets(base, Settings())
    assert rows_of(read) == {4: ["30000000", "$30M", "30000000"]}
    assert read.findings == ("struck through, but read: row 4",)


def save_binary(path: Path, sheet: list[bytes], styles: list[bytes]) -> Path:
    from test_reading_binary_workbook import save  # noqa: PLC0415

    whole = io.BytesIO(save(path, [], is_short=False).read_bytes())
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"".join(sheet) if name.endswith("sheet1.bin") else old.read(name))
        new.writestr("xl/styles.bin", b"".join(styles))
    return path


def test_an_old_workbook_shows_its_formats_too(tmp_path: Path) -> None:
    codes = ['"$"#,##0', "[$€-407] #,##0", '"$"0.0,,"M"', "General", '#,##0 "USD"']
    book = xlwt.Workbook()
    sheet = book.add_sheet("Deals")
    for row, code in enumerate(codes):
        sheet.write(row, 0, datetime.date(2023, 5, 1), xlwt.easyxf(num_format_str="mmm yyyy"))
        sheet.write(row, 1, 100_000_000, xlwt.easyxf(num_format_str=code))
    sheet.write(5, 1, "gone", xlwt.easyxf("font: struck_out on"))
    sheet.row(1).hidden = 1
    book.save(tmp_path / "a.xls")
    [read] = read_sheets(tmp_path / "a.xls", Settings())
    shown_texts = ["$100000000", "€ 100000000", "$100M", "100000000", "100000000 USD"]
    assert list(rows_of(read).values()) == [
        *(["2023-05", text] for text in shown_texts),
        [None, "gone"],
    ]
    assert read.findings == ("hidden, but read: row 2", "struck through, but read: row 6")


def test_struck_rows_are_told_and_the_address_behind_a_word_is_kept(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["Company", "Announced", "Amount", "Source"], ["Acme", "2023", "$5M", "link"]):
        book.active.append(row)
    book.active.append(["Beta", "2023", "$6M", '=HYPERLINK("https://example.org/2?a=1&b","link")'])
    book.active["D2"].hyperlink = "https://example.org/1"
    book.active["A3"].font = Font(strike=True)
    book.save(tmp_path / "a.xlsx")
    [sheet] = read_sheets(tmp_path / "a.xlsx", Settings())
    assert "struck through, but read: row 3" in sheet.findings
    [table] = extract_tables(sheet, KINDS["funding_rounds"], Settings())
    assert table.table["source_url"].to_pylist()[0] == "[link](https://example.org/1)"


def test_hidden_rows_are_left_out_by_choice(tmp_path: Path) -> None:
    cells = {"A1": "Company", "A2": "Acme", "A3": "Old", "A4": "Beta"}
    path = save_workbook(tmp_path / "a.xlsx", {"S": cells}, hidden_rows=(3,))
    [sheet] = read_sheets(path, Settings(hidden_rows="skip"))
    assert list(rows_of(sheet)) == [1, 2, 4]
    assert sheet.findings == ("hidden, and left out: row 3",)
