"""The answers: a question, a figure that is a cell of a mart, and the sentence around it.

Belongs here: which cells answer which question, and the words. Not here: arithmetic (a mart holds
every figure), and where an answer is shown: the terminal, the page, README.md and docs/.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import duckdb
import pandas as pd

from orchestration.report.formats import cell, records, sentence
from orchestration.report.scope import Scope, choose_later_scope, read_rows


class Answer(NamedTuple):
    """A question, its figure, the sentence that begins with it, what it rests on, and its cell.

    The templates are the figure with the sentence, the basis and the cell, with columns of
    `headlines` for their values: the page fills them for the universe and month that its reader
    chooses.
    """

    question: str
    value: str
    sentence: str
    basis: str
    cell: str
    template: str
    basis_template: str
    cell_template: str

    @property
    def title(self) -> str:
        """The template as a chart's title."""
        return self.template.rstrip(".")


class _Words(NamedTuple):
    """An answer before it is known.

    `query` finds at most one row. Its columns fill the words, and `figure` is one of them;
    {as_of_month}, {universe}, {layer}, {layer_title} and {key} are those of the scope.
    """

    name: str  # of the chart that shows it
    question: str
    query: str
    figure: str
    sentence: str
    basis: str
    cell: str


OF_ROUNDS = ("layer_share", "concentration", "closed_models")

