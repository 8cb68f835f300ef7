"""Several tables on a sheet, headers of two rows, and rows that are no records."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sheets import KINDS

from orchestration.reading import Sheet, read_sheets
from orchestration.reading.rows import ExtractedTable, extract_tables
from orchestration.reading.sheet import clean, from_rows
from orchestration.sources.formats import Settings

Row = Sequence[str | None]
ROUNDS = KINDS["funding_rounds"]
HEADER = ("Company", "Date", "Amount")


def sheet_of(*rows: Row) -> Sheet:
    return clean(from_rows("S", rows, range(1, len(rows) + 1)), ())


def tables_of(*rows: Row, kind: str = "funding_rounds", **options: object) -> list[ExtractedTable]:
    return extract_tables(sheet_of(*rows), KINDS[kind], Settings(**options))  # type: ignore[arg-type]


def roles_of(*rows: Row, kind: str = "funding_rounds") -> dict[int, str]:
    """Give the role of each row, by its number, of a sheet's one table."""
    [table] = tables_of(*rows, kind=kind)
    columns = (table.table[name].to_pylist() for name in ("_row", "_role"))
    return dict(zip(*columns, strict=True))


def companies(table: ExtractedTable) -> list[str | None]:
    return list(table.table["company"].to_pylist())


def test_a_group_row_above_gives_its_columns_their_meaning() -> None:
    [rows] = tables_of(
        ("Our deals", None, None, None, None),
        (None, None, "Amount", None, None),
        ("Company", "Date", "USD", "EUR", "Note"),
        ("X", "2023-01-01", "$5M", "€4M", "seen"),
    )
    assert rows.header_row == 3
    assert rows.mapped["amount"].header == "Amount | USD"
    assert rows.table["amount"].to_pylist() == ["$5M"]
    assert rows.table["note"].to_pylist() == ["seen"]
    assert rows.table["_extra"].to_pylist() == ['{"Amount | EUR": "€4M"}']
    assert rows.findings == (
        "row 1 above the header, not read: 'Our deals'",
        "the header has two rows, 2 and 3; they were read as one",
    )


def test_a_second_row_that_divides_the_first_is_no_record() -> None:
    header = ("Company", "Date", "Amount", None)
    record = ("X", "2023-01-01", "$5M", "€4M")
    for second in ((None, None, "USD", "EUR"), ("Company", "Date", "USD", "EUR")):
        [rows] = tables_of(header, second, record)
        assert companies(rows) == ["X"]
        assert rows.mapped["amount"].header == "Amount | USD"


def test_the_only_row_below_a_header_is_a_record() -> None:
    header, only = ("Company", "Date", "Amount", None), (None, None, "A", "B")
    for header_row in (None, 1):
        [rows] = tables_of(header, only, header_row=header_row)
        assert rows.table["amount"].to_pylist() == ["A"]
        assert rows.table["_extra"].to_pylist() == ['{"column 4": "B"}']
    [rows] = tables_of(header, (None, None, "USD", "EUR"), ("X", "2023", "$5", "€4"), header_row=1)
    assert companies(rows) == ["X"]


def test_a_first_record_with_an_aside_is_no_second_row_of_the_header() -> None:
    [rows] = tables_of((*HEADER, None), ("X", None, None, "aside"), ("Y", "2023", "$5M", None))
    assert companies(rows) == ["X", "Y"]


def test_repeats_are_told_apart_by_the_row_above() -> None:
    [rows] = tables_of(
        (None, None, "First round", None, "Last round", None),
        ("Company", "Date", "Amount", "Lead investor", "Amount", "Lead investor"),
        ("X", "2023-01-01", "$5M", "A", "$9M", "B"),
    )
    assert json.loads(rows.table["_extra"][0].as_py()) == {
        "Last round | Amount": "$9M",
        "Last round | Lead investor": "B",
    }


def test_headers_with_line_breaks_and_pictures_are_understood() -> None:
    [rows] = tables_of(
        ("Model 🤖", "Parameters \n(B) 🧠", "Organisation\\n", "Announced\n▼"),
        ("A", "7", "B", "2023-05"),
        kind="open_models",
    )
    assert {"model", "parameters", "organisation"} <= rows.mapped.keys()


def test_a_header_far_below_is_found() -> None:
    notes = [(f"note {number}", None, None) for number in range(300)]
    [rows] = tables_of(*notes, HEADER, ("X", "2023", "$5M"))
    assert (rows.header_row, companies(rows)) == (301, ["X"])


