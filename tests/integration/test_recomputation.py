"""The reports equal an independent recomputation from the raw files, over all months and days."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import plain_arguments
import plain_reports
import pytest
from plain_reading import (
    Ledger,
    money_by_currency,
    organisation_types,
    read_benchmarks,
    read_costs,
    read_ledger,
)
from plain_reports import Row, Scope

if TYPE_CHECKING:
    from conftest import Warehouse

DIGITS = 1e-9
TEXTS = ("company", "layer", "model_access", "source_row_id", "base_model_id", "root_model_id")


@pytest.fixture(scope="module")
def seeds(pytestconfig: pytest.Config) -> Path:
    return pytestconfig.rootpath / "dbt_project" / "seeds"


@pytest.fixture(scope="module")
def ledger(seeds: Path, warehouse: Warehouse) -> Ledger:
    return read_ledger(warehouse.raw, seeds)


@pytest.fixture(scope="module")
def scopes(ledger: Ledger) -> list[Scope]:
    return plain_reports.scopes(ledger)


def assert_published(
    warehouse: Warehouse, report: str, keys: list[str], rows: Iterable[Row], at_least: int = 1001
) -> None:
    """Compare all rows and every recomputed column of a report, of at least so many rows."""
    expected = pd.DataFrame(list(rows))
    columns = ", ".join(expected.columns)
    published = warehouse.query(f"select {columns} from marts.{report}")
    assert len(expected) >= at_least
    pd.testing.assert_frame_equal(
        _comparable(published, keys),
        _comparable(expected, keys),
        check_dtype=False,
        check_index_type=False,
        rtol=DIGITS,
        atol=DIGITS,
    )


def _comparable(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Sort by the keys, with one kind of null and numbers as floats."""
    sorted_frame = frame.set_index(keys).sort_index()
    texts = [column for column in TEXTS if column in sorted_frame]
    numbers = sorted_frame.drop(columns=texts).astype(float)
    comparable: pd.DataFrame = numbers.join(sorted_frame[texts].fillna(""))
    return comparable


def test_every_layers_share_of_every_month(warehouse: Warehouse, scopes: list[Scope]) -> None:
    keys = ["as_of_month", "universe", "layer"]
    assert_published(warehouse, "rpt_layer_share", keys, plain_reports.layer_share(scopes))


def test_every_months_concentration(warehouse: Warehouse, scopes: list[Scope]) -> None:
    keys = ["as_of_month", "universe", "layer"]
    assert_published(warehouse, "rpt_concentration", keys, plain_reports.concentration(scopes))


def test_every_companys_share_of_every_month(warehouse: Warehouse, scopes: list[Scope]) -> None:
    keys = ["as_of_month", "universe", "company_id"]
    assert_published(warehouse, "rpt_company_share", keys, plain_reports.company_share(scopes))


def test_the_thesis_then_and_now(warehouse: Warehouse, scopes: list[Scope]) -> None:
    """Nothing is compared where no universe is complete later than the article's month."""
    keys = ["universe", "measure", "now_month"]
    rows = plain_reports.thesis_then_and_now(scopes)
    columns = [*keys, "then_value", "now_value", "change_in_value"]
    expected = pd.DataFrame(list(rows), columns=columns)
    published = warehouse.query(f"select {', '.join(columns)} from audit.thesis_then_and_now")
    pd.testing.assert_frame_equal(
        _comparable(published, keys),
        _comparable(expected, keys),
        check_dtype=False,
        check_index_type=False,
        rtol=DIGITS,
    )


def test_every_days_releases(warehouse: Warehouse, ledger: Ledger) -> None:
    rows = plain_reports.release_cadence(ledger)
    keys = ["source", "released_on"]
    assert_published(warehouse, "rpt_release_cadence", keys, rows, at_least=1000)


def test_every_months_pace(warehouse: Warehouse, ledger: Ledger) -> None:
    rows = plain_arguments.funding_pace(ledger)
    keys = ["as_of_month", "universe"]
    assert_published(warehouse, "rpt_funding_pace", keys, rows)


def test_every_quarters_round_sizes(warehouse: Warehouse, ledger: Ledger) -> None:
    keys = ["quarter_start", "universe", "size_band"]
    rows = [
        *plain_arguments.round_sizes(ledger),
        *plain_arguments.published_round_sizes(read_benchmarks(warehouse.raw)),
    ]
    assert_published(warehouse, "rpt_round_sizes", keys, rows)


def test_every_quarters_mega_rounds(warehouse: Warehouse, ledger: Ledger) -> None:
    rows = plain_arguments.mega_rounds(ledger)
    keys = ["quarter_start", "universe"]
    assert_published(warehouse, "rpt_mega_rounds", keys, rows, at_least=500)


def test_every_months_ladder_of_valuations(warehouse: Warehouse, ledger: Ledger) -> None:
    keys = ["as_of_month", "company_id", "valued_on"]
    assert_published(warehouse, "rpt_valuations", keys, plain_arguments.valuations(ledger))


def test_every_cut_off_of_the_share(warehouse: Warehouse, ledger: Ledger) -> None:
    keys = ["as_of_month", "universe", "founded_from_year"]
    rows = plain_arguments.layer_share_sensitivity(ledger)
    assert_published(warehouse, "rpt_layer_share_sensitivity", keys, rows)


def test_every_lorenz_curve(warehouse: Warehouse, scopes: list[Scope]) -> None:
    keys = ["as_of_month", "universe", "layer", "held_usd"]
    rows = list(plain_reports.lorenz_curve(scopes))
    assert_published(warehouse, "rpt_lorenz_curve", keys, rows)


def test_every_pair_of_an_open_and_a_closed_model(warehouse: Warehouse) -> None:
    keys = ["model", "reference_model"]
    rows = plain_arguments.model_catch_up(read_costs(warehouse.raw))
    assert_published(warehouse, "rpt_model_catch_up", keys, rows, at_least=50)


def test_every_products_adoption(warehouse: Warehouse) -> None:
    rows = plain_arguments.adoption(read_benchmarks(warehouse.raw))
    assert_published(warehouse, "rpt_adoption", ["product"], rows, at_least=10)


def test_every_models_lineage(warehouse: Warehouse, ledger: Ledger) -> None:
    rows = plain_arguments.model_lineage(ledger)
    assert_published(warehouse, "rpt_model_lineage", ["model_id"], rows, at_least=400)


def test_every_base_model(warehouse: Warehouse, ledger: Ledger) -> None:
    rows = plain_arguments.base_models(ledger)
    assert_published(warehouse, "rpt_base_models", ["root_model_id"], rows, at_least=30)


def test_every_months_releases_by_type(warehouse: Warehouse, ledger: Ledger, seeds: Path) -> None:
    keys = ["released_month", "organisation_type"]
    types = organisation_types(seeds)
    rows = plain_reports.releases_by_organisation_type(ledger, types)
    assert_published(warehouse, "rpt_releases_by_organisation_type", keys, rows, at_least=20)


def test_every_currencys_money_of_the_rounds_is_reconciled(warehouse: Warehouse) -> None:
    money = warehouse.query(
        "select currency, stated, computed from audit.reconciliation "
        "where check_name = 'money' and kind = 'funding_rounds' and subject = 'amount' "
        "and file = (select max(file) from audit.source_files where kind = 'funding_rounds')"
    ).set_index("currency")
    expected = {code: float(amount) for code, amount in money_by_currency(warehouse.raw).items()}
    assert money["stated"].to_dict() == pytest.approx(expected)
    assert money["computed"].to_dict() == pytest.approx(expected)
    assert len(expected) >= 4