_HEADLINE = """
from headlines where universe = getvariable('universe') and as_of_month = getvariable('month')
"""
_ROUNDS = (
    "{companies} companies with amounts; {rounds} rounds, {undisclosed_rounds} of them without "
    "one; {cited_share} of the dollars are cited."
)
# Of several answers with one name the last whose query finds a row is given.
_WORDS = (
    _Words(
        "layer_share",
        "How much was raised?",
        _HEADLINE,
        "raised_usd",
        "of equity had been raised by {as_of_month} ({universe}); no market map says in which "
        "layer.",
        _ROUNDS,
        "marts.rpt_layer_share.raised_usd, {key}",
    ),
    _Words(
        "layer_share",
        "Which layer gets the money?",
        f"{_HEADLINE} and unknown_layer_share < 1",
        "model_and_mlops_share",
        "of the {raised_usd} of equity raised by {as_of_month} had gone to model platforms and "
        "MLOps ({universe}).",
        _ROUNDS,
        "marts.rpt_layer_share.share, {key}",
    ),
    _Words(
        "concentration",
        "How much do the largest companies hold?",
        _HEADLINE,
        "hhi",
        "of 10,000 was the index of concentration (HHI) of {layer_title} on {as_of_month}; its "
        "largest company held {top_1_share} of the dollars ({universe}).",
        "{layer_companies} companies with amounts, as if {effective_companies} equal ones shared "
        "the dollars; Gini index {gini}.",
        "marts.rpt_concentration.hhi, {key}, {layer_key}",
    ),
    _Words(
        "closed_models",
        "Do closed models get the money?",
        f"{_HEADLINE} and getvariable('layer') = 'model_platform'",
        "closed_share",
        "of the model layer's {layer_usd} sat with companies whose models are closed on "
        "{as_of_month} ({universe}).",
        "{open_share} sat with companies whose models are open.",
        "marts.rpt_concentration.closed_share, {key}, {layer_key}",
    ),
    _Words(
        "company_share",
        "How much does the largest company hold?",
        f"{_HEADLINE} and company_share is not null",
        "company_share",
        "of all equity raised by {as_of_month} was {company}'s: {company_usd}"
        "[[, {company_share_of_layer} of its layer]] ({universe}).",
        "[[From {lowest_company_share} to {highest_company_share}, depending on the universe.]]",
        "marts.rpt_company_share.share_of_all, {key}, {company_id}",
    ),
    _Words(
        "funding_pace",
        "How fast did the money come, year by year?",
        _HEADLINE,
        "ytd_usd",
        "was raised from January to {as_of_month}[[, {ytd_multiple} times all of the year before]]"
        "[[; one round is {largest_round_share} of it]] ({universe}).",
        "[[Without its largest round it is {other_rounds_usd}, {other_rounds_multiple} times all "
        "of the year before. ]]Undisclosed rounds count as rounds, never as zero dollars.",
        "marts.rpt_funding_pace.ytd_usd, {key}",
    ),
    _Words(
        "releases_per_day",
        "How many open models come out a day?",
        """
        with series as (
            select cadence.*, list_title,
                   row_number() over (partition by source order by released_on desc) as days_ago
            from marts.rpt_release_cadence as cadence
            inner join (select distinct source, list_title from marts.fct_model_listings)
                using (source)
        ),

        fullest as (
            select * from series where days_ago = 1
            order by releases_per_day_30d desc, source limit 1
        ),

        others as (
            select list_title, max(original_releases_per_day_30d) as most,
                   arg_max(released_on, (original_releases_per_day_30d, released_on))
                       as most_on
            from series where source not in (select source from fullest)
            group by list_title
        )

        select *, (
                select coalesce(string_agg(
                    format('{}, at most {} (30 days to {})', list_title,
                        format(case when most < 1 then '{:.3f}' else '{:.2f}' end, most),
                        strftime(most_on, '%-d %B %Y')),
                    '; ' order by list_title
                ), 'none') from others
            ) as other_lists
        from fullest
        """,
        "original_releases_per_day_30d",
        "open models a day came out in the 30 days to {released_on} by the list that counts most "
        "({list_title}), {releases_per_day_30d} with copies and adapters; the busiest day had "
        "{max_in_day_to_date}.",
        "{releases_to_date} models of that list are dated to a day; {undated_to_date} have no date "
        "and are outside the count. Other lists hold other populations and can't be compared "
        "with it: {other_lists}.",
        "marts.rpt_release_cadence.original_releases_per_day_30d",
    ),
    _Words(
        "outside_maps",
        "What do the lists hold that no market map knows?",
        """
        select sum(companies_outside) as outside, sum(listed_companies) as companies,
               sum(rounds_outside) as rounds, sum(outside_usd) as raised_usd,
               string_agg(
                   format('{:,} of {:,} in {}', companies_outside, listed_companies, list), '; '
               ) as lists
        from outside_maps
        having sum(companies_outside) > 0
        """,
        "outside",
        "of {companies} companies with rounds: in no market map. Rounds of theirs, which count in "
        "the universe “Everything listed” only: {rounds}, with {raised_usd}.",
        "By list: {lists}.",
        "marts.dim_companies.is_mapped",
    ),
    _Words(
        "possible_repeats",
        "What may be counted twice?",
        """
        select sum(at_stake_usd) as at_stake_usd, count(*) as pairs
        from audit.possible_duplicates
        where told_apart_by is null
        having count(*) > 0
        """,
        "at_stake_usd",
        "may be counted twice; pairs of rounds that may be one: {pairs}.",
        "audit.possible_duplicates lists them, the most dollars first.",
        "audit.possible_duplicates.at_stake_usd",
    ),
    _Words(
        "possible_companies",
        "What may be counted for another company?",
        """
        select sum(at_stake_usd) as at_stake_usd, count(*) as pairs,
               count(*) filter (reason like 'rounds of that name before%') as too_early
        from audit.possible_companies
        where not is_one
        having sum(at_stake_usd) > 0
        """,
        "at_stake_usd",
        "may count for another company; pairs of companies that may be one: {pairs}, of which kept "
        "apart since rounds are older than the company: {too_early}.",
        "audit.possible_companies lists them, the most dollars first.",
        "audit.possible_companies.at_stake_usd",
    ),
    _Words(
        "claims",
        "Do published claims hold?",
        """
        select coalesce(sum(claims) filter (verdict = 'supported'), 0) as supported,
               sum(claims) as claims,
               coalesce(string_agg(claims || ' “' || verdict || '”', ', ' order by claims desc)
                   filter (verdict <> 'supported'), 'none') as others
        from (select verdict, count(*) as claims from audit.claims group by verdict)
        having sum(claims) > 0
        """,
        "supported",
        "of {claims} published claims are supported; the verdicts of the others: {others}.",
        "audit.claims has each with its quotation, its tolerance and its reason.",
        "audit.claims.verdict",
    ),
)
_NAMES = frozenset(words.name for words in _WORDS)


class Later(NamedTuple):
    """What is said of the universe that is complete for longest: its answers, a row a layer."""

    scope: Scope
    answers: dict[str, Answer]
    layers: pd.DataFrame


def find_later(connection: duckdb.DuckDBPyConnection) -> Later | None:
    """Return the second headline, or None where no universe is complete for longer than the first.

    The views and variables that queries read then point to it.
    """
    scope = choose_later_scope(connection)
    if not scope:
        return None
    answers = find_answers(connection, scope, OF_ROUNDS)
    return Later(scope, answers, read_rows(connection, "from headline_layers"))


def find_answers(
    connection: duckdb.DuckDBPyConnection, scope: Scope, names: Collection[str] = _NAMES
) -> dict[str, Answer]:
    """Return the answers whose cells the marts hold, by the name of the chart that shows each.

    Needs the views, the table and the variables of the scope.
    """
    found = {}
    for words in [words for words in _WORDS if words.name in names]:
        for row in records(read_rows(connection, words.query)):
            values = row | scope.words
            found[words.name] = Answer(
                words.question,
                cell(row[words.figure], words.figure),
                sentence(words.sentence, values),
                sentence(words.basis, values),
                sentence(words.cell, values),
                f"{{{words.figure}}} {words.sentence}",
                words.basis,
                words.cell,
            )
    return found
