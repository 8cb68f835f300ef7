"""A real Superset on loopback: datasets with their comments, and a chart with the mart's shares."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import duckdb
import pytest
from tools import RECIPES, Served, look, program, server, two_versions

if TYPE_CHECKING:
    from conftest import Warehouse

LOGIN = ("admin", "only-for-this-test")
METRIC = {"expressionType": "SQL", "sqlExpression": "MAX(share)", "label": "share"}


class Superset:
    """A running Superset and the datasets registered in it."""

    def __init__(self, url: str, file: Path) -> None:
        """Log in and register the marts of a file with the recipe."""
        with duckdb.connect(str(file), read_only=True) as connection:
            newest = connection.execute(
                "select max(as_of_month) from marts.rpt_layer_share "
                "where universe = 'genai' and is_complete"
            )
            month = newest.fetchall()[0][0]
        # Superset refuses a query within the condition of a chart.
        self.newest = f"as_of_month = DATE '{month}' and universe = 'genai'"
        self.url = url
        self.headers = {"Content-Type": "application/json"}
        login = {"username": LOGIN[0], "password": LOGIN[1], "provider": "db"}
        token = self.call("POST", "/security/login", login)["access_token"]
        self.headers["Authorization"] = f"Bearer {token}"
        registered = subprocess.run(
            [program("superset", "python"), RECIPES / "superset_datasets.py", url, *LOGIN, file],
            capture_output=True,
            text=True,
            check=True,
        )
        self.datasets: dict[str, int] = json.loads(registered.stdout)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call its REST API."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/api/v1{path}", data, self.headers, method=method)  # noqa: S310
        with urlopen(request) as answer:  # noqa: S310
            return json.load(answer)

    def shares(self) -> dict[str, float]:
        """Return what a chart of the newest layer shares gets."""
        query = {"columns": ["layer"], "metrics": [METRIC], "extras": {"where": self.newest}}
        source = {"id": self.datasets["rpt_layer_share"], "type": "table"}
        body = {"datasource": source, "queries": [query], "result_format": "json"}
        rows = self.call("POST", "/chart/data", body)["result"][0]["data"]
        return {row["layer"]: row["share"] for row in rows}


@pytest.fixture
def served(warehouse: Warehouse, tmp_path: Path) -> Served:
    return two_versions(warehouse, tmp_path)


@pytest.fixture
def superset(served: Served, tmp_path: Path) -> Iterator[Superset]:
    variables = {
        "SUPERSET_HOME": str(tmp_path),
        "SUPERSET_CONFIG_PATH": str(Path(__file__).with_name("superset_config.py")),
        "SUPERSET_SECRET_KEY": os.urandom(42).hex(),
        "FLASK_APP": "superset",
    }
    admin = ["fab", "create-admin", "--firstname", "A", "--lastname", "B"]
    admin += ["--email", "admin@example.org", "--username", LOGIN[0], "--password", LOGIN[1]]
    for step in (["db", "upgrade"], admin, ["init"]):
        done = subprocess.run(
            [program("superset", "superset"), *step],
            env=os.environ | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
    command: list[str | Path] = [program("superset", "gunicorn"), "--workers", "1"]
    command += ["--threads", "8", "--timeout", "120", "--bind", "127.0.0.1:{port}"]
    with server([*command, "superset.app:create_app()"], tmp_path, **variables) as url:
        yield Superset(url, served.path)


def test_superset_lists_described_datasets_and_charts_the_same_shares(
    superset: Superset, served: Served
) -> None:
    with duckdb.connect(str(served.path), read_only=True) as connection:
        comments = {
            (table, column): comment
            for table, column, comment in connection.execute(
                "select table_name, column_name, comment from duckdb_columns() "
                "where schema_name = 'marts'"
            ).fetchall()
        }
    assert set(superset.datasets) == {table for table, _ in comments}
    for table, number in superset.datasets.items():
        dataset = superset.call("GET", f"/dataset/{number}")["result"]
        assert dataset["description"], table
        found = {(table, c["column_name"]): c["description"] for c in dataset["columns"]}
        assert found == {place: comments[place] for place in comments if place[0] == table}

    before = served.shares()
    assert superset.shares() == pytest.approx(before, abs=1e-12)

    parameters = {
        "viz_type": "table",
        "query_mode": "aggregate",
        "groupby": ["layer"],
        "metrics": [METRIC],
        "adhoc_filters": [
            {"clause": "WHERE", "expressionType": "SQL", "sqlExpression": superset.newest}
        ],
        "row_limit": 100,
    }
    number = superset.datasets["rpt_layer_share"]
    chart = {
        "slice_name": "Layer shares",
        "viz_type": "table",
        "datasource_id": number,
        "datasource_type": "table",
        "params": json.dumps(parameters | {"datasource": f"{number}__table"}),
    }
    slice_id = superset.call("POST", "/chart/", chart)["id"]
    address = f"{superset.url}/explore/?slice_id={slice_id}"
    assert "model_platform" in look("superset", address, "model_platform", "superset", *LOGIN)
    look(
        "superset",
        f"{superset.url}/tablemodelview/list/",
        "rpt_layer_share",
        "superset_datasets",
        *LOGIN,
    )

    served.publish()
    after = served.shares()
    assert after != before
    assert superset.shares() == pytest.approx(after, abs=1e-12)
