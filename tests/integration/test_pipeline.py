"""What a user sees who changes raw files and builds again.

Each test that needs a build of its own has one copy of the warehouse: a build takes half a minute.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pytest

from orchestration.config import Home
from orchestration.publication import publish, versions

if TYPE_CHECKING:
    from conftest import Warehouse

    Copy = Callable[[str], Warehouse]

ROUNDS = "funding_rounds/genai_rounds/2026-11-28.xlsx"
FIRST_ROUND = 5


def state(path: Path) -> str:
    """Hash a file, to see whether it stayed byte for byte."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_second_build_changes_nothing(warehouse: Warehouse) -> None:
    before = state(warehouse.served)
    again = warehouse.build()
    assert again.returncode == 0, again.stderr
    files = [path for path in warehouse.raw.rglob("*") if path.is_file()]
    assert f"unchanged  {len(files):,} files of raw/" in again.stdout
    assert state(warehouse.served) == before


def test_the_order_of_rows_does_not_matter(warehouse: Warehouse, copied_warehouse: Copy) -> None:
    shuffled = copied_warehouse("shuffled")
    workbook = openpyxl.load_workbook(shuffled.raw / ROUNDS)
    cells = [row for row in workbook["Rounds"].iter_rows(FIRST_ROUND) if row[1].value]
    assert len(cells) > 1000
    values = [[cell.value for cell in row] for row in cells]
    random.Random(7).shuffle(values)  # noqa: S311 - not for secrets
    for row, new in zip(cells, values, strict=True):
        for cell, value in zip(row, new, strict=True):
            cell.value = value
    workbook.save(shuffled.raw / ROUNDS)

    built = shuffled.build()

    assert built.returncode == 0, built.stderr
    tables = warehouse.query("select table_name from duckdb_tables()")["table_name"]
    reports = [table for table in tables if table.startswith("rpt_")]
    assert len(reports) >= 4
    for report in reports:
        pd.testing.assert_frame_equal(
            in_order(shuffled, report), in_order(warehouse, report), rtol=1e-9, obj=report
        )


def in_order(warehouse: Warehouse, report: str) -> pd.DataFrame:
    """Return a report sorted by all that is no measure, then by the measures.

    The points of a curve have no key but what they measure.
    """
    rows = warehouse.query(f"select * from marts.{report}")
    measures = [column for column in rows.columns if pd.api.types.is_float_dtype(rows[column])]
    keys = [column for column in rows.columns if column not in measures]
    in_order: pd.DataFrame = rows.sort_values([*keys, *measures], ignore_index=True)
    return in_order


def test_a_broken_header_is_told_in_one_sentence(
    warehouse: Warehouse, copied_warehouse: Copy
) -> None:
    broken = copied_warehouse("broken")
    workbook = openpyxl.load_workbook(broken.raw / ROUNDS)
    workbook["Rounds"]["A4"].value = "Compny nme"
    workbook.save(broken.raw / ROUNDS)

    built = broken.build()

    assert built.returncode == 1
    assert len(built.stderr.splitlines()) == 1
    for said in (f"raw/{ROUNDS}", "sheet 'Rounds'", "`company`", "'Compny nme'"):
        assert said in built.stderr
    assert state(broken.served) == state(warehouse.served)


VENDOR_SOURCE = """\
title: Export of a vendor
producer: A vendor
url: https://example.com/export
licence: For tests only
accessed_on: 2023-07-01
contents: Five rounds.
cadence: frozen
frozen_because: An export of one day.
"""
VENDOR_ROUNDS = """\
Startup Name,Date,Amount Raised,Funding Type,Lead Investor
Nimbus Prompting,05/23/2023,$2.1M,Seed,First Light Fund
Vector Orchard,04/13/2023,$500K,Pre-Seed,
Quiet Tokens,06/30/2023,Undisclosed,Seed,
Nimbus Prompting,06/15/2023,$4-6M,Series A,
Cohere,06/10/2023,$275M,Series C,Inovia Capital
"""


@pytest.fixture(scope="module")
def with_vendor(copied_warehouse: Copy) -> Warehouse:
    """Add a source with headers, amounts and dates of its own, and a few lines of source.yml."""
    extended = copied_warehouse("vendor")
    folder = extended.raw / "funding_rounds" / "vendor_export"
    folder.mkdir()
    (folder / "source.yml").write_text(VENDOR_SOURCE)
    (folder / "2023-07-01.csv").write_text(VENDOR_ROUNDS)
    built = extended.build()
    assert built.returncode == 0, built.stderr
    return extended


