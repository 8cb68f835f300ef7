"""The keys in the dbt seeds are what parsing makes of the names beside them."""

from __future__ import annotations

import csv

from orchestration.config import DBT_PROJECT
from orchestration.parsing.model_names import maker_key
from orchestration.parsing.names import name_key
from orchestration.parsing.openness import licence_key


def rows_of(seed: str) -> list[dict[str, str]]:
    with (DBT_PROJECT / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    return rows


def test_alias_keys_are_those_of_their_names() -> None:
    for row in rows_of("aliases"):
        assert (row["alias_key"], row["name_key"]) == (
            name_key(row["alias"]),
            name_key(row["name"]),
        )


def test_keys_of_makers_are_those_of_their_names() -> None:
    rows = rows_of("organisation_names")
    for row in rows:
        assert row["maker_key"] == maker_key(row["name"])
    own_names = {name_key(row["name"]) for row in rows if row["reason"] == "its own name"}
    assert own_names == {row["organisation_id"] for row in rows}


def test_keys_of_licences_are_those_of_their_names() -> None:
    for row in rows_of("licences"):
        assert row["licence_key"] == licence_key(row["licence"])
