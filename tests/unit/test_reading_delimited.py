"""Delimited text: encodings, delimiters, quoting, true line numbers."""

from pathlib import Path

import pytest
from sheets import rows_of

from orchestration.reading import ReadError, Settings, read_sheets


def read(content: bytes, name: str = "a.csv") -> dict[int, list[str | None]]:
    [sheet] = read_sheets(Path(name), Settings(), content)
    return rows_of(sheet)


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
