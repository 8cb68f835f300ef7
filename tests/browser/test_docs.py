"""The dbt docs in a real browser with the network off: what a stranger who opens the page finds."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from chromium import browse, with_script

if TYPE_CHECKING:
    from conftest import Warehouse

MART = "model.genai_ledger.rpt_concentration"


@pytest.fixture(scope="module")
def page(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    # A folder of its own: the browser leaves its profile beside what it opens.
    path = tmp_path_factory.mktemp("docs") / "index.html"
    path.write_bytes((warehouse.home / "docs" / "index.html").read_bytes())
    return path


@pytest.fixture(scope="module")
def manifest(warehouse: Warehouse) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((warehouse.home / "dbt" / "manifest.json").read_text())
    return read


def text_of(dom: str) -> str:
    """Return what the page says, without its scripts, in single spaces."""
    body = re.sub(r"<(script|style).*?</\1>", " ", dom.partition("<body")[2], flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def said(markdown: str) -> str:
    """Return a description as a page shows it: without the marks of code, in single spaces."""
    return " ".join(markdown.replace("`", "").split())


def test_the_overview_tells_what_this_is_and_leads_to_pages_that_exist(
    page: Path, manifest: dict[str, Any]
) -> None:
    opened = browse(page, fragment="#!/overview")
    text = text_of(opened.dom)
    for heading in ("Where to start", "The layers", "How to follow a figure", "Conventions"):
        assert heading in text
    links = set(re.findall(r'href="#!/(?:model|source|exposure)/([a-z_.]+)"', opened.dom))
    assert len(links) > 15
    assert links <= {*manifest["nodes"], *manifest["sources"], *manifest["exposures"]}
    for exposure in manifest["exposures"].values():
        assert exposure["type"].capitalize() in text


def test_a_mart_is_shown_with_its_owner_and_all_descriptions(
    page: Path, manifest: dict[str, Any]
) -> None:
    model = manifest["nodes"][MART]
    text = text_of(browse(page, fragment=f"#!/model/{MART}").dom)
    assert said(model["description"]) in text
    assert "GenAI Ledger maintainers" in text
    for column in model["columns"].values():
        assert said(column["description"]) in text, column["name"]
    assert "hhi = 10,000 * sum over companies of" in text
    assert f"warehouse.marts.{model['name']}" in text
    assert "candidate.marts" not in text


@pytest.mark.parametrize("name", ["report", "exports", "bi"])
def test_an_exposure_is_shown_with_its_owner_its_address_and_what_it_reads(
    warehouse: Warehouse, page: Path, manifest: dict[str, Any], name: str
) -> None:
    exposure = manifest["exposures"][f"exposure.genai_ledger.{name}"]
    text = text_of(browse(page, fragment=f"#!/exposure/exposure.genai_ledger.{name}").dom)
    assert exposure["label"] in text
    assert said(exposure["description"]) in text
    assert exposure["owner"]["name"] in text
    assert (warehouse.home / "docs" / exposure["url"]).exists()
    for model in exposure["depends_on"]["nodes"]:
        assert manifest["nodes"][model]["name"] in text


def test_the_graph_of_a_mart_is_drawn(page: Path, tmp_path: Path) -> None:
    count = """
        const colours = new Set();
        for (const canvas of document.querySelectorAll("canvas")) {
            if (!canvas.width || !canvas.height) continue;
            const at = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            for (let i = 0; i < at.length; i += 4)
                if (at[i + 3] === 255) colours.add([at[i], at[i + 1], at[i + 2]].join());
        }
        document.title = "drawn: " + [...colours].join(" ");
    """
    counted = with_script(page.read_text(encoding="utf-8"), count, tmp_path / "graph.html")
    drawn = browse(counted, fragment=f"#!/model/{MART}?g_v=1&g_i=%2Brpt_concentration%2B").dom
    title = re.search(r"<title[^>]*>drawn: ([^<]*)</title>", drawn)
    assert title
    # Sources are green, models blue, exposures orange, all on one ground; names are in white.
    assert len(title[1].split()) >= 4