def test_a_column_may_have_had_several_headers() -> None:
    said = {"amount": ("Size", "Deal size (USD)"), "valuation": ("Worth",)}
    for header in said["amount"]:
        [rows] = tables_of(("Company", "Date", header), ("X", "2023", "$5M"), columns=said)
        assert rows.table["amount"].to_pylist() == ["$5M"]
        assert rows.findings == ("`valuation` is empty: the header has no 'Worth'",)


def test_tables_above_each_other_are_read_each_with_its_own_header() -> None:
    tables = tables_of(
        ("2023", None, None, None),
        HEADER,
        ("X", "2023-01-01", "$5M"),
        (),
        ("2024", None, None, None),
        ("Amount", "Startup", "Deal date", "Lead investor"),
        ("$7M", "Y", "2024-01-01", "Z"),
    )
    assert [companies(table) for table in tables] == [["X", "2024"], ["Y"]]
    assert [table.table["_role"].to_pylist() for table in tables] == [
        ["record", "note"],
        ["record"],
    ]
    assert tables[1].table["_row"].to_pylist() == [7]
    assert tables[1].table["lead_investors"].to_pylist() == ["Z"]
    assert "2 tables were read; their headers are row 2" in tables[0].findings[0]


def test_tables_beside_each_other_are_read_and_their_rows_told_apart() -> None:
    left, right = tables_of(
        (*HEADER, None, "Company", "Date", "Amount", "Note"),
        ("X", "2023-01-01", "$5M", None, "Y", "2024-01-01", "$7M", "n"),
        ("Z", "2023-01-02", "$6M"),
    )
    assert (companies(left), companies(right)) == (["X", "Z"], ["Y"])
    assert left.table["_cell"].to_pylist() == [None, None]
    assert right.table["_cell"].to_pylist() == ["E"]
    assert right.mapped["amount"].column == "G"


def test_an_empty_column_inside_a_table_cuts_nothing() -> None:
    [rows] = tables_of(
        ("Company", "Date", None, "Amount", None, "Note"), ("X", "2023", None, "$5M", None, "n")
    )
    assert rows.table["note"].to_pylist() == ["n"]


def test_the_cells_of_another_table_beside_are_kept() -> None:
    [rows] = tables_of(
        ("Date", "Event", None, *HEADER),
        ("2020-01-01", "a fair", None, "X", "2023-01-01", "$5M"),
    )
    assert rows.table["announced"].to_pylist() == ["2023-01-01"]
    assert json.loads(rows.table["_extra"][0].as_py()) == {
        "Date (column 1)": "2020-01-01",
        "Event": "a fair",
    }


def test_another_table_below_is_no_record_and_not_lost() -> None:
    roles = roles_of(
        HEADER,
        ("X", "2023-01-01", "$5M"),
        ("Y", "2023-01-02", "$6M"),
        (),
        ("Summary",),
        ("Year", "Deals"),
        ("2022", "12"),
        ("2023", "14"),
    )
    other = dict.fromkeys((6, 7, 8), "other_table")
    assert roles == {2: "record", 3: "record", 5: "note", **other}


def test_records_after_a_blank_row_stay_records() -> None:
    roles = roles_of(
        HEADER,
        ("X", "2023-01-01", "$5M"),
        (),
        ("Y", "unknown", "undisclosed"),
        ("Z", "2023", "$1M"),
    )
    assert set(roles.values()) == {"record"}


def test_lines_inside_a_cell_are_no_blank_rows(tmp_path: Path) -> None:
    lines = 'model,Link,Size\n"A\nB",x,7B\nNetflix,Link,small\nC,y,5B\n'
    (tmp_path / "a.csv").write_text(lines)
    [sheet] = read_sheets(tmp_path / "a.csv", Settings())
    [rows] = extract_tables(sheet, KINDS["open_models"], Settings())
    assert rows.table["_row"].to_pylist() == [2, 4, 5]
    assert set(rows.table["_role"].to_pylist()) == {"record"}


def test_a_record_with_a_word_of_the_header_begins_no_table() -> None:
    header = ("Model", "Organisation", "Licence", "Note")
    record = ("Model", "Acme", "MIT", "a model called Model")
    assert set(roles_of(header, (), record, kind="open_models").values()) == {"record"}


