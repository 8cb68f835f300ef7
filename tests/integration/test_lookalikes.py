"""Files in the form of public lists land with a few lines of YAML, and nothing of them is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import pytest
from lookalikes import LOOKALIKES, Truth

if TYPE_CHECKING:
    from conftest import Warehouse

    Copy = Callable[[str], Warehouse]

NAMES = [make.__name__ for make in LOOKALIKES]


@pytest.fixture(scope="module")
def landed(copied_warehouse: Copy) -> tuple[Warehouse, dict[str, Truth]]:
    """Add all look-alikes to the committed raw files and build once."""
    extended = copied_warehouse("lookalikes")
    truths = {make.__name__: make(extended.raw) for make in LOOKALIKES}
    built = extended.build()
    assert built.returncode == 0, built.stderr
    return extended, truths


def staged(warehouse: Warehouse, sql: str) -> pd.DataFrame:
    """Return what the work file answers: staging isn't served."""
    with duckdb.connect(str(warehouse.home / "work.duckdb"), read_only=True) as connection:
        return connection.execute(sql).df()


@pytest.mark.parametrize("name", NAMES)
def test_every_row_is_accepted_or_rejected_as_it_should(
    landed: tuple[Warehouse, dict[str, Truth]], name: str
) -> None:
    warehouse, truths = landed
    truth = truths[name]
    (file,) = warehouse.query(
        f"select * from audit.source_files where file = '{truth.file}'"
    ).to_dict("records")
    rejected = warehouse.query(
        f"select rule, count(*) as n from audit.rejects where file = '{truth.file}' group by rule"
    )
    assert dict(rejected.to_numpy().tolist()) == dict(truth.rejected)
    assert file["rows_in_file"] == truth.rows
    assert file["rows_accepted"] + file["rows_rejected"] == truth.rows


@pytest.mark.parametrize("name", NAMES)
def test_money_is_the_files_and_all_of_it_accounted_for(
    landed: tuple[Warehouse, dict[str, Truth]], name: str
) -> None:
    warehouse, truths = landed
    truth = truths[name]
    checks = warehouse.query(f"select * from audit.reconciliation where file = '{truth.file}'")
    must_hold = checks[checks["holds"].notna()]
    assert len(must_hold) > 0
    assert must_hold["holds"].all()
    money = checks[(checks["check_name"] == "money") & (checks["subject"] == "amount")]
    stated = dict(money[["currency", "stated"]].to_numpy().tolist())
    assert stated == pytest.approx({code: sum_ for code, sum_ in truth.money.items() if sum_})


@pytest.mark.parametrize("name", NAMES)
def test_every_date_is_the_one_that_was_meant(
    landed: tuple[Warehouse, dict[str, Truth]], name: str
) -> None:
    warehouse, truths = landed
    truth = truths[name]
    column = "announced_on" if truth.kind == "funding_rounds" else "released_on"
    rows = staged(
        warehouse,
        f"select cast(split_part(source_row_id, '!', 2) as int) as n, {column} as day "
        f"from staging.stg_{truth.kind} where source = '{truth.name}'",
    )
    found = {n: day.date() for n, day in rows.to_numpy().tolist()}
    wrong = {n: (found.get(n), day) for n, day in truth.days.items() if found.get(n) != day}
    assert wrong == {}
    assert found.keys() == truth.days.keys()


def test_what_was_swapped_or_mended_is_told(landed: tuple[Warehouse, dict[str, Truth]]) -> None:
    warehouse, truths = landed
    notes = warehouse.query(
        "select subject, computed from audit.reconciliation "
        f"where check_name = 'dates_read_otherwise' and file = '{truths['swapped_twin'].file}'"
    )
    counts = dict(notes.to_numpy().tolist())
    assert counts.keys() == {"swapped back", "slip"}
    assert counts["swapped back"] > 1000


def test_kinds_of_money_come_from_the_vendors_words(
    landed: tuple[Warehouse, dict[str, Truth]],
) -> None:
    warehouse, truths = landed
    kinds = staged(
        warehouse,
        "select distinct round_label, kind from staging.stg_funding_rounds "
        f"where source in ('{truths['vendor_workbook'].name}', '{truths['broken_encoding'].name}')",
    )
    assert dict(kinds.to_numpy().tolist()) == {
        **dict.fromkeys(("Seed", "Series A", "venture", "seed", "angel"), "equity"),
        **dict.fromkeys(("private_equity", "undisclosed"), "equity"),
        **dict.fromkeys(("Debt Financing", "debt_financing", "Convertible Note"), "debt"),
        **dict.fromkeys(("Grant", "grant"), "grant"),
    }


def test_a_vendors_own_dollars_are_used(landed: tuple[Warehouse, dict[str, Truth]]) -> None:
    warehouse, truths = landed
    rows = staged(
        warehouse,
        "select amount_usd, stated_usd_low from intermediate.int_funding_rounds_in_usd "
        "inner join staging.stg_funding_rounds using (source_row_id) "
        f"where stg_funding_rounds.source = '{truths['vendor_workbook'].name}' "
        "and amount_low is not null",
    )
    assert len(rows) > 700
    assert (rows["amount_usd"] == rows["stated_usd_low"]).all()
