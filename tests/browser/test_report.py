"""The report in a real browser with the network off, and its downloads against the marts.

Belongs here: what a reader sees, hears or downloads. Not here: whether the marts are right.
Chromium must be installed: a report that nobody opened is not tested.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import duckdb
import pandas as pd
import pytest
from chromium import Opened, browse, with_script

from orchestration.report import formats, page

if TYPE_CHECKING:
    from conftest import Warehouse

SCRIPT = "<script>alert(1)</script>"
FORMULA = "=cmd|' /C calc'!A0"


def figures(html: str) -> dict[str, str]:
    """Return the HTML of each figure by its name."""
    return dict(re.findall(r'<figure id="([^"]+)"(.*?)</figure>', html, re.DOTALL))


def downloaded(html: str, name: str) -> list[dict[str, str]]:
    """Return the rows of a download that the page offers."""
    link = re.search(rf'href="data:text/csv;charset=utf-8,([^"]*)" download="{name}.csv"', html)
    assert link, name
    return list(csv.DictReader(io.StringIO(unquote(link[1]))))


@pytest.fixture(scope="session")
def report(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    page.write_report(warehouse.served, path)
    return path


@pytest.fixture(scope="session")
def html(report: Path) -> str:
    return report.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def opened(report: Path) -> Opened:
    return browse(report)


def test_every_chart_is_drawn_without_a_network_or_an_error(opened: Opened) -> None:
    assert opened.console == []
    drawn = figures(opened.dom)
    assert len(drawn) >= 11
    for name, figure in drawn.items():
        svg = re.search(r'<svg[^>]*class="marks".*?</svg>', figure, re.DOTALL)
        assert svg, name
        assert not re.search(r">\d{10,}<", svg[0]), f"{name}: a day as milliseconds"
        marks = re.findall(r'class="mark-(?:symbol|rect|line|area|rule) role-mark', svg[0])
        assert marks, name


def test_the_page_asks_nothing_of_the_network(html: str) -> None:
    assert "default-src 'none'" in html
    assert not re.findall(r"<script[^>]*\ssrc=", html)
    markup = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert not re.findall(r'\ssrc=|<link[^>]*href="(?!data:)|url\(|@import', markup)


def test_every_chart_has_a_heading_an_alternative_text_and_a_table(opened: Opened) -> None:
    for name, figure in figures(opened.dom).items():
        assert re.search(r"<h3[^>]*>[^<]+\?</h3>", figure), name
        assert re.search(r'role="graphics-document"[^>]*aria-label="[^"]{40,}"', figure), name
        assert re.search(r"<figcaption>\s*<p>[^<]{40,}</p>", figure), name
        table = figure[figure.index("<details>") :]
        assert '<th scope="col">' in table, name
        assert table.count("<tr>") > 1, name


def test_downloads_hold_rows_of_the_marts(html: str, warehouse: Warehouse) -> None:
    with duckdb.connect(str(warehouse.served), read_only=True) as connection:
        for name, figure in figures(html).items():
            mart = re.search(r"mart: <code>([^<]+)</code>", figure)
            assert mart, name
            rows = downloaded(figure, name)
            held = {row[0] for row in connection.execute(f"describe {mart[1]}").fetchall()}
            columns = [column for column in rows[0] if column in held]
            assert columns, name
            answer = connection.table(mart[1]).select(*columns).fetchall()
            in_mart = {
                tuple("" if value is None else str(value) for value in row) for row in answer
            }
            assert {tuple(row[column] for column in columns) for row in rows} <= in_mart, name


def test_a_download_holds_all_rows_that_its_chart_shows(html: str, warehouse: Warehouse) -> None:
    shown = warehouse.query(
        "select product, months_to_milestone from marts.rpt_adoption "
        "where milestone = '100 million users' order by months_to_milestone, product"
    )
    rows = downloaded(html, "adoption")
    assert [row["product"] for row in rows] == shown["product"].tolist()
    assert [float(row["months_to_milestone"]) for row in rows] == shown[
        "months_to_milestone"
    ].tolist()
    claims = warehouse.query("select claim_id from audit.claims")["claim_id"]
    assert {row["claim_id"] for row in downloaded(html, "claims")} == set(claims)


def test_every_claim_has_its_verdict_in_words(html: str, warehouse: Warehouse) -> None:
    verdicts = re.findall(r'aria-hidden="true">[✓✗±=○]</span> ([a-z ]+)</span>', html)
    assert sorted(verdicts) == sorted(warehouse.query("from audit.claims")["verdict"])


def test_the_same_file_gives_the_same_bytes(
    report: Path, warehouse: Warehouse, tmp_path: Path
) -> None:
    parts = page.write_report(warehouse.served, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == report.read_bytes()
    assert parts["bytes"] == report.stat().st_size


def test_a_slider_moves_its_chart(html: str, tmp_path: Path) -> None:
    def labels(dom: str) -> set[str]:
        drawn = figures(dom)["valuations"].partition("<svg")[2].partition("</svg>")[0]
        return set(re.findall(r">([^<>]+)</text>", drawn))

    rows = downloaded(html, "valuations")
    first = min(row["as_of_month"] for row in rows)
    then = {row["company"] for row in rows if row["as_of_month"] == first}
    move = """
        const slider = document.querySelector("#valuations input");
        slider.value = 0;
        slider.dispatchEvent(new Event("input"));
    """
    moved = with_script(html, move, tmp_path / "moved.html")
    dom = browse(moved).dom
    others = {row["company"] for row in rows} - then
    assert labels(dom) & others == set()
    assert labels(dom) >= then


def test_nothing_is_wider_than_a_phone(html: str, tmp_path: Path) -> None:
    measure = "document.title = [innerWidth, document.documentElement.scrollWidth]"
    narrow = with_script(html, measure, tmp_path / "narrow.html")
    found = re.search(r"<title>(\d+),(\d+)</title>", browse(narrow, width=390).dom)
    assert found
    # Headless Chromium may make its window wider than it is told.
    assert int(found[2]) <= int(found[1]) <= 500


def test_hostile_names_stay_text(warehouse: Warehouse, tmp_path: Path) -> None:
    served = Path(shutil.copy(warehouse.served, tmp_path / "hostile.duckdb"))
    with duckdb.connect(str(served)) as connection:
        for name, company in ((SCRIPT, "openai"), (FORMULA, "anthropic")):
            for change in (
                "update marts.dim_companies set company = ? where company_id = ?",
                "update marts.rpt_valuations set company = ? where company_id = ?",
                "update marts.rpt_company_share set company = ? where company_id = ?",
            ):
                connection.execute(change, [name, company])
        connection.execute("update audit.claims set quotation = ?, note = ?", [SCRIPT, FORMULA])
    written = tmp_path / "report.html"
    page.write_report(served, written)
    hostile = written.read_text(encoding="utf-8")
    assert SCRIPT not in hostile
    names = {row["company"] for row in downloaded(hostile, "valuations")}
    assert {SCRIPT, f"'{FORMULA}"} <= names
    seen = browse(written)
    assert seen.console == []
    assert len(re.findall(r'<svg[^>]*class="marks"', seen.dom)) == len(figures(seen.dom))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"])
def test_a_download_makes_a_text_that_could_run_inert(text: str) -> None:
    rows = list(
        csv.DictReader(
            io.StringIO(formats.csv_text(pd.DataFrame({"text": [text], "number": [-1.5]})))
        )
    )
    assert rows == [{"text": f"'{text}", "number": "-1.5"}]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x"])
def test_only_web_addresses_become_links(
    address: str, warehouse: Warehouse, tmp_path: Path
) -> None:
    served = Path(shutil.copy(warehouse.served, tmp_path / "hostile.duckdb"))
    with duckdb.connect(str(served)) as connection:
        connection.execute("update audit.source_files set url = ?", [address])
        connection.execute("update marts.fct_funding_rounds set source_url = ?", [address])
    page.write_report(served, tmp_path / "report.html")
    assert f'href="{address}' not in (tmp_path / "report.html").read_text(encoding="utf-8")
