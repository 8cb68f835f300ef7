"""The figures in README.md and docs/data-quality.md are those of the committed data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.config import PROJECT
from orchestration.report import documents

if TYPE_CHECKING:
    from conftest import Warehouse


def test_the_documents_state_the_served_figures(warehouse: Warehouse) -> None:
    assert documents.refresh(PROJECT, warehouse.served, write=False) == []
