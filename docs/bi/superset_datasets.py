"""Register the marts in a running Superset: a connection, a dataset a mart, with their comments.

Usage: superset_datasets.py http://127.0.0.1:8088 USER PASSWORD warehouse.duckdb
Prints the id of each dataset as JSON. Superset takes the comments of columns by itself; those of
tables are set here.
"""

import json
import sys
from typing import Any
from urllib.request import Request, urlopen

import duckdb

url, user, password, file = sys.argv[1:]
headers = {"Content-Type": "application/json"}


def call(method: str, path: str, body: dict[str, Any]) -> Any:
    """Call Superset's REST API."""
    data = json.dumps(body).encode()
    with urlopen(Request(f"{url}/api/v1{path}", data, headers, method=method)) as answer:
        return json.load(answer)


login = {"username": user, "password": password, "provider": "db"}
headers["Authorization"] = f"Bearer {call('POST', '/security/login', login)['access_token']}"
connection = {
    "database_name": "GenAI Ledger",
    "sqlalchemy_uri": f"duckdb:///{file}",
    "extra": json.dumps({"engine_params": {"connect_args": {"read_only": True}}}),
}
database = call("POST", "/database/", connection)["id"]
with duckdb.connect(file, read_only=True) as warehouse:
    marts = warehouse.execute(
        "select table_name, comment from duckdb_tables() where schema_name = 'marts' order by 1"
    ).fetchall()
datasets = {}
for name, comment in marts:
    table = {"database": database, "schema": "marts", "table_name": name}
    datasets[name] = call("POST", "/dataset/", table)["id"]
    call("PUT", f"/dataset/{datasets[name]}", {"description": comment})
print(json.dumps(datasets))