def test_a_new_source_is_a_new_folder(with_vendor: Warehouse) -> None:
    rounds = with_vendor.query(
        "select company, cast(announced_on as varchar), round_type, amount_usd, amount_basis "
        "from marts.fct_funding_rounds inner join marts.dim_companies using (company_id) "
        "where fct_funding_rounds.source_row_id like '%/vendor_export/%' order by announced_on"
    )
    assert rounds.astype(object).where(rounds.notna(), None).to_numpy().tolist() == [
        ["Vector Orchard", "2023-04-13", "Pre-Seed", 500_000, "as reported"],
        ["Nimbus Prompting", "2023-05-23", "Seed", 2_100_000, "as reported"],
        ["Nimbus Prompting", "2023-06-15", "Series A", 5_000_000, "midpoint"],
        ["Quiet Tokens", "2023-06-30", "Seed", None, "undisclosed"],
    ]
    leads = with_vendor.query(
        "select investor, is_lead from marts.fct_round_investors "
        "inner join marts.dim_investors using (investor_id) "
        "where round_id like 'nimbusprompting:%'"
    )
    assert leads.to_numpy().tolist() == [["First Light Fund", True]]


def test_companies_on_no_market_map_are_shown_as_unknown(with_vendor: Warehouse) -> None:
    (row,) = with_vendor.query(
        "select * from marts.rpt_layer_share "
        "where layer = 'unknown' and universe = 'everything_listed' and as_of_month = '2023-06-30'"
    ).to_dict("records")
    assert row["raised_usd"] == row["unknown_year_usd"] == 7_600_000
    assert row["companies"] == row["unknown_year_companies"] == 2
    assert (row["rounds"], row["undisclosed_rounds"]) == (4, 1)
    assert row["share"] > 0


def test_a_round_that_two_sources_state_counts_once(
    warehouse: Warehouse, with_vendor: Warehouse
) -> None:
    cohere = (
        "select amount_usd, source_rows from marts.fct_funding_rounds "
        "where company_id = 'cohere' and announced_on = '2023-06-08'"
    )
    assert warehouse.query(cohere).to_numpy().tolist() == [[270e6, 1]]
    assert with_vendor.query(cohere).to_numpy().tolist() == [[270e6, 2]]
    conflict = (
        "select told_date, other_date, days_apart, told_amount, other_amount, difference_usd "
        "from audit.round_conflicts"
    )
    assert with_vendor.query(conflict).to_numpy().tolist() == [
        ["2023-06-08 00:00:00", "06/10/2023", 2, "$270MM", "$275M", 5e6]
    ]
    assert len(warehouse.query(conflict)) == 0
    of_model_platforms = (
        "select as_of_month, universe, raised_usd, rounds from marts.rpt_layer_share "
        "where layer = 'model_platform' order by as_of_month, universe"
    )
    pd.testing.assert_frame_equal(
        with_vendor.query(of_model_platforms), warehouse.query(of_model_platforms), rtol=1e-12
    )


@pytest.fixture(scope="module")
def contradictory(copied_warehouse: Copy) -> tuple[Warehouse, str]:
    """Add a list that states two rates of one currency for one day; return what stderr says."""
    refused = copied_warehouse("contradictory")
    folder = refused.raw / "exchange_rates" / "second_list"
    folder.mkdir()
    (folder / "source.yml").write_text(VENDOR_SOURCE)
    (folder / "2023-07-01.csv").write_text(
        "Day,Currency,Rate\n2023-06-30,SEK,11.8\n2023-06-30,SEK,11.9\n"
    )
    built = refused.build()
    assert built.returncode == 1
    return refused, built.stderr


def test_rows_that_break_an_audit_are_not_published(
    warehouse: Warehouse, contradictory: tuple[Warehouse, str]
) -> None:
    refused, told = contradictory
    assert "the test stg_exchange_rates_holds failed" in told
    assert "source, snapshot_on, rate_date, currency (unique, 1 rows)" in told
    assert state(refused.served) == state(warehouse.served)


def test_a_broken_audit_is_told_in_an_analysts_words(contradictory: tuple[Warehouse, str]) -> None:
    _, told = contradictory
    assert all(line.startswith("Problem: ") for line in told.splitlines())
    assert "dagster" not in told
    assert "dbt_build" not in told


def test_a_failed_test_refuses_the_candidate_by_name(copied_warehouse: Copy) -> None:
    place = Home(copied_warehouse("refused").home)
    shutil.copyfile(place.served, place.candidate)
    results = json.loads(place.audit_results.read_text())
    failing = next(r for r in results["results"] if ".dim_companies_holds" in r["unique_id"])
    failing |= {"status": "fail", "message": "Got 3 results, configured to fail if != 0"}
    passed = place.audit_results.read_text()
    place.audit_results.write_text(json.dumps(results))
    # Forced, so that nothing but the audit keeps the candidate from being served.
    request = publish.BuildRequest({}, {}, force=True)
    before = state(place.served)

    with pytest.raises(publish.PublicationRefusedError) as refusal:
        publish.publish(place, request)

    assert "dim_companies_holds failed: Got 3 results" in str(refusal.value)
    assert state(place.served) == before
    assert place.candidate.exists()

    place.audit_results.write_text(passed)
    version = publish.publish(place, request)
    assert versions.served(place) == version
    # The candidate stays for the next build, and nobody who changes it changes what was published.
    assert not versions.file(place, version).samefile(place.candidate)
    assert not place.served.samefile(place.candidate)
