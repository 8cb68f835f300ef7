"""What a reader of the served file can rely on."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import column_index_from_string

if TYPE_CHECKING:
    from conftest import Warehouse

OLD_CLIENT = "1.1.3"

# Section 4 of the design: tables and columns that others rely on.
PROMISED = {
    "dim_companies": {
        *("company_id", "company", "founded_year", "hq_country", "layer", "alternative_layer"),
        *("category", "genai_fit", "is_mapped", "model_access"),
    },
    "dim_investors": {"investor_id", "investor"},
    "dim_models": {"model_id", "model"},
    "dim_layers": {"layer"},
    "dim_months": {"as_of_month"},
    "dim_universes": {
        *("universe", "title", "description", "membership", "is_headline", "complete_to"),
    },
    "fct_funding_rounds": {
        *("round_id", "company_id", "announced_on", "date_precision", "round_type", "kind"),
        *("amount_usd", "valuation_low_usd", "valuation_high_usd", "is_mega_round", "evidence"),
        "source_row_id",
    },
    "fct_round_investors": {"round_id", "investor_id", "is_lead", "is_strategic"},
    "fct_model_releases": {
        *("model_id", "released_on", "date_precision", "organisation", "organisation_type"),
        *("parameters_min_bn", "parameters_max_bn", "base_model_id", "licence_class"),
        "allows_commercial_use",
    },
    "rpt_layer_share": {
        *("as_of_month", "universe", "layer", "raised_usd", "share", "companies", "rounds"),
        *("undisclosed_rounds", "cited_share", "is_complete"),
    },
    "rpt_concentration": {
        *("as_of_month", "universe", "layer", "raised_usd", "companies", "hhi", "top_1_share"),
        *("top_3_share", "top_5_share", "top_10_share", "gini", "effective_companies"),
        *("closed_share", "open_share", "is_complete"),
    },
    "rpt_company_share": {
        *("as_of_month", "universe", "company", "raised_usd", "share_of_all", "share_of_layer"),
        *("rank_in_layer", "is_complete"),
    },
    "rpt_release_cadence": {
        *("source", "released_on", "releases", "releases_per_day_30d", "max_in_day_to_date"),
        "share_under_6_months",
    },
    "fct_model_scores": {"model_id", "benchmark", "as_of", "score", "training_cost_usd"},
    "rpt_funding_pace": {
        *("as_of_month", "universe", "raised_usd", "ytd_usd", "prior_year_usd", "ytd_multiple"),
        *("prior_year_to_date_usd", "trailing_12m_usd", "is_complete"),
        *("largest_round_usd", "largest_round_share", "other_rounds_usd", "other_rounds_multiple"),
    },
    "rpt_round_sizes": {
        *("quarter_start", "size_band", "universe", "rounds", "share_of_rounds", "share_of_usd"),
        "is_complete",
    },
    "rpt_mega_rounds": {
        *("quarter_start", "universe", "rounds", "raised_usd", "share_of_all", "is_complete"),
    },
    "rpt_valuations": {
        *("as_of_month", "company_id", "valuation_low_usd", "valuation_high_usd", "model_access"),
        *("strategic_backers", "valued_on", "is_stale", "is_complete"),
    },
    "rpt_model_catch_up": {
        *("model_id", "reference_model", "score_ratio", "training_cost_usd", "cost_ratio"),
        *("parameters_ratio", "days_behind"),
    },
    "rpt_layer_share_sensitivity": {
        *("as_of_month", "universe", "founded_from_year", "share", "raised_usd"),
    },
    "rpt_adoption": {"product", "milestone", "months_to_milestone"},
}


@pytest.fixture(scope="module")
def columns(warehouse: Warehouse) -> pd.DataFrame:
    return warehouse.query(
        "select schema_name, table_name, column_name, comment from duckdb_columns() "
        "where not internal"
    )


def test_it_holds_marts_and_audit_and_nothing_else(
    warehouse: Warehouse, columns: pd.DataFrame
) -> None:
    schemas = warehouse.query("select schema_name from duckdb_schemas() where not internal")
    assert set(schemas["schema_name"]) == set(columns["schema_name"]) == {"marts", "audit"}


@pytest.mark.parametrize("table", PROMISED)
def test_promised_columns_are_there(columns: pd.DataFrame, table: str) -> None:
    of_table = (columns["schema_name"] == "marts") & (columns["table_name"] == table)
    assert set(columns.loc[of_table, "column_name"]) >= PROMISED[table]


@pytest.mark.parametrize("table", PROMISED)
def test_no_promised_column_is_empty(warehouse: Warehouse, table: str) -> None:
    counted = ", ".join(f"count({column}) as {column}" for column in PROMISED[table])
    filled = warehouse.query(f"select {counted} from marts.{table}").iloc[0]
    assert (filled > 0).all(), filled[filled == 0].to_dict()


def test_every_table_and_column_says_what_it_is(
    warehouse: Warehouse, columns: pd.DataFrame
) -> None:
    tables = warehouse.query("select table_name, comment from duckdb_tables() where not internal")
    assert tables["comment"].fillna("").str.strip().all()
    assert columns["comment"].fillna("").str.strip().all()


def test_an_old_client_reads_every_table(warehouse: Warehouse) -> None:
    # `make test` installs it there, so that the tests themselves need no network.
    installed = Path(sys.prefix) / "clients" / f"duckdb-{OLD_CLIENT}"
    counting = """
