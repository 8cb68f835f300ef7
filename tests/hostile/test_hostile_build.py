"""Texts that are code in some language come through a whole build as the texts they are."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import case
from judge import SOURCE

if TYPE_CHECKING:
    from conftest import Warehouse

TAG = "<img src=x onerror=alert(2)>"
SCRIPT = "</script><script>alert(1)</script>"
# Large enough to stand in the report's charts and lists of the largest.
COMPANIES = {
    SCRIPT: "$99Bn",
    TAG: "$92Bn",
    "=cmd|'/C calc'!A0": "$93Bn",
    "@SUM(1+1)*cmd|'/C calc'!A0": "$94Bn",
    "'; drop table marts.dim_companies; --": "$95Bn",
    "{{ 7 * 7 }}{% raw %}": "$96Bn",
}
SHEET = '\'; drop table x; -- "{{ 7 }}"'


def test_names_that_are_code_stay_names(copied_warehouse: Callable[[str], Warehouse]) -> None:
    # A folder with a quotation mark holds raw files, database and exports.
    changed = copied_warehouse("it's")
    folder = changed.raw / "funding_rounds" / "hostile"
    folder.mkdir()
    (folder / "source.yml").write_text(SOURCE)
    rows: list[case.Row] = [(name, "2023-01-05", amount) for name, amount in COMPANIES.items()]
    book = case.workbook([case.HEADERS, *rows], title=SHEET)
    (folder / "2026-11-23.xlsx").write_bytes(book)
    changed.build()  # some claims of an article no longer hold with these companies
    # A tag alone is no name; it is rejected as it stands. Text between tags is one.
    assert set(companies(changed)) == set(COMPANIES) - {TAG, SCRIPT} | {"alert(1)"}
    rejected = changed.query("select value, sheet from audit.rejects where source = 'hostile'")
    assert rejected.to_dict("records") == [{"value": TAG, "sheet": SHEET}]
    page = (changed.home / "report.html").read_text(encoding="utf-8")
    assert "alert(1)" in page
    assert not re.search(r"<script>\s*alert|<img src=x", page)
    cells = [*exported_cells(changed.home / "exports")]
    assert any("cmd|" in cell for cell in cells)
    assert not [cell for cell in cells if re.match(r"[=@\t\r]|[+-](?![\d.])", cell)]


def companies(warehouse: Warehouse) -> list[str]:
    names = ", ".join(map(quoted, [*COMPANIES, "alert(1)"]))
    return list(
        warehouse.query(f"select company from marts.dim_companies where company in ({names})")[
            "company"
        ]
    )


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def exported_cells(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*.csv*"):
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                yield from row
