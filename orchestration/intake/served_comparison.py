"""What a file would add to what is served: companies outside the maps, repeats, rounds too early.

Belongs here: questions about judged rows and the served file, so that a list shows what it would do
before it is believed. They stand in compare_<kind>.sql, for kinds that universes are made of.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from orchestration.publication.contents import attach, query
from orchestration.sources.kinds import Kind

_FOLDER, _LISTS = Path(__file__).parent, ("largest_repeats", "moved_shares")


def compare_with_served(
    judged: duckdb.DuckDBPyConnection, kind: Kind, served_file: Path
) -> dict[str, Any] | None:
    """Return what accepted rows would add to the served file, by name; amounts in US dollars.

    Of rounds also the largest that may be told twice, and each share of a layer or company that
    would move by a point or more. None when nothing is served yet, when the served file is of an
    older make or damaged, or for a kind that no universe is made of.
    """
    script = _FOLDER / f"compare_{kind.name}.sql"
    if not script.exists() or not served_file.exists():
        return None
    try:
        attach(judged, served_file, "served")
        judged.execute(script.read_text(encoding="utf-8"))
        [counts] = query(judged, "from counts")
        found: dict[str, Any] = {name: int(value) for name, value in counts.items()}
        if kind.name == "funding_rounds":
            found |= {name: query(judged, f"from {name}") for name in _LISTS}
    except duckdb.Error:
        return None
    return found
