"""What the build says of published claims, and what it says when the data turn against one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pytest

if TYPE_CHECKING:
    from conftest import Warehouse

    Copy = Callable[[str], Warehouse]

ROUNDS = "funding_rounds/genai_rounds/2026-11-28.xlsx"


def claims(warehouse: Warehouse) -> pd.DataFrame:
    found: pd.DataFrame = warehouse.query("select * from audit.claims").set_index("claim_id")
    assert len(found) > 20
    return found


def kept_verdicts(warehouse: Warehouse) -> str:
    """Return the status of the dbt test that compares verdicts with those expected."""
    results = json.loads((warehouse.home / "dbt" / "audit_results.json").read_text("utf-8"))
    (status,) = (
        result["status"]
        for result in results["results"]
        if ".claims_keep_their_verdict" in result["unique_id"]
    )
    return str(status)


def test_every_claim_has_a_verdict_and_what_it_rests_on(warehouse: Warehouse) -> None:
    found = claims(warehouse)
    judged = found["verdict"] != "not comparable"
    assert found.loc[judged, "computed_value"].notna().all()
    assert found.loc[judged, "not_comparable_because"].isna().all()
    assert found.loc[~judged, "not_comparable_because"].notna().all()
    assert (found["verdict"] == found["expected_verdict"]).all()
    assert kept_verdicts(warehouse) == "pass"


def test_a_claim_that_leaves_its_companies_open_is_read_in_every_universe(
    warehouse: Warehouse,
) -> None:
    found = claims(warehouse)
    universes = set(warehouse.query("select universe from marts.dim_universes")["universe"])
    openai = found.loc["openai_cumulative_feb_2023"]
    assert openai["verdict"] == "depends on the universe"
    in_favour, against = (openai[c].split(", ") for c in ("supported_in", "contradicted_in"))
    assert sorted([*in_favour, *against]) == sorted(universes)
    assert "genai" in against
    assert "genai_2015_without_infrastructure" in in_favour


def test_readings_of_a_month_end_are_what_the_marts_say_of_it(warehouse: Warehouse) -> None:
    compared = warehouse.query("""
        select readings.computed_value as claimed, shares.share_of_all as stated
        from audit.claim_readings as readings
        inner join marts.rpt_company_share as shares
          on readings.universe = shares.universe and readings.measured_on = shares.as_of_month
        where readings.measure = 'company_share_of_all' and shares.company = 'OpenAI'
        union all
        select readings.computed_value, pace.ytd_usd
        from audit.claim_readings as readings
        inner join marts.rpt_funding_pace as pace
          on readings.universe = pace.universe and readings.measured_on = pace.as_of_month
        where readings.measure = 'ytd_usd' and readings.universe <> 'without_largest_round'
    """)
    assert len(compared) > 15
    assert compared["claimed"].to_list() == pytest.approx(compared["stated"].to_list(), rel=1e-9)


def test_no_figure_is_of_a_day_after_its_claim(warehouse: Warehouse) -> None:
    days = warehouse.query("""
        select claims.as_of, readings.measured_on
        from audit.claim_readings as readings
        inner join audit.claims as claims using (source_row_id)
        where readings.measured_on is not null
    """)
    assert len(days) > 100
    assert (days["measured_on"] <= days["as_of"]).all()


def test_a_claim_that_the_data_turn_against_is_a_warning(
    warehouse: Warehouse, copied_warehouse: Copy
) -> None:
    edited = copied_warehouse("contradicted")
    workbook = openpyxl.load_workbook(edited.raw / ROUNDS)
    series_c = [
        row
        for row in workbook["Rounds"].iter_rows()
        if (row[0].value, row[1].value) == ("Cohere", "Series C")
    ]
    assert [row[4].value for row in series_c] == ["$270MM"]
    series_c[0][4].value = "$100MM"
    workbook.save(edited.raw / ROUNDS)

    built = edited.build()

    assert built.returncode == 0, built.stderr
    before, after = claims(warehouse).loc["cohere_series_c"], claims(edited).loc["cohere_series_c"]
    assert (before["computed_value"], before["verdict"]) == (270e6, "restated")
    assert (after["computed_value"], after["verdict"]) == (100e6, "contradicted")
    assert kept_verdicts(edited) == "warn"
    assert "“its $270MM Series C led by Inovia Capital”: restated before, contradicted now." in (
        " ".join(built.stdout.split())
    )
