"""README.md's figures, written from the served file so that none is typed.

Belongs here: the Markdown between the README's markers. Not here: the rest of the README.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from orchestration.report.headline import (
    ARTICLE_MONTH,
    dollars,
    headlines,
    model_and_mlops_share,
    months,
    percent,
)

QUERY = """
select company, raised_usd, share_of_layer, rank_in_layer
from marts.rpt_company_share
where as_of_month = date '2023-02-28' and cohort = 'all' and layer = 'model_platform'
order by rank_in_layer
limit 5
""".strip()


def refresh(path: Path, served: Path, *, write: bool) -> bool:
    """Compare the marked blocks of the README with the served file; return whether they differ.

    Writes the README when they do and `write` is set.
    """
    before = path.read_text(encoding="utf-8")
    after = before
    for name, text in (("headline", headline_block(served)), ("query", query_block(served))):
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        head, _, rest = after.partition(start)
        after = head + start + text + end + rest.partition(end)[2]
    if write and after != before:
        path.write_text(after, encoding="utf-8")
    return after != before


def headline_block(served: Path) -> str:
    """Return the headline answer as two sentences and a table."""
    with duckdb.connect(str(served), read_only=True) as connection:
        shown = months(connection)
    month = shown.get("last complete month", shown["latest month"])
    by_scope = {(h.month, h.cohort): h for h in headlines(served)}
    young = by_scope[month, "founded_2013_or_later"]
    everyone = by_scope[month, "all"]
    sentence = (
        f"> By {_day(month)}, **{percent(model_and_mlops_share(young))}** of the "
        f"{dollars(young.total['raised_usd'])} of equity raised by GenAI companies founded in 2013 "
        "or later had gone to model platforms and MLOps. In the model layer the index of "
        f"concentration (HHI) was **{everyone.concentration['hhi']:,.0f}** of 10,000, and "
        f"**{percent(everyone.concentration['closed_share'])}** of the dollars sat with companies "
        f"whose models are closed. {percent(everyone.total['cited_share'])} of all dollars are "
        f"cited, {everyone.total['undisclosed_rounds']:,.0f} rounds are undisclosed, "
        f"{everyone.total['unknown_year_companies']:,.0f} companies have no known founding year.\n"
    )
    rows = [
        f"| {row['title']} | {dollars(row['raised_usd'])} | {percent(row['share'])} "
        f"| {percent(other['share'])} | {percent(earlier['share'])} | {row['companies']:,} |"
        for row, other, earlier in zip(
            everyone.layers, young.layers, by_scope[ARTICLE_MONTH, "all"].layers, strict=True
        )
    ]
    header = [
        f"| layer | equity to {month} | share | share, founded 2013+ "
        f"| share at {ARTICLE_MONTH} | companies |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    return sentence + "\n" + "\n".join([*header, *rows]) + "\n"


def query_block(served: Path) -> str:
    """Return the first query of the README and its result."""
    with duckdb.connect(str(served), read_only=True) as connection:
        found = connection.execute(QUERY).fetchall()
    rows = [
        f"| {company} | {dollars(raised)} | {percent(share)} | {rank} |"
        for company, raised, share, rank in found
    ]
    table = ["| company | raised | share of layer | rank |", "| --- | ---: | ---: | ---: |", *rows]
    return f"```sql\n{QUERY};\n```\n\n" + "\n".join(table) + "\n"


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"
