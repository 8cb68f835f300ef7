"""Pages made with Streamlit and marimo show the mart's figures, and a new version's on reload."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tools import RECIPES, look, program, server, two_versions

if TYPE_CHECKING:
    from conftest import Warehouse


def test_a_streamlit_page_shows_the_served_version(warehouse: Warehouse, tmp_path: Path) -> None:
    served = two_versions(warehouse, tmp_path)
    options = ["--server.headless=true", "--server.address=127.0.0.1", "--server.port={port}"]
    options.append("--browser.gatherUsageStats=false")
    page: list[str | Path] = [RECIPES / "streamlit_recipe.py", "--", served.path]
    with server([program("apps", "streamlit"), "run", *options, *page], tmp_path) as url:
        for version in ("", "_next"):
            shares = [f"{share:.4%}" for share in served.shares().values()]
            text = look("apps", url, max(shares, key=len), f"streamlit{version}")
            assert [share for share in shares if share not in text] == []
            if served.following.exists():
                served.publish()


def test_a_marimo_notebook_shows_the_served_version(warehouse: Warehouse, tmp_path: Path) -> None:
    served = two_versions(warehouse, tmp_path)
    options = ["run", "--headless", "--no-token", "--host=127.0.0.1", "--port={port}"]
    page: list[str | Path] = [RECIPES / "marimo_recipe.py", "--", "--file", served.path]
    with server([program("apps", "marimo"), *options, *page], tmp_path) as url:
        for version in ("", "_next"):
            largest = max(served.shares().values())
            look("apps", url, str(largest)[:8], f"marimo{version}")
            if served.following.exists():
                served.publish()
