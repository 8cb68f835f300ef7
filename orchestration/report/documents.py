"""The figures of README.md and docs/data-quality.md, written from the served file: none is typed.

Belongs here: the Markdown between the markers of those documents. Not here: the rest of them.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
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

_QUALITY = """
select companies.layer, count(distinct companies.company_id), count(*),
       sum(case when rounds.amount_usd is null then 1 else 0 end), sum(rounds.amount_usd),
       sum(case when rounds.evidence = 'cited' then rounds.amount_usd else 0 end)
           / sum(rounds.amount_usd),
       sum(case when rounds.date_precision = 'day' then 1 else 0 end) / count(*)
from marts.fct_funding_rounds as rounds
inner join marts.dim_companies as companies on rounds.company_id = companies.company_id
inner join marts.dim_layers as layers on companies.layer = layers.layer
where rounds.kind = 'equity' and rounds.announced_on <= ?
group by grouping sets ((companies.layer, layers.layer_position), ())
order by max(layers.layer_position), companies.layer nulls last
"""

Block = Callable[[Path, Path], str]  # from the project's folder and the served file


def refresh(project: Path, served: Path, *, write: bool) -> list[str]:
    """Compare the marked blocks of the documents with the served file; name those that differ.

    Writes them when `write` is set.
    """
    stale = []
    for name, blocks in DOCUMENTS.items():
        path = project / name
        before = after = path.read_text(encoding="utf-8")
        for block, text in blocks.items():
            start, end = f"<!-- {block} -->\n", f"<!-- /{block} -->"
            head, _, rest = after.partition(start)
            after = head + start + text(project, served) + end + rest.partition(end)[2]
        if after != before:
            stale.append(name)
            if write:
                path.write_text(after, encoding="utf-8")
    return stale


def headline_block(_: Path, served: Path) -> str:
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


def query_block(_: Path, served: Path) -> str:
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


def quality_block(_: Path, served: Path) -> str:
    """Return what the rounds cover: a row a layer, up to the last complete month."""
    with duckdb.connect(str(served), read_only=True) as connection:
        shown = months(connection)
        month = shown.get("last complete month", shown["latest month"])
        found = connection.execute(_QUALITY, [month]).fetchall()
    lines = [
        f"Equity rounds announced up to {_day(month)}:",
        "",
        "| layer | companies | rounds | without an amount | dollars | cited dollars | day known |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for layer, companies, rounds, undisclosed, usd, cited, dated in found:
        lines.append(
            f"| {layer or 'all layers'} | {companies:,} | {rounds:,} | {undisclosed:,} "
            f"| {dollars(usd)} | {percent(cited)} | {percent(dated)} |"
        )
    return "\n".join(lines) + "\n"


def audit_block(project: Path, _: Path) -> str:
    """Return the result of checking drawn rounds against sources other than the one cited."""
    with (project / "docs" / "round-audit.csv").open(encoding="utf-8", newline="") as file:
        verdicts = Counter(row["verdict"] for row in csv.DictReader(file))
    checked = verdicts["agrees"] + verdicts["differs"]
    return (
        f"Of {verdicts.total():,} rounds drawn, another source was found for {checked:,}: "
        f"{verdicts['agrees']:,} agree and {verdicts['differs']:,} differ in amount (by more than "
        f"5%) or date (by more than 31 days), an error rate of "
        f"{percent(verdicts['differs'] / checked)}. With so few checked, a true rate of up to "
        f"{percent(3 / checked)} would still be plausible. For "
        f"{verdicts['no other source found']:,} no other source was found.\n"
    )


DOCUMENTS: Mapping[str, Mapping[str, Block]] = {
    "README.md": {"headline": headline_block, "query": query_block},
    "docs/data-quality.md": {"coverage": quality_block, "audit": audit_block},
}
