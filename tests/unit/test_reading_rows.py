"""The rows below a header: nothing of them is lost."""

import json

import pytest
from sheets import KINDS

from orchestration.reading import ReadError, Sheet
from orchestration.reading.rows import MappedColumn, extract_tables
from orchestration.reading.sheet import clean, from_rows
from orchestration.sources.formats import Settings, Unpivot


def sheet_of(*rows: list[str | None], name: str = "S") -> Sheet:
    return clean(from_rows(name, rows, range(1, len(rows) + 1)), ())


def test_rows_have_the_kinds_columns_their_numbers_and_what_is_left_over() -> None:
    sheet = sheet_of(
        ["Company", "Date", "Amount", "City", None, "City", "Amount (EUR)"],
        ["X", "2023", "$5M", 'Par"is', None, "Lyon", "4"],
        [None, None, None, None, None, None, None],
        ["Y", None, None, None, "stray"],
        ["Source: own research"],
    )
    rows = extract_tables(sheet, KINDS["funding_rounds"], Settings())[0]
    assert rows.header_row == 1
    assert rows.mapped["amount"] == MappedColumn("Amount", "C")
    assert rows.unmapped == ("City (column 4)", "column 5", "City (column 6)", "Amount (EUR)")
    table = rows.table.to_pydict()
    assert table["company"] == ["X", "Y", "Source: own research"]
    assert table["amount"] == ["$5M", None, None]
    assert table["valuation"] == [None, None, None]
    assert table["_row"] == [2, 4, 5]
    assert [extra and json.loads(extra) for extra in table["_extra"]] == [
        {"City (column 4)": 'Par"is', "City (column 6)": "Lyon", "Amount (EUR)": "4"},
        {"column 5": "stray"},
        None,
    ]


def test_an_amount_of_0_and_one_beside_an_empty_one_are_told() -> None:
    header: list[str | None] = ["Company", "Date", "Amount (USD)", "Deal value"]
    sheet = sheet_of(header, ["X", "2023", "0", "-"], ["Y", "2023", None, "EUR 6m"])
    [rows] = extract_tables(sheet, KINDS["funding_rounds"], Settings())
    assert rows.findings == (
        "`amount` is 0, taken as not disclosed: row 2",
        "`amount` is empty where 'Deal value' holds an amount (row 3); if it is the same money, "
        "write `amount: Deal value` under columns: in source.yml",
    )


@pytest.mark.parametrize("beside", ["amount_raw", "amount_eur", "Amount (EUR)", "Original amount"])
def test_an_amount_goes_before_the_sources_own_dollars(beside: str) -> None:
    sheet = sheet_of(["company", "date", "amount_usd", beside], ["Acmelamp", "2026", None, "EUR6m"])
    [rows] = extract_tables(sheet, KINDS["funding_rounds"], Settings())
    assert rows.mapped["amount"].header == beside
    assert rows.mapped["stated_usd"].header == "amount_usd"


def test_headers_that_people_use() -> None:
    headers = ["permalink", "company", "fundedDate", "raisedAmt", "raisedCurrency", "investor"]
    sheet = sheet_of([*headers], ["acme", "Acme", "1-May-07", "6850000", "USD", "Acme Capital"])
    [rows] = extract_tables(sheet, KINDS["funding_rounds"], Settings())
    found = {column: mapped.header for column, mapped in rows.mapped.items()}
    assert found == {
        "company": "company",
        "announced": "fundedDate",
        "amount": "raisedAmt",
        "currency": "raisedCurrency",
        "other_investors": "investor",
    }


@pytest.mark.parametrize("name", ["AcmeNews", None])
def test_the_column_of_sources_is_the_one_with_addresses(name: str | None) -> None:
    header = ["published_at", "company", "amount", "source", "url"]
    sheet = sheet_of([*header], ["2026-08-21", "X", "$5M", name, "https://example.org/7"])
    [rows] = extract_tables(sheet, KINDS["funding_rounds"], Settings())
    assert rows.mapped["source_url"].header == "url"


def test_columns_beyond_z_have_two_letters() -> None:
    headers = [f"h{number}" for number in range(27)]
    sheet = sheet_of([*headers, "metric", "value"], ["x"] * 29)
    rows = extract_tables(sheet, KINDS["benchmarks"], Settings())[0]
    assert rows.mapped["metric"] == MappedColumn("metric", "AB")


def test_the_sheets_name_can_be_a_column() -> None:
    sheet = sheet_of(["Company", "Layer"], ["X", "in the file"], name="mlops")
    rows = extract_tables(sheet, KINDS["companies"], Settings(sheet_name_is="layer"))[0]
    assert rows.table["layer"].to_pylist() == ["mlops"]
    assert rows.table["_extra"].to_pylist() == ['{"Layer": "in the file"}']


def test_what_the_source_says_of_all_rows_stands_in_empty_cells() -> None:
    sheet = sheet_of(["Model", "Open weights"], ["A", "no"], ["B", None])
    settings = Settings(defaults={"access": "open"})
    rows = extract_tables(sheet, KINDS["open_models"], settings)[0]
    assert rows.table["access"].to_pylist() == ["no", "open"]


RATES = KINDS["exchange_rates"]
UNPIVOT = Settings(unpivot=Unpivot(("Date",), "currency", "units_per_eur"))


def test_a_wide_table_becomes_long_and_empty_cells_no_rows() -> None:
    sheet = sheet_of(
        ["Date", "USD", "GBP", None],
        ["2023-01-03", "1.05", None, None],
        ["2023-01-02", "1.07", "0.88", None],
    )
    rows = extract_tables(sheet, RATES, UNPIVOT)[0]
    assert rows.unmapped == ()
    table = rows.table.select(["rate_date", "currency", "units_per_eur", "_row", "_cell"])
    assert [tuple(row.values()) for row in table.to_pylist()] == [
        ("2023-01-03", "USD", "1.05", 2, "USD"),
        ("2023-01-02", "USD", "1.07", 3, "USD"),
        ("2023-01-02", "GBP", "0.88", 3, "GBP"),
    ]


def test_a_kept_header_that_is_missing_is_refused() -> None:
    settings = Settings(unpivot=Unpivot(("Date", "Place"), "currency", "units_per_eur"))
    with pytest.raises(ReadError, match=r"no header 'Place', .* there are 'Date', 'USD'"):
        extract_tables(sheet_of(["Date", "USD"], ["2023-01-02", "1.07"]), RATES, settings)


def test_nothing_to_unpivot_is_refused() -> None:
    with pytest.raises(ReadError, match="nothing to unpivot"):
        extract_tables(sheet_of(["Date"], ["2023-01-02"]), RATES, UNPIVOT)
