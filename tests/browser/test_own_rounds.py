"""A raw folder with a user's own list of two rounds and nothing else: what it gives is whole.

Belongs here: the terminal, the page, the docs and the exports of such a build. Not here: the
figures of the committed data (test_report.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from chromium import OpenedPage, open_pages
from conftest import Warehouse

from orchestration.report import data_sets, page

ROUNDS = """\
Company,Round,Date,Amount,Source URL
Acme AI,Series A,2024-05-05,$20M,https://example.org/1
Beta AI,Seed,2024-07-05,$5M,
"""
COMPANIES = "Company,Layer,Founded\nAcme AI,Application,2021\nBeta AI,MLOps,2022\n"
SOURCE = """\
title: My deals
producer: Me
url: https://example.org/deals
licence: internal
accessed_on: 2024-11-30
contents: Deals that we saw in 2024; debt is left out.
cadence: 30d
"""


@pytest.fixture(scope="module")
def own(
    tmp_path_factory: pytest.TempPathFactory, new_warehouse: Callable[[Path], Warehouse]
) -> tuple[Warehouse, str]:
    """Build the two rounds; return the warehouse and what the terminal said."""
    return _built(new_warehouse(tmp_path_factory.mktemp("own")), "funding_rounds", ROUNDS)


def _built(warehouse: Warehouse, kind: str, rows: str) -> tuple[Warehouse, str]:
    source = warehouse.raw / kind / "my_list"
    source.mkdir(parents=True)
    (source / "2024-11-30.csv").write_text(rows, encoding="utf-8")
    (source / "source.yml").write_text(SOURCE, encoding="utf-8")
    finished = warehouse.build()
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return warehouse, finished.stdout


def test_the_terminal_says_what_it_speaks_of(own: tuple[Warehouse, str]) -> None:
    said = own[1][own[1].index("Equity raised") :]
    assert said.startswith("Equity raised by 31 July 2024: Everything listed")
    assert re.search(r"All layers +\$25\.0MM +100\.0% +2 +2 +0 +80\.0%", said)
    assert "$25.0MM of equity had been raised by 31 July 2024 (Everything listed)" in said
    assert "no market map says in which layer" in said
    assert "No list of rounds says until when it is complete" in said
    assert "2 of 2 companies with rounds: in no market map." in said
    assert "only: 2, with $25.0MM." in said
    for month in ("2023", "2013"):
        assert month not in said


def test_docs_and_exports_are_whole(own: tuple[Warehouse, str]) -> None:
    home = own[0].home
    assert "rpt_layer_share" in (home / "docs" / "index.html").read_text(encoding="utf-8")
    page_text = (home / "report.html").read_text(encoding="utf-8")
    assert 'id="thesis"' not in page_text, "nothing to compare with June 2023"
    index = json.loads((home / "exports" / "index.json").read_text(encoding="utf-8"))
    for resource in index["resources"]:
        assert (home / "exports" / resource["path"]).exists()
    shares = own[0].query(
        "select universe, sum(raised_usd) as usd from marts.rpt_layer_share group by 1"
    )
    assert dict(shares.itertuples(index=False)) == {"everything_listed": 65_000_000}


def test_every_chart_of_the_page_has_data_and_speaks_of_companies_that_are_there(
    own: tuple[Warehouse, str],
) -> None:
    for browser in open_pages():
        with OpenedPage.open(browser, own[0].home / "report.html") as at:
            charts = at.drawn()
            text = " ".join([at.page.inner_text("body"), *charts.values()])
            console = at.console
    assert console == []
    assert {"funding-pace", "concentration", "company-share"} <= set(charts)
    for name, svg in charts.items():
        assert re.search(r'class="mark-(?:symbol|rect|line|area|rule) role-mark', svg), name
    assert "was Acme AI" in text
    assert "0.0% went" not in text, "there is no layer to speak of"
    assert "depending on the universe" not in text, "there is one"
    for absent in ("OpenAI", "ChatGPT", "2013", "2023", "NaN", "None", "nan", "<NA>"):
        assert not re.search(rf"\b{absent}\b", text), absent
    assert "The figures are of the universe Everything listed" in " ".join(text.split())


def test_a_company_is_found_where_there_is_no_model(own: tuple[Warehouse, str]) -> None:
    for browser in open_pages():
        with OpenedPage.open(browser, own[0].home / "report.html") as at:
            at.page.fill("#search", "acme")
            count = at.page.inner_text("#found-count")
            at.page.click("#found a >> nth=0")
            text = at.page.inner_text("#entity")
            console = at.console
    assert console == []
    assert count == "1 found"
    assert "Rounds, and where each is stated" in text
    assert "$20.0MM" in text
    assert "null" not in text, "no market map states it"


def test_a_page_of_more_rounds_than_it_has_room_for_says_so(
    own: tuple[Warehouse, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_sets, "MOST_ROWS", 1)
    page.write_report(own[0].served, tmp_path / "report.html")
    for browser in open_pages():
        with OpenedPage.open(browser, tmp_path / "report.html") as at:
            table = at.page.locator("details[data-set=rounds]")
            table.locator("summary").click()
            rounds = table.inner_text()
            companies = at.page.locator("details[data-set=companies] summary").inner_text()
            at.page.fill("#search", "a")
            count = at.page.inner_text("#found-count")
            at.page.click("#found a >> nth=0")
            found = at.page.inner_text("#entity")
    assert "The largest rounds, with their sources and their rows" in rounds
    assert "marts.fct_funding_rounds of warehouse.duckdb and exports/ has 1 more" in rounds
    assert "1 of 1 rows" in rounds
    assert "Acme AI" in rounds
    assert companies == "The companies that raised most"
    assert count == "1 found, among the largest and newest"
    assert "Those of its rounds that are among the largest of all" in found


def test_a_file_without_rounds_has_no_report(own: tuple[Warehouse, str], tmp_path: Path) -> None:
    empty = tmp_path / "empty.duckdb"
    empty.write_bytes(own[0].served.read_bytes())
    with duckdb.connect(str(empty)) as connection:
        connection.execute("delete from marts.rpt_layer_share")
    written = tmp_path / "report.html"
    written.write_text("of before", encoding="utf-8")
    assert page.write_report(empty, written) == {}
    assert not written.exists()


def test_companies_alone_are_published_without_a_report(
    tmp_path: Path, new_warehouse: Callable[[Path], Warehouse]
) -> None:
    warehouse, said = _built(new_warehouse(tmp_path), "companies", COMPANIES)
    assert "There is no funding round in these data" in said
    assert "report.html" not in said
    assert not (warehouse.home / "report.html").exists()
    named = warehouse.query("select company, layer from marts.dim_companies order by 1")
    assert [*named.itertuples(index=False)] == [("Acme AI", "application"), ("Beta AI", "mlops")]
