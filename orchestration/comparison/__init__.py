"""What differs between two versions of the served file, and which raw cells made it differ.

Belongs here: rows of tables (`tables`), raw cells (`cells`), figures and what moved them
(`figures`), and how that is printed (`printing`). Not here: making versions, and what a figure is
made of (`trace`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from orchestration.comparison import cells, figures, tables
from orchestration.config import Home


class NoVersionError(Exception):
    """There is no such file or version; the message is one sentence that says what to do."""


def file_of(place: Home, named: str) -> Path:
    """Return the file of a version, by the beginning of its id, or a file by its path.

    Raises NoVersionError when none or several are meant.
    """
    if Path(named).is_file():
        return Path(named)
    found = sorted((place.path / "versions").glob(f"{named}*/{place.served.name}"))
    if len(found) != 1:
        many = f"{len(found):,} versions begin with" if found else "There is no file or version"
        raise NoVersionError(f"{many} {named}: `genai-ledger versions` lists what there is.")
    return found[0]


def before_served(place: Home) -> Path:
    """Return the file of the version before the one that is served.

    Raises NoVersionError when none is kept.
    """
    with duckdb.connect(str(place.served), read_only=True) as connection:
        try:
            known = connection.execute(
                "select version_id from audit.publications order by published_at"
            ).fetchall()
        except duckdb.CatalogException:
            known = []
    served = known[-1][0] if known else None
    for (version,) in reversed(known):
        path = place.path / "versions" / str(version) / place.served.name
        if version != served and version < served and path.exists():
            return path
    raise NoVersionError("No version before the served one is kept: name two files or versions.")


def compare(old: Path, new: Path) -> dict[str, Any]:
    """Return what differs between two published files (docs/trace.md describes the result)."""
    with duckdb.connect() as connection:
        for name, path in (("old", old), ("new", new)):
            quoted = str(path).replace("'", "''")
            connection.execute(f"attach '{quoted}' as {name} (read_only)")
        raw = cells.changes(connection)
        moved_lines = raw.pop("moved_lines")
        return {
            "old": str(old),
            "new": str(new),
            **raw,
            "tables": tables.changes(connection),
            **figures.changes(connection, raw, moved_lines),
        }
