"""What a run shows of what it made: tables as tables, the headline and what moved in it.

Belongs here: metadata for Dagster's UI. Not here: the answers (`report.answers`), nor what is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from orchestration.config import Home

_TOTALS = """
select (select count(*) from audit.rejects) as rejects,
       (select count(*) from marts.fct_funding_rounds) as rounds,
       (select coalesce(sum(amount_usd), 0) from marts.fct_funding_rounds) as dollars
"""


def table(rows: Iterable[Mapping[str, Any]]) -> dg.MetadataValue[Any]:
    """Return rows as a table; a word where there is none."""
    lines = [dg.TableRecord(dict(row)) for row in rows]
    return dg.MetadataValue.table(lines) if lines else dg.MetadataValue.text("none")


def described_columns(home: Home) -> int:
    """Return how many columns the candidate's dictionary describes."""
    with duckdb.connect(str(home.candidate), read_only=True) as connection:
        found = connection.execute("select count(*) from audit.data_dictionary").fetchone()
    return int(found[0]) if found else 0


def what_it_says(file: Path, before: Path | None) -> dict[str, Any]:
    """Return the totals and the headline of a published file, and what moved since another."""
    # What reads figures takes half a second to import, which most processes of Dagster don't need.
    from orchestration.report.answers import find_answers  # noqa: PLC0415
    from orchestration.report.formats import cell, header, records  # noqa: PLC0415
    from orchestration.report.moves import describe_moves  # noqa: PLC0415
    from orchestration.report.scope import (  # noqa: PLC0415
        NoRoundsError,
        choose_scope,
        read_rows,
    )

    with duckdb.connect(str(file), read_only=True) as connection:
        (totals,) = records(read_rows(connection, _TOTALS))
        told: dict[str, Any] = {
            "rejected_rows": int(totals["rejects"]),
            "rounds": int(totals["rounds"]),
            "dollars": cell(totals["dollars"], "raised_usd"),
        }
        try:
            answers = find_answers(connection, choose_scope(connection))
        except NoRoundsError:
            return told
        layers = records(read_rows(connection, "from headline_layers"))
    # Tables, which a run's page shows as they are: Markdown stands behind a link there.
    told["headline"] = table(
        {"figure": answer.value, "is": answer.sentence, "of": answer.basis}
        for answer in answers.values()
    )
    told["layers"] = table(
        {header(name): cell(value, name) for name, value in row.items()} for row in layers
    )
    if before and before.exists():
        moves = describe_moves(before, file) or ["No verdict changed, no share moved by a point."]
        told["moved"] = table({"since the version before": move} for move in moves)
    return told
