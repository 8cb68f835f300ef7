"""The keys in the dbt seeds are what parsing makes of the names beside them."""

from __future__ import annotations

import csv

from orchestration.config import DBT_PROJECT
from orchestration.parsing.names import name_key


def test_alias_keys_are_those_of_their_names() -> None:
    with (DBT_PROJECT / "seeds" / "aliases.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for row in rows:
        assert (row["alias_key"], row["name_key"]) == (
            name_key(row["alias"]),
            name_key(row["name"]),
        )
