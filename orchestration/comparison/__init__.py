"""What differs between two versions of the served file, and which raw cells made it differ.

Belongs here: rows of tables (`tables`), raw cells (`cells`), figures and what moved them
(`figures`), and how that is printed (`printing`). Not here: which versions there are (`versions`),
and what a figure is made of (`trace`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from orchestration.comparison import cells, figures, tables


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
