"""The report's answers in words: sentences made of cells of the marts, each naming its cell.

Belongs here: which cells answer which question, and the sentence around them. Not here:
arithmetic (a mart holds every figure), charts (charts.py).
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import duckdb

from orchestration.report.figures import Row, read
from orchestration.report.formats import day
from orchestration.report.headline import ARTICLE_MONTH, dollars, percent

YOUNG = "founded_2013_or_later"

_QUERIES = {
    "share": """
        select * from marts.rpt_layer_share_sensitivity
        where as_of_month = getvariable('complete_to') and founded_from_year = 2013
              and exclusion = 'none'
    """,
    "concentration": """
        select * from marts.rpt_concentration
        where as_of_month = getvariable('complete_to') and cohort = 'all'
              and layer = 'model_platform'
    """,
    "model_layer": """
        select * from marts.rpt_layer_share
        where as_of_month = getvariable('complete_to') and cohort = 'all'
              and layer = 'model_platform'
    """,
    "openai": f"""
        select * from marts.rpt_company_share
        where as_of_month = date '{ARTICLE_MONTH}' and cohort = 'all' and company_id = 'openai'
    """,  # noqa: S608 - a constant date
    "pace": "select * from marts.rpt_funding_pace where as_of_month = date '2023-04-30'",
    "releases": "select * from marts.rpt_release_cadence order by released_on desc limit 1",
}


class Answer(NamedTuple):
    """A figure, the sentence that it stands in, what it rests on, and the cell that holds it."""

    value: str
    sentence: str
    basis: str
    cell: str


def answers(connection: duckdb.DuckDBPyConnection, claims: list[Row]) -> list[Answer]:
    """Return the headline answers whose cells the marts hold; needs the variable complete_to."""
    found = {name: read(connection, query) for name, query in _QUERIES.items()}
    one = {name: rows[0] for name, rows in found.items() if rows}
    coverage = {claim["claim_id"]: claim["coverage"] for claim in claims}
    made = []
    if "share" in one:
        made.append(_layers(one["share"], coverage.get("model_mlops_share_2013")))
    if {"concentration", "model_layer"} <= one.keys():
        made.append(_concentration(one["concentration"], one["model_layer"]))
    if "openai" in one:
        made.append(_openai(one["openai"], coverage.get("openai_cumulative_feb_2023")))
    if "pace" in one:
        made.append(_pace(one["pace"], coverage.get("ytd_april_2023")))
    if "releases" in one:
        made.append(_releases(one["releases"]))
    return [*made, _verdicts(claims)] if claims else made


def _layers(row: Row, cited: float | None) -> Answer:
    return Answer(
        percent(row["share"]),
        f"of the {dollars(row['raised_usd'])} of equity raised by GenAI companies founded in 2013 "
        f"or later had gone to model platforms and MLOps by {day(row['as_of_month'])}.",
        f"{percent(cited)} of the dollars of those two layers are cited; "
        f"{row['undisclosed_rounds']} rounds are undisclosed; "
        f"{dollars(row['unknown_year_usd'])} are left out for want of a founding year.",
        f"marts.rpt_layer_share_sensitivity.share, {row['as_of_month']}, from 2013, none left out",
    )


def _concentration(row: Row, layer: Row) -> Answer:
    return Answer(
        f"{row['hhi']:,.0f}",
        "of 10,000 is the index of concentration (HHI) of the model layer on "
        f"{day(row['as_of_month'])}; its largest company held {percent(row['top_1_share'])} of the "
        f"dollars, and companies with closed models {percent(row['closed_share'])}.",
        f"{row['companies']} companies; {percent(layer['cited_share'])} of the dollars are cited; "
        f"{layer['undisclosed_rounds']} rounds are undisclosed; "
        f"{layer['unknown_year_companies']} companies have no known founding year.",
        f"marts.rpt_concentration.hhi, {row['as_of_month']}, all, model_platform",
    )


def _openai(row: Row, cited: float | None) -> Answer:
    return Answer(
        percent(row["share_of_all"]),
        f"of all GenAI equity raised by {day(row['as_of_month'])} was OpenAI's: "
        f"{dollars(row['raised_usd'])}, {percent(row['share_of_layer'])} of the model layer.",
        f"{percent(cited)} of all dollars to that day are cited.",
        f"marts.rpt_company_share.share_of_all, {row['as_of_month']}, all, openai",
    )


def _pace(row: Row, cited: float | None) -> Answer:
    return Answer(
        dollars(row["ytd_usd"]),
        f"was raised from January to {day(row['as_of_month'])}, "
        f"{row['ytd_multiple']:.1f} times all of the year before "
        f"({dollars(row['prior_year_usd'])}).",
        f"{percent(cited)} of the dollars are cited; undisclosed rounds count as rounds, never as "
        "zero dollars.",
        f"marts.rpt_funding_pace.ytd_usd, {row['as_of_month']}",
    )


def _releases(row: Row) -> Answer:
    return Answer(
        f"{row['original_releases_per_day_30d']:.1f}",
        f"open models a day came out in the 30 days to {day(row['released_on'])}, "
        f"{row['releases_per_day_30d']:.1f} with quantised copies; the busiest day had "
        f"{row['max_in_day_to_date']}.",
        f"{row['releases_to_date']:,} models are dated to a day; {row['undated_to_date']} listed "
        "models have no date and are outside the count.",
        f"marts.rpt_release_cadence.original_releases_per_day_30d, {row['released_on']}",
    )


def _verdicts(claims: list[Row]) -> Answer:
    count = Counter(claim["verdict"] for claim in claims)
    return Answer(
        f"{count['supported']} of {len(claims)}",
        f"published claims are supported, {count['contradicted']} contradicted, and "
        f"{count['not comparable']} can't be compared with these data.",
        "Each claim stands below with its quotation, its tolerance and its reason.",
        "audit.claims.verdict",
    )
