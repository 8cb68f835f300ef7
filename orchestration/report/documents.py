"""The figures of README.md and docs/data-quality.md, written from the served file: none is typed.

Belongs here: the Markdown between the markers of those documents. Not here: the rest of them, the
answers themselves (answers.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.report.answers import find_answers
from orchestration.report.formats import day, markdown, percent
from orchestration.report.scope import Scope, choose_scope, read_rows

# From the project's folder, the served file, and what its headlines speak of.
Block = Callable[[Path, duckdb.DuckDBPyConnection, Scope], str]


def refresh(project: Path, served: Path, *, write: bool) -> list[str]:
    """Compare the marked blocks of the documents with the served file; name those that differ.

    Writes them when `write` is set.
    """
    stale = []
    with duckdb.connect(str(served), read_only=True) as connection:
        scope = choose_scope(connection)
        for name, blocks in DOCUMENTS.items():
            path = project / name
            before = after = path.read_text(encoding="utf-8")
            for block, text in blocks.items():
                start, end = f"<!-- {block} -->\n", f"<!-- /{block} -->"
                head, _, rest = after.partition(start)
                tail = rest.partition(end)[2]
                after = head + start + text(project, connection, scope) + end + tail
            if after != before:
                stale.append(name)
                if write:
                    path.write_text(after, encoding="utf-8")
    return stale


def headline_block(_: Path, connection: duckdb.DuckDBPyConnection, scope: Scope) -> str:
    """Return the first answers as a quotation, and the table of layers."""
    answers = find_answers(connection, scope)
    said = "".join(
        f"> - **{answers[name].value}** {answers[name].sentence} {answers[name].basis}\n"
        for name in ("layer_share", "concentration", "closed_models", "claims")
    )
    return f"{said}\n{markdown(read_rows(connection, 'from headline_layers'))}"


def query_block(project: Path, connection: duckdb.DuckDBPyConnection, _: Scope) -> str:
    """Return what the first query in README.md finds."""
    readme = (project / "README.md").read_text(encoding="utf-8")
    return markdown(read_rows(connection, readme.partition("```sql\n")[2].partition(";")[0]))


def coverage_block(_: Path, connection: duckdb.DuckDBPyConnection, scope: Scope) -> str:
    """Return what the rounds cover: a row a layer, up to the last complete month."""
    dated = connection.execute(
        "select avg((date_precision = 'day')::int) from marts.fct_funding_rounds "
        "where kind = 'equity' and announced_on <= getvariable('month')"
    ).fetchall()[0][0]
    layers = markdown(read_rows(connection, "from headline_layers"))
    return (
        f"Equity rounds announced up to {day(scope.month)} ({scope.title}); {percent(dated)} of "
        f"the rounds are dated to a day:\n\n{layers}"
    )


def audit_block(project: Path, _: duckdb.DuckDBPyConnection, __: Scope) -> str:
    """Return the result of checking drawn rounds against sources other than the one cited."""
    verdicts = pd.read_csv(project / "docs" / "round-audit.csv")["verdict"].value_counts()
    agree, differ = verdicts.get("agrees", 0), verdicts.get("differs", 0)
    checked = agree + differ
    return (
        f"Of {verdicts.sum():,} rounds drawn, another source was found for {checked:,}: {agree:,} "
        f"agree and {differ:,} differ in amount (by more than 5%) or date (by more than 31 days), "
        f"an error rate of {percent(differ / checked)}. With so few checked, a true rate of up to "
        f"{percent(3 / checked)} would still be plausible. For {verdicts.sum() - checked:,} no "
        "other source was found.\n"
    )


DOCUMENTS: Mapping[str, Mapping[str, Block]] = {
    "README.md": {"headline": headline_block, "query": query_block},
    "docs/data-quality.md": {"coverage": coverage_block, "audit": audit_block},
}