def test_a_header_repeated_on_each_page_is_no_record() -> None:
    rows = [HEADER, ("X", "2023", "$5M"), HEADER, ("Y", "2023", "$6M"), (), HEADER]
    assert roles_of(*rows) == {
        2: "record",
        3: "repeated_header",
        4: "record",
        6: "repeated_header",
    }


RECORDS = [("X", "2023-01-01", "$5M"), ("Y", "2023-01-02", "$6M")]


@pytest.mark.parametrize(
    "last",
    [
        ("Total", None, "$11M"),
        ("TOTAL:", None, "$999M"),
        ("Gesamt", None, "11 Mio. USD"),
        ("Grand total (2 deals)", None, "$11M"),
        ("Summe", "2 Deals", "$11M"),
        ("Итого", None, "$11M"),
        ("Total", "2023-12-31", "$11M"),
    ],
)
def test_a_total_is_known_by_its_word_and_its_evidence(last: Row) -> None:
    assert roles_of(HEADER, *RECORDS, last)[4] == "total"


@pytest.mark.parametrize(
    "record",
    [
        ("Total", "2023-05-01", "$40M"),
        ("TotalEnergies", None, "$11M"),
        ("Total AI", "2023-05-01", "$11M"),
        ("Sum", "2023-05-01", "undisclosed"),
        ("Total", None, None),
    ],
)
def test_a_company_called_total_is_not_lost(record: Row) -> None:
    for rows in ([*RECORDS, record], [record, *RECORDS]):
        roles = roles_of(HEADER, *rows)
        assert "total" not in roles.values()


def test_subtotals_check_the_rows_since_the_one_before() -> None:
    roles = roles_of(
        HEADER,
        *RECORDS,
        ("Subtotal", None, "$11M"),
        ("Z", "2023", "$1M"),
        ("V", "2023", "$2M"),
        ("Subtotal", None, "$3M"),
        ("Total", None, "$14M"),
    )
    assert [row for row, role in roles.items() if role == "total"] == [4, 7, 8]


def test_a_total_of_a_market_map_without_layer_is_no_company() -> None:
    roles = roles_of(
        ("Company", "Layer", "Total raised"),
        ("X", "application", "$5M"),
        ("Y", "mlops", "$6M"),
        ("Total", None, "$11M"),
        ("Source: own research", "https://example.org"),
        kind="companies",
    )
    assert roles == {2: "record", 3: "record", 4: "total", 5: "note"}


CELLS = st.one_of(
    st.none(),
    st.text("abcXYZ ,.;-'\"|$5017é🧠\n", max_size=6),
    st.sampled_from(["Total", "Company", "Date", "USD", "Amount", "Source: me", "$5M", "2023"]),
)


@st.composite
def messy_sheets(draw: st.DrawFn) -> tuple[list[list[str | None]], int]:
    """Draw a sheet with titles, blank rows, a header and anything below; and the header's row."""
    titles: list[list[str | None]] = [[], ["Deals of 2023"], ["as of", "2023"]]
    above = draw(st.lists(st.sampled_from(titles), max_size=4))
    more = draw(st.lists(st.sampled_from(["Note", "Note", "City", "", "Size (x)"]), max_size=4))
    header = draw(st.permutations([*HEADER, *more]))
    width = len(header) + 1
    below = draw(st.lists(st.lists(CELLS, max_size=width), max_size=8))
    return [*above, list(header), *below], len(above) + 1


@given(messy_sheets())
@settings(deadline=None)
def test_every_cell_below_a_header_is_found_in_its_row(
    drawn: tuple[list[list[str | None]], int],
) -> None:
    rows, header_row = drawn
    sheet = sheet_of(*rows)
    tables = extract_tables(sheet, ROUNDS, Settings())
    kept: dict[int, list[str]] = {}
    headers = set()
    for table in tables:
        headers.add(table.header_row)
        if any("the header has two rows" in finding for finding in table.findings):
            headers.add(table.header_row - 1)
        names = [column.name for column in ROUNDS.columns]
        for row in table.table.to_pylist():
            texts = [row[name] for name in names if row[name] is not None]
            texts += json.loads(row["_extra"] or "{}").values()
            kept.setdefault(row["_row"], []).extend(texts)
    cleaned = dict(
        zip(
            sheet.row_numbers.to_pylist(),
            zip(*(column.to_pylist() for column in sheet.cells.columns), strict=True),
            strict=True,
        )
    )
    for number, texts in cleaned.items():
        if number > header_row and number not in headers:
            assert sorted(kept[number]) == sorted(text for text in texts if text)
    assert all(number in cleaned for number in kept)
