"""The reports equal an independent recomputation from the raw files, over all months and days."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd
import plain_reports
import pytest
from plain_reading import Ledger, read_ledger
from plain_reports import Row, Scope

if TYPE_CHECKING:
    from conftest import Warehouse

DIGITS = 1e-9


@pytest.fixture(scope="module")
def ledger(pytestconfig: pytest.Config, warehouse: Warehouse) -> Ledger:
    return read_ledger(warehouse.raw, pytestconfig.rootpath / "dbt_project" / "seeds")


@pytest.fixture(scope="module")
def scopes(ledger: Ledger) -> list[Scope]:
    return plain_reports.scopes(ledger)


def assert_published(
    warehouse: Warehouse, report: str, keys: list[str], rows: Iterable[Row]
) -> None:
    """Compare all rows and every recomputed column of a report."""
    expected = pd.DataFrame(list(rows))
    columns = ", ".join(expected.columns)
    published = warehouse.query(f"select {columns} from marts.{report}")
    assert len(expected) > 1000
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
    texts = [column for column in ("company", "layer") if column in sorted_frame]
    numbers = sorted_frame.drop(columns=texts).astype(float)
    comparable: pd.DataFrame = numbers.join(sorted_frame[texts].fillna(""))
    return comparable


def test_every_layers_share_of_every_month(warehouse: Warehouse, scopes: list[Scope]) -> None:
    keys = ["as_of_month", "cohort", "layer"]
    assert_published(warehouse, "rpt_layer_share", keys, plain_reports.layer_share(scopes))


def test_every_months_concentration(warehouse: Warehouse, scopes: list[Scope]) -> None:
    keys = ["as_of_month", "cohort", "layer"]
    assert_published(warehouse, "rpt_concentration", keys, plain_reports.concentration(scopes))


def test_every_companys_share_of_every_month(warehouse: Warehouse, scopes: list[Scope]) -> None:
    keys = ["as_of_month", "cohort", "company_id"]
    assert_published(warehouse, "rpt_company_share", keys, plain_reports.company_share(scopes))


def test_every_days_releases(warehouse: Warehouse, ledger: Ledger) -> None:
    keys = ["released_on"]
    assert_published(warehouse, "rpt_release_cadence", keys, plain_reports.release_cadence(ledger))
