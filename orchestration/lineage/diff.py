"""What differs between two versions of the served file, and which raw cells made it differ.

Belongs here: rows of tables (`tables`), raw cells (`cells`), figures and what moved them
(`figures`), and how that is printed (`printing`). Not here: which versions there are (`versions`),
and what a figure is made of (`trace`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from orchestration.config import LedgerError
from orchestration.lineage import diff_cells, diff_figures, diff_tables


class NotComparableError(LedgerError):
    """A file is no published file that knows its raw cells; the message is one sentence."""


def compare(old: Path, new: Path) -> dict[str, Any]:
    """Return what differs between two published files (docs/trace.md describes the result).

    Raises NotComparableError.
    """
    with duckdb.connect() as connection:
        for name, path in (("old", old), ("new", new)):
            quoted = str(path).replace("'", "''")
            try:
                connection.execute(f"attach '{quoted}' as {name} (read_only)")
                connection.execute(f"from {name}.audit.source_cells limit 0")
            except duckdb.Error as error:
                raise NotComparableError(
                    f"{path} can't be compared: it is no published file, or one from before "
                    "raw cells were kept in it; build that version again."
                ) from error
        raw = diff_cells.changes(connection)
        moved_lines = raw.pop("moved_lines")
        return {
            "old": str(old),
            "new": str(new),
            **raw,
            "tables": diff_tables.changes(connection),
            **diff_figures.changes(connection, raw, moved_lines),
        }
