"""Delimited text: encodings, delimiters, quoting, true line numbers."""

import csv
import io
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheets import rows_of

from orchestration.reading import ReadError, read_sheets
from orchestration.sources.formats import Settings


def read(content: bytes, name: str = "a.csv") -> dict[int, list[str | None]]:
    [sheet] = read_sheets(Path(name), Settings(), content)
    return rows_of(sheet)


def findings(content: bytes) -> tuple[str, ...]:
    [sheet] = read_sheets(Path("a.csv"), Settings(), content)
    return sheet.findings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-32"])
def test_encodings(encoding: str) -> None:
    content = "Société,Montant\nZoé,€5".encode(encoding)
    assert read(content) == {1: ["Société", "Montant"], 2: ["Zoé", "€5"]}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    content = f"a{delimiter}b\nx, y{delimiter}1\n" if delimiter != "," else 'a,b\n"x, y",1\n'
    assert read(content.encode()) == {1: ["a", "b"], 2: ["x, y", "1"]}


def test_decimal_commas_do_not_hide_the_semicolons() -> None:
    assert read(b"a;b;c\n1,5;2,5;3,5\n4,5;5,5;6,5\n")[2] == ["1,5", "2,5", "3,5"]


def test_the_delimiter_that_a_spreadsheet_program_declares() -> None:
    assert read(b"sep=|\na|b\n1,2|3,4\n")[3] == ["1,2", "3,4"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_row_has_the_line_on_which_its_record_starts(end: bytes) -> None:
    content = end.join([b"a,b", b'"two', b'lines",1', b"", b"x,2"])
    assert list(read(content)) == [1, 2, 5]


def test_ragged_rows_keep_every_cell() -> None:
    assert read(b"a,b\n1,2,3\n4\n") == {
        1: ["a", "b", None],
        2: ["1", "2", "3"],
        3: ["4", None, None],
    }


def test_a_file_without_text_has_no_rows() -> None:
    assert read(b"\n,,\n  ,\xc2\xa0\n") == {}


def test_empty_values_are_empty() -> None:
    [sheet] = read_sheets(Path("a.csv"), Settings(empty_values=("N/A", "-")), b"a,b\nN/A,1\n-,-\n")
    assert rows_of(sheet) == {1: ["a", "b"], 2: [None, "1"]}


def test_an_unclosed_quotation_mark_is_refused_with_its_line() -> None:
    with pytest.raises(ReadError, match="on or after line 3 is never closed"):
        read(b'a,b\n1,2\n"x\n4,5\n')


def test_an_unknown_ending_is_refused() -> None:
    with pytest.raises(ReadError, match=r"files of the format '\.pdf' can't be read"):
        read(b"x", "a.pdf")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(encoding: str) -> None:
    content = "Société,Montant\nZoé,5\n".encode(encoding)
    assert read(content) == {1: ["Société", "Montant"], 2: ["Zoé", "5"]}


def test_broken_bytes_are_kept_and_told_and_the_rest_stays_whole() -> None:
    lines = [f"Société {number},é€日\n".encode() for number in range(2000)]
    lines[7] = b"Soci\xe9t\xe9 \xc3\xa9,\x81\n"
    lines[1500] = b"nul\0l,x\n"
    content = b"name,note\n" + b"".join(lines)
    rows = read(content)
    assert len(rows) == 2001
    assert rows[2] == ["Société 0", "é€日"]
    assert rows[9] == ["Société é", r"\x81"]
    assert rows[1502] == [r"nul\x00l", "x"]
    assert "4 bytes are not valid UTF-8 (lines 9 and 1502)" in findings(content)[0]


@given(content=st.binary(max_size=200))
def test_no_byte_makes_a_file_fail_otherwise_than_by_a_sentence(content: bytes) -> None:
    try:
        read(b"a,b\n" + content)
    except ReadError as error:
        assert str(error)


def test_an_encoding_that_source_yml_names() -> None:
    content = "公司,金额\n智谱,5\n".encode("gb18030")
    [sheet] = read_sheets(Path("a.csv"), Settings(encoding="gb18030"), content)
    assert rows_of(sheet)[2] == ["智谱", "5"]
    with pytest.raises(ReadError, match="'klingon', which is none"):
        read_sheets(Path("a.csv"), Settings(encoding="klingon"), content)


def test_ragged_rows_are_told() -> None:
    assert findings(b"a,b,c\n1,2,3\n1,2,3,4\n5,6\n\n7\n") == (
        "more than 3 cells, all kept: line 3",
        "fewer than 3 cells: line 4",
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("stray", ['"Acme,2023,$5M', 'Acme "AI,2023,$5M', '"Acme" Inc","2023,$5M'])
def test_a_stray_quotation_mark_costs_no_row(stray: str, end: str) -> None:
    lines = ["company,date,amount", *['"B, Inc",2023,$1M'] * 50, stray, *['"C",2024,$2M'] * 50]
    rows = read(end.join(lines).encode())
    assert len(rows) == 102
    assert rows[52][1:] == ["2023", "$5M"] or stray.startswith('"Acme" Inc')
    assert rows[53] == ["C", "2024", "$2M"]


@pytest.mark.parametrize(
    "text", ["one, two\nthree, four, five", "one, two, three\nfour", 'x\n"" , "",\ny']
)
def test_a_text_of_several_lines_stays_one_cell(text: str) -> None:
    content = f'a,b,c\n"{text}",x,y\n1,2,3\n'.encode()
    assert list(read(content).values()) == [
        ["a", "b", "c"],
        [text.replace('""', '"'), "x", "y"],
        ["1", "2", "3"],
    ]
    assert findings(content) == ()


def test_escape_sequences_and_control_characters_stay_text() -> None:
    content = b"a,b\n$5M\\xc2\\xa0,x\\ny\n\x07bell,\x1b[31mred\n"
    rows = read(content)
    assert rows[2] == [r"$5M\xc2\xa0", r"x\ny"]
    assert rows[3] == ["\x07bell", "\x1b[31mred"]


_CELLS = st.text(alphabet="ab\",;\n\r\t '\\é", max_size=6)


@given(
    st.lists(st.lists(_CELLS, min_size=2, max_size=2), max_size=5),
    st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
)
def test_what_the_csv_module_writes_is_read_as_it_was_written(
    rows: list[list[str]], quoting: Literal[0, 1]
) -> None:
    # Blanks around a text are none of it, and a row without a text is none: each ends with one.
    rows = [["name", "x", "y"], *([*row, "z"] for row in rows)]
    file = io.StringIO()
    csv.writer(file, quoting=quoting).writerows(rows)
    cells = [[cell.strip() or None for cell in row] for row in rows]
    assert [*read(file.getvalue().encode()).values()] == cells
