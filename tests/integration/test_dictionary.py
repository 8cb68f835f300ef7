"""The served file describes itself: `audit.data_dictionary` and `audit.lineage`."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import duckdb
import openpyxl
import pandas as pd
import pytest

from orchestration.lineage import dictionary

if TYPE_CHECKING:
    from conftest import Warehouse

NUMBERS_AND_DATES = {"DOUBLE", "INTEGER", "BIGINT", "DATE", "BOOLEAN"}
ROUNDS_FILE = "raw/funding_rounds/genai_rounds/2026-11-28.xlsx"


@pytest.fixture(scope="module")
def columns(warehouse: Warehouse) -> pd.DataFrame:
    named = "table_schema || '.' || table_name || '.' || column_name as place"
    rows = warehouse.query(f"select *, {named} from audit.data_dictionary")
    return pd.DataFrame(rows.set_index("place"))


@pytest.fixture(scope="module")
def edges(warehouse: Warehouse) -> pd.DataFrame:
    return warehouse.query("select * from audit.lineage")


def listed(text: object) -> set[str]:
    """Return the parts of a listing; none of a null."""
    return set(re.split("[,;] ", text)) if isinstance(text, str) else set()


def test_each_column_of_the_file_has_its_row_and_its_comment(
    warehouse: Warehouse, columns: pd.DataFrame
) -> None:
    held = warehouse.query(
        "select schema_name || '.' || table_name || '.' || column_name as place, data_type, "
        "comment from duckdb_columns() where not internal"
    ).set_index("place")
    assert sorted(held.index) == sorted(columns.index)
    assert columns["description"].to_dict() == held["comment"].to_dict()
    assert columns["data_type"].to_dict() == held["data_type"].to_dict()


def test_every_number_date_and_flag_has_a_unit_by_its_name(columns: pd.DataFrame) -> None:
    measured = columns[columns["data_type"].isin(NUMBERS_AND_DATES)]
    without = measured[measured["unit"].isna()].index.to_list()
    assert without == [], "name them by the grammar of units, or extend it in dictionary.UNITS"
    assert columns.loc[columns["data_type"] == "VARCHAR", "unit"].isna().all()


@pytest.mark.parametrize(
    ("column", "data_type", "unit"),
    [
        ("raised_usd", "DOUBLE", "US dollars"),
        ("share_of_usd", "DOUBLE", "fraction, 0 to 1"),
        ("top_10_share", "DOUBLE", "fraction, 0 to 1"),
        ("unknown_year_usd", "DOUBLE", "US dollars"),
        ("unknown_year_companies", "INTEGER", "count"),
        ("founded_year", "INTEGER", "calendar year"),
        ("hhi", "DOUBLE", "points, 0 to 10,000"),
        ("parameters_max_bn", "DOUBLE", "billions"),
        ("days_behind", "INTEGER", "days"),
        ("as_of_month", "DATE", "date, the last day of the month"),
        ("announced_on", "DATE", "date"),
        ("cost_ratio", "DOUBLE", "ratio, 1 where both are equal"),
        ("raised_usd", "VARCHAR", None),
        ("frobnication", "DOUBLE", None),
    ],
)
def test_the_name_gives_the_unit(column: str, data_type: str, unit: str | None) -> None:
    assert dictionary.unit(column, data_type) == unit


def test_fractions_lie_between_0_and_1(warehouse: Warehouse, columns: pd.DataFrame) -> None:
    fractions = columns.index[columns["unit"] == "fraction, 0 to 1"]
    assert len(fractions) > 15
    for place in fractions:
        table, _, column = place.rpartition(".")
        outside = f"{column} < -1e-9 or {column} > 1 + 1e-9"
        assert warehouse.query(f"select {column} from {table} where {outside}").empty, place


def test_every_mart_has_a_key_that_no_two_rows_share(
    warehouse: Warehouse, columns: pd.DataFrame
) -> None:
    marts = columns[columns["table_schema"] == "marts"]
    keys = marts[marts["is_key"]].groupby("table_name")["column_name"].agg(", ".join)
    assert set(keys.index) == set(marts["table_name"])
    assert keys["fct_funding_rounds"] == "round_id"
    for table, key in keys.items():
        twice = f"select {key} from marts.{table} group by {key} having count(*) > 1"
        assert warehouse.query(twice).empty, table


def test_a_reference_is_held_by_every_row(warehouse: Warehouse, columns: pd.DataFrame) -> None:
    references = columns[columns["refers_to"].notna()]
    assert references.loc["marts.fct_funding_rounds.company_id", "refers_to"] == (
        "marts.dim_companies.company_id"
    )
    for place, to in references["refers_to"].items():
        table, _, column = str(place).rpartition(".")
        other, _, key = to.rpartition(".")
        orphans = f"{column} is not null and {column} not in (select {key} from {other})"
        found = warehouse.query(f"select count(*) as orphans from {table} where {orphans}")
        assert found["orphans"].item() == 0, place


def test_tests_stand_at_the_columns_they_are_of(columns: pd.DataFrame) -> None:
    hhi = listed(columns.loc["marts.rpt_concentration.hhi", "tests"])
    assert {"not null", "between 0 and 10,000", "hhi_equals_sum_of_squared_shares"} <= hhi
    kind = str(columns.loc["marts.fct_funding_rounds.kind", "tests"])
    assert "one of equity, debt, grant, secondary, tender" in kind
    month = str(columns.loc["marts.rpt_layer_share.as_of_month", "tests"])
    assert "unique together: as_of_month, universe, layer" in month
    assert "stands in dim_months.as_of_month" in month


def test_amounts_go_back_to_the_cells_of_the_amount_and_the_rates(columns: pd.DataFrame) -> None:
    needed = {"landing.funding_rounds.amount", "landing.exchange_rates.units_per_eur"}
    amount = listed(columns.loc["marts.fct_funding_rounds.amount_usd", "origin"])
    assert amount >= needed
    assert {place.split(".")[1] for place in amount} == {"funding_rounds", "exchange_rates"}
    for report in ("rpt_concentration.hhi", "rpt_layer_share.share", "rpt_funding_pace.ytd_usd"):
        assert listed(columns.loc[f"marts.{report}", "origin"]) > amount
    assert listed(columns.loc["marts.fct_funding_rounds.source_url", "origin"]) == {
        "landing.funding_rounds.source_url"
    }
    assert listed(columns.loc["marts.dim_layers.title", "origin"]) == {"seeds.layers.title"}


def test_every_column_of_the_marts_has_a_known_origin(
    columns: pd.DataFrame, edges: pd.DataFrame
) -> None:
    marts = columns[columns["table_schema"] == "marts"]
    assert marts.index[marts["origin"] == "unknown"].to_list() == []
    # The others are known to have none: every way back ends in constants or counted rows.
    for schema, table, column in marts.loc[
        marts["origin"].isna(), ["table_schema", "table_name", "column_name"]
    ].to_numpy():
        assert ends(edges, schema, table, column) <= {"constant", "counted"}, (table, column)


def ends(edges: pd.DataFrame, schema: str, table: str, column: str) -> set[str]:
    """Return what stands where the ways back from a column end; `landed` where nothing does."""
    found = set()
    own = edges[
        (edges["downstream_schema"] == schema)
        & (edges["downstream_table"] == table)
        & (edges["downstream_column"] == column)
    ]
    for edge in own.to_dict("records"):
        upstream = [edge[f"upstream_{part}"] for part in ("schema", "table", "column")]
        if pd.isna(edge["upstream_column"]):
            found.add(str(edge["transformation"]))
        else:
            found |= ends(edges, *upstream)
    return found or {"landed"}


def test_every_place_in_the_lineage_exists(warehouse: Warehouse, edges: pd.DataFrame) -> None:
    with duckdb.connect(str(warehouse.home / "work.duckdb"), read_only=True) as work:
        work.execute(f"attach '{warehouse.served}' as served (read_only)")
        held = work.execute(
            "select schema_name, table_name, column_name from duckdb_columns() where not internal"
        ).fetchall()
    columns = {".".join(row) for row in held}
    tables = {place.rpartition(".")[0] for place in columns}
    for side in ("upstream", "downstream"):
        named = edges[edges[f"{side}_schema"].notna() & (edges[f"{side}_schema"] != "file")]
        places = named[[f"{side}_schema", f"{side}_table", f"{side}_column"]]
        for schema, table, column in places.to_numpy():
            known = f"{schema}.{table}" in tables
            assert known if pd.isna(column) else f"{schema}.{table}.{column}" in columns


def test_headers_in_the_lineage_stand_in_the_files(
    warehouse: Warehouse, edges: pd.DataFrame
) -> None:
    read = edges[(edges["transformation"] == "read") & edges["upstream_column"].notna()]
    headers: dict[str, set[object]] = {}
    for path in warehouse.raw.glob("*/*/20*"):
        if path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                cells: set[object] = set(next(csv.reader(file)))
        else:
            sheets = openpyxl.load_workbook(path, read_only=True)
            cells = {
                c for s in sheets for row in s.iter_rows(max_row=10, values_only=True) for c in row
            }
        headers[path.relative_to(warehouse.raw.parent).as_posix()] = cells
    of_files = read[read["upstream_table"].str.startswith("raw/")]
    assert set(of_files["upstream_table"]) == set(headers)
    for file, header in of_files[["upstream_table", "upstream_column"]].to_numpy():
        assert header in headers[file], (file, header)
    amounts = of_files[of_files["upstream_table"] == ROUNDS_FILE].set_index("downstream_column")
    assert amounts.loc["amount", "upstream_column"] == "Amount"