import json, sys
sys.path.insert(0, sys.argv[3])
import duckdb
assert duckdb.__version__ == sys.argv[2]
served = duckdb.connect(sys.argv[1], read_only=True)
tables = served.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
print(json.dumps({t: served.execute(f"select count(*) from {t}").fetchone()[0] for t, in tables}))
"""
    counted = subprocess.run(
        # Isolated, and without this environment's packages: only the old client's folder is added.
        [sys.executable, "-I", "-S", "-c", counting, warehouse.served, OLD_CLIENT, installed],
        check=True,
        capture_output=True,
        text=True,
    )
    tables = warehouse.query("select schema_name || '.' || table_name as name from duckdb_tables()")
    assert json.loads(counted.stdout) == {
        name: warehouse.query(f"select count(*) as rows from {name}")["rows"].item()
        for name in tables["name"]
    }


def filled_rows(path: Path) -> Iterator[tuple[str, int]]:
    """Yield sheet and number of each row of a raw file that is not blank."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.reader(file), start=1):
                if any(row):
                    yield "", number
        return
    for sheet in openpyxl.load_workbook(path):
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            if any(cell is not None for cell in cells):
                yield sheet.title, number


def test_every_row_of_every_file_is_accepted_or_rejected(warehouse: Warehouse) -> None:
    files = warehouse.query("select * from audit.source_files")
    rejected = warehouse.query("select file, sheet from audit.rejects").value_counts()
    read = {
        path.relative_to(warehouse.raw.parent).as_posix(): list(filled_rows(path))
        for path in warehouse.raw.glob("*/*/20*")
    }
    assert set(read) == {file for file in files["file"] if file.startswith("raw/")}
    for file in files.to_dict("records"):
        name, sheet = file["file"], file["sheet"]
        assert file["rows_in_file"] == file["rows_accepted"] + file["rows_rejected"]
        assert file["rows_rejected"] == rejected.get((name, sheet), 0)
        if name in read and file["status"] == "landed":
            rows = [row for of_sheet, row in read[name] if of_sheet == sheet]
            assert file["rows_in_file"] == sum(row > file["header_row"] for row in rows)


def test_every_reject_names_the_cell_that_holds_its_value(warehouse: Warehouse) -> None:
    rejects = warehouse.query(
        "select rejects.*, source_files.columns_read "
        "from audit.rejects inner join audit.source_files using (file, sheet)"
    )
    assert len(rejects) > 30
    stated = rejects[["file", "row_number", "column_name", "rule", "reason"]]
    assert stated.notna().all(axis=None)
    for file, of_file in rejects.groupby("file"):
        sheets = sheets_of(warehouse.raw.parent / str(file))
        for reject in of_file.to_dict("records"):
            letter = json.loads(reject["columns_read"])[reject["column_name"]]["column"]
            row = sheets[reject["sheet"]][reject["row_number"] - 1]
            assert row[column_index_from_string(letter) - 1] == reject["value"]


def sheets_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the cells of each sheet, row by row; a csv file is one sheet without a name."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return {"": [tuple(row) for row in csv.reader(file)]}
    workbook = openpyxl.load_workbook(path)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in workbook}


@pytest.mark.parametrize(
    "sum_of_shares",
    [
        "select sum(share) as total from marts.rpt_layer_share group by as_of_month, universe",
        "select sum(share_of_all) as total from marts.rpt_company_share "
        "group by as_of_month, universe",
    ],
)
def test_shares_sum_to_one(warehouse: Warehouse, sum_of_shares: str) -> None:
    totals = warehouse.query(sum_of_shares)["total"]
    assert len(totals) > 200
    assert totals.to_list() == pytest.approx([1] * len(totals), abs=1e-9)


def test_the_index_of_concentration_is_possible(warehouse: Warehouse) -> None:
    index = warehouse.query("select hhi, companies from marts.rpt_concentration")
    assert (index["hhi"] >= 10_000 / index["companies"] - 1e-9).all()
    assert (index["hhi"] <= 10_000 + 1e-9).all()
