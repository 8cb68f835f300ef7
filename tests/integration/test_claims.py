"""What the build says of published claims, and what it says when the data turn against one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd

if TYPE_CHECKING:
    from conftest import Warehouse

    Copy = Callable[[str], Warehouse]

ROUNDS = "funding_rounds/genai_rounds/2026-11-23.xlsx"


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
    judged = found["verdict"].isin(["supported", "contradicted"])
    assert found.loc[judged, "computed_value"].notna().all()
    assert found.loc[judged, "not_comparable_because"].isna().all()
    assert (found.loc[~judged, "verdict"] == "not comparable").all()
    assert found.loc[~judged, "not_comparable_because"].notna().all()
    assert (found["verdict"] == found["expected_verdict"]).all()
    assert kept_verdicts(warehouse) == "pass"


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
    assert (before["computed_value"], before["verdict"]) == (270e6, "supported")
    assert (after["computed_value"], after["verdict"]) == (100e6, "contradicted")
    assert kept_verdicts(edited) == "warn"
