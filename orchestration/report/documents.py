"""The figures of README.md and docs/data-quality.md, written from the served file: none is typed.

Belongs here: the Markdown between the markers of those documents. Not here: the rest of them, the
answers themselves (answers.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.report.answers import LAYERS, find_answers
from orchestration.report.formats import day, markdown, percent
from orchestration.report.scope import Scope, choose_scope, read_rows

_COVERAGE = """
select coalesce(layers.title, 'All layers') as layer,
       count(distinct companies.company_id) as companies, count(*) as rounds,
       sum(case when rounds.amount_usd is null then 1 else 0 end) as undisclosed_rounds,
       sum(rounds.amount_usd) as raised_usd,
       sum(case when rounds.evidence = 'cited' then rounds.amount_usd else 0 end)
           / sum(rounds.amount_usd) as cited_share,
       sum(case when rounds.date_precision = 'day' then 1 else 0 end) / count(*)
           as share_dated_to_a_day
from marts.fct_funding_rounds as rounds
inner join marts.dim_companies as companies on rounds.company_id = companies.company_id
inner join marts.dim_layers as layers on companies.layer = layers.layer
where rounds.kind = 'equity' and rounds.announced_on <= getvariable('month')
group by grouping sets ((layers.title, layers.layer_position), ())
order by layers.layer_position nulls last
"""

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
    answers = find_answers(connection, scope, read_rows(connection, "from audit.claims"))
    said = "".join(
        f"> - **{answer.value}** {answer.sentence} {answer.basis}\n"
        for name, answer in answers.items()
        if name in ("layer_share", "concentration", "claims")
    )
    return f"{said}\n{markdown(read_rows(connection, LAYERS))}"


def query_block(project: Path, connection: duckdb.DuckDBPyConnection, _: Scope) -> str:
    """Return what the first query in README.md finds."""
    readme = (project / "README.md").read_text(encoding="utf-8")
    return markdown(read_rows(connection, readme.partition("```sql\n")[2].partition(";")[0]))


def coverage_block(_: Path, connection: duckdb.DuckDBPyConnection, scope: Scope) -> str:
    """Return what the rounds cover: a row a layer, up to the last complete month."""
    table = markdown(read_rows(connection, _COVERAGE))
    return f"Equity rounds announced up to {day(scope.month)}:\n\n{table}"


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
