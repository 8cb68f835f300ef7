"""The figures of README.md and docs/data-quality.md, written from the served file: none is typed.

Belongs here: the Markdown between the markers of those documents. Not here: the rest of them, the
answers themselves (answers.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.publication.contents import open_database
from orchestration.report.answers import OF_ROUNDS, Answer, find_answers, find_later
from orchestration.report.formats import day, markdown, percent
from orchestration.report.scope import Scope, choose_later_scope, choose_scope, read_rows

# From the project's folder, the served file, and what its headlines speak of.
Block = Callable[[Path, duckdb.DuckDBPyConnection, Scope], str]


def refresh(project: Path, served: Path, *, write: bool) -> list[str]:
    """Compare the marked blocks of the documents with the served file; name those that differ.

    Writes them when `write` is set.
    """
    stale = []
    with open_database(served) as connection:
        for name, blocks in DOCUMENTS.items():
            path = project / name
            before = after = path.read_text(encoding="utf-8")
            for block, text in blocks.items():
                start, end = f"<!-- {block} -->\n", f"<!-- /{block} -->"
                head, _, rest = after.partition(start)
                tail = rest.partition(end)[2]
                scope = choose_scope(connection)  # anew: a block may have spoken of a later one
                after = head + start + text(project, connection, scope) + end + tail
            if after != before:
                stale.append(name)
                if write:
                    path.write_text(after, encoding="utf-8")
    return stale


def headline_block(_: Path, connection: duckdb.DuckDBPyConnection, scope: Scope) -> str:
    """Return the first answers and the table of layers, then the answers of the later month."""
    answers = find_answers(connection, scope)
    said = _quotation(answers[name] for name in (*OF_ROUNDS, "claims"))
    said += f"\n{markdown(read_rows(connection, 'from headline_layers'))}"
    later = find_later(connection)
    return f"{said}\n{_quotation(later.answers.values())}" if later else said


def _quotation(answers: Iterable[Answer]) -> str:
    return "".join(f"> - **{each.value}** {each.sentence}\n" for each in answers)


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


def years_block(_: Path, connection: duckdb.DuckDBPyConnection, scope: Scope) -> str:
    """Return the rounds of the headline universe by year and by size, later ones too."""
    years, sizes = (
        markdown(read_rows(connection, f"from coverage_by_{what}")) for what in ("year", "size")
    )
    return (
        f"By year ({scope.title}):\n\n{years}\nBy size, to {day(scope.month)} and later:\n\n{sizes}"
    )


def citations_block(_: Path, connection: duckdb.DuckDBPyConnection, scope: Scope) -> str:
    """Return the dollars by the kind of page that backs them, in both headlines."""
    query = "from headline_citations"
    spoken = [(scope, read_rows(connection, query))]
    later = choose_later_scope(connection)
    if later:
        spoken.append((later, read_rows(connection, query)))
    return "\n".join(
        f"{each.title}, to {day(each.month)}:\n\n{markdown(rows)}" for each, rows in spoken
    )


def audit_block(project: Path, _: duckdb.DuckDBPyConnection, __: Scope) -> str:
    """Return the result of checking drawn rounds against sources other than the one cited."""
    drawn = pd.read_csv(project / "docs" / "round-audit.csv").groupby("snapshot")["verdict"]
    return "\n".join(_audit_result(str(day_drawn), of_day) for day_drawn, of_day in drawn)


def _audit_result(snapshot: str, verdicts: pd.Series[str]) -> str:
    counts = verdicts.value_counts()
    agree, differ = counts.get("agrees", 0), counts.get("differs", 0)
    checked = agree + differ
    return (
        f"Of {len(verdicts):,} rounds drawn from the list of {day(snapshot)}, another source was "
        f"found for {checked:,}: {agree:,} agree and {differ:,} differ in amount (by more than 5%) "
        f"or date (by more than 31 days), an error rate of {percent(differ / checked)}. With so "
        f"few checked, a true rate of up to {percent(3 / checked)} would still be plausible. For "
        f"{len(verdicts) - checked:,} no other source was found.\n"
    )


DOCUMENTS: Mapping[str, Mapping[str, Block]] = {
    "README.md": {"headline": headline_block, "query": query_block},
    "docs/data-quality.md": {
        "coverage": coverage_block,
        "years": years_block,
        "citations": citations_block,
        "audit": audit_block,
    },
}
