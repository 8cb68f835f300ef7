"""The answers: a question, a figure that is a cell of a mart, and the sentence around it.

Belongs here: which cells answer which question, and the words. Not here: arithmetic (a mart holds
every figure), and where an answer is shown: the terminal, the page, README.md and docs/.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import duckdb
import pandas as pd

from orchestration.report.formats import day, dollars, percent
from orchestration.report.scope import Scope, read_rows

# A row a layer and their total, which has no layer.
LAYERS = """
select coalesce(titles.title, 'All layers') as layer, sum(shares.raised_usd) as raised_usd,
       sum(shares.share) as share, sum(shares.companies) as companies,
       sum(shares.rounds) as rounds, sum(shares.undisclosed_rounds) as undisclosed_rounds,
       sum(shares.cited_share * shares.raised_usd) / nullif(sum(shares.raised_usd), 0)
           as cited_share
from marts.rpt_layer_share as shares
inner join marts.dim_layers as titles on shares.layer = titles.layer
where shares.as_of_month = getvariable('month') and shares.universe = getvariable('universe')
group by grouping sets ((titles.title, titles.layer_position), ())
having sum(shares.rounds) > 0
order by titles.layer_position nulls last
"""


class Answer(NamedTuple):
    """A question, its figure, the sentence that begins with it, what it rests on, and its cell."""

    question: str
    value: str
    sentence: str
    basis: str
    cell: str


class _Question(NamedTuple):
    query: str
    answer: Callable[[Any, Scope], Answer]


def _answered_by(query: str) -> Callable[[Callable[[Any, Scope], Answer]], _Question]:
    """Make a function that tells of the row that `query` finds a question of the report."""
    return lambda answer: _Question(query, answer)


@_answered_by(
    """
    select sum(raised_usd) as raised_usd, sum(companies) as companies, sum(rounds) as rounds,
           sum(undisclosed_rounds) as undisclosed_rounds,
           sum(cited_share * raised_usd) / nullif(sum(raised_usd), 0) as cited_share,
           sum(case when layer in ('model_platform', 'mlops') then share end) as share,
           sum(case when layer <> 'unknown' then raised_usd end) as known_usd
    from marts.rpt_layer_share
    where as_of_month = getvariable('month') and universe = getvariable('universe')
    """
)
def layer_share(row: Any, scope: Scope) -> Answer:
    """Tell the share of model platforms and MLOps."""
    of_all = f"of the {dollars(row.raised_usd)} of equity raised by {day(scope.month)}"
    share, sentence = percent(row.share), f"{of_all} had gone to model platforms and MLOps"
    if not row.known_usd:
        share, sentence = (
            dollars(row.raised_usd),
            (f"of equity had been raised by {day(scope.month)}; no market map says in which layer"),
        )
    return Answer(
        "Which layer gets the money?",
        share,
        f"{sentence} ({scope.title}).",
        f"{row.companies:,} companies, {row.rounds:,} rounds, of which {row.undisclosed_rounds:,} "
        f"undisclosed; {percent(row.cited_share)} of the dollars are cited.",
        f"marts.rpt_layer_share.share, {scope.month}, {scope.universe}",
    )


@_answered_by(
    """
    select * from marts.rpt_concentration
    where as_of_month = getvariable('month') and universe = getvariable('universe')
          and layer = getvariable('layer')
    """
)
def concentration(row: Any, scope: Scope) -> Answer:
    """Tell how concentrated the layer is."""
    closed = f", and companies with closed models {percent(row.closed_share)}"
    return Answer(
        f"How much do the largest companies of {scope.layer_title} hold?",
        f"{row.hhi:,.0f}",
        f"of 10,000 was the index of concentration (HHI) of {scope.layer_title} on "
        f"{day(scope.month)}: its largest company held {percent(row.top_1_share)} of the dollars"
        f"{closed if row.closed_share else ''}.",
        f"{row.companies:,} companies, as if {row.effective_companies:.1f} equal ones shared the "
        f"dollars; the three largest held {percent(row.top_3_share)}, the Gini index is "
        f"{row.gini:.3f}.",
        f"marts.rpt_concentration.hhi, {scope.month}, {scope.universe}, {scope.layer}",
    )


@_answered_by(
    """
    select * from marts.rpt_company_share
    where as_of_month = getvariable('month') and universe = getvariable('universe')
    order by raised_usd desc, company_id
    limit 1
    """
)
def company_share(row: Any, scope: Scope) -> Answer:
    """Tell what the largest company holds."""
    return Answer(
        "How much does the largest company hold?",
        percent(row.share_of_all),
        f"of all equity raised by {day(scope.month)} was {row.company}'s: "
        f"{dollars(row.raised_usd)}, {percent(row.share_of_layer)} of its layer.",
        f"Its layer is {row.layer.replace('_', ' ')}, in which it is number {row.rank_in_layer}.",
        f"marts.rpt_company_share.share_of_all, {scope.month}, {scope.universe}, {row.company_id}",
    )


@_answered_by(
    """
    select * from marts.rpt_funding_pace
    where as_of_month = getvariable('month') and universe = getvariable('universe')
    """
)
def funding_pace(row: Any, scope: Scope) -> Answer:
    """Tell the year to date."""
    multiple = (
        f", {row.ytd_multiple:.1f} times all of the year before ({dollars(row.prior_year_usd)})"
    )
    return Answer(
        "How fast did the money come, year by year?",
        dollars(row.ytd_usd),
        f"was raised from January to {day(scope.month)}"
        f"{'' if pd.isna(row.ytd_multiple) else multiple}.",
        "Undisclosed rounds count as rounds, never as zero dollars.",
        f"marts.rpt_funding_pace.ytd_usd, {scope.month}, {scope.universe}",
    )


@_answered_by("select * from marts.rpt_release_cadence order by released_on desc limit 1")
def releases_per_day(row: Any, _: Scope) -> Answer:
    """Tell how many open models come out."""
    return Answer(
        "How many open models come out a day?",
        f"{row.original_releases_per_day_30d:.1f}",
        f"open models a day came out in the 30 days to {day(row.released_on)}, "
        f"{row.releases_per_day_30d:.1f} with quantised copies; the busiest day had "
        f"{row.max_in_day_to_date}.",
        f"{row.releases_to_date:,} models are dated to a day; {row.undated_to_date:,} listed "
        "models have no date and are outside the count.",
        f"marts.rpt_release_cadence.original_releases_per_day_30d, {row.released_on}",
    )


def _verdicts(claims: pd.DataFrame) -> Answer:
    counts = claims["verdict"].value_counts()
    others = [f"{count} {verdict}" for verdict, count in counts.items() if verdict != "supported"]
    return Answer(
        "Do published claims hold?",
        f"{counts.get('supported', 0)} of {len(claims)}",
        f"published claims are supported{''.join(f', {other}' for other in others)}.",
        "audit.claims has each with its quotation, its tolerance and its reason.",
        "audit.claims.verdict",
    )


_QUESTIONS = (layer_share, concentration, company_share, funding_pace, releases_per_day)


def find_answers(
    connection: duckdb.DuckDBPyConnection, scope: Scope, claims: pd.DataFrame
) -> dict[str, Answer]:
    """Return the answers whose cells the marts hold, by the name of the chart that shows each.

    Needs the variables of the scope.
    """
    found = {}
    for query, answer in _QUESTIONS:
        for row in read_rows(connection, query).itertuples():
            found[answer.__name__] = answer(row, scope)
    return found | ({"claims": _verdicts(claims)} if len(claims) else {})
