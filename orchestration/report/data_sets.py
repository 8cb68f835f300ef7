"""The page's data sets: rows of marts that its charts, tables and views of a company share.

Belongs here: which rows of which mart, the telling one first, and how the page holds them. Not
here: arithmetic (a mart or headlines.sql holds every figure) and what is drawn of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import duckdb
import pandas as pd

from orchestration.report.formats import day, dollars, in_words
from orchestration.report.scope import read_rows

# By name, of the months that `headlines` shows; a query's first mart is the one whose cells it has.
QUERIES: Mapping[str, str] = {
    "headlines": "from headlines -- marts.rpt_layer_share\norder by universe, as_of_month",
    "universes": """
        select universe, title, description, complete_to, last_complete_month, is_headline
        from marts.dim_universes
        where universe in (select universe from headlines)
        order by is_headline desc, title
    """,
    "layers": "select layer, title, description from marts.dim_layers order by layer_position",
    "company_shares": """
        select universe, as_of_month, rank_in_layer, company, shares.raised_usd, share_of_layer
        from marts.rpt_company_share as shares
        semi join headlines using (universe, as_of_month)
        where rank_in_layer <= 6 and getvariable('layer') in (layer, 'all')
        order by universe, as_of_month, rank_in_layer, company
    """,
    "company_history": """
        select universe, as_of_month, company_id, shares.raised_usd, share_of_all, share_of_layer
        from marts.rpt_company_share as shares
        semi join headlines using (universe, as_of_month)
        where universe = getvariable('universe') and shares.raised_usd > 0
              and month(as_of_month) % 6 = month(getvariable('month')) % 6
              and company_id <> 'all others'
        order by as_of_month, company_id
    """,
    "lorenz": """
        select universe, as_of_month, share_of_companies, share_of_usd
        from marts.rpt_lorenz_curve
        semi join headlines using (universe, as_of_month)
        where layer = getvariable('layer')
              and month(as_of_month) % 6 = month(getvariable('month')) % 6
        order by universe, as_of_month, share_of_companies
    """,
    "valuations": """
        select ladder.as_of_month, ladder.rank_in_layer, ladder.company, ladder.model_access,
               ladder.valuation_low_usd, ladder.valuation_high_usd, ladder.valued_on,
               ladder.is_stale, ladder.strategic_backers, rounds.source_url
        from marts.rpt_valuations as ladder
        left join marts.fct_funding_rounds as rounds on ladder.round_id = rounds.round_id
        where ladder.layer = 'model_platform' and ladder.rank_in_layer <= 10
              and ladder.as_of_month
                  between getvariable('charted_from') + interval 3 year
                      and (select max(as_of_month) from headlines)
        order by ladder.as_of_month, ladder.rank_in_layer, ladder.company
    """,
    "mega_rounds": """
        select rows.universe, rows.quarter_start, rows.rounds, rows.raised_usd, rows.share_of_all,
               rows.share_of_rounds, rows.times_average_round
        from marts.rpt_mega_rounds as rows
        semi join headlines
            on rows.universe = headlines.universe
                and last_day(rows.quarter_start + interval 2 month) = headlines.as_of_month
        order by rows.universe, rows.quarter_start
    """,
    "venture_mega_rounds": """
        select make_date(substr(period_text, 1, 4)::int, substr(period_text, 6, 1)::int * 3 - 2, 1)
                   as quarter_start,
               metric_value as rounds, period_ends_on is null as is_partial, period_text as period,
               scope as publisher, source_url
        from marts.fct_benchmarks
        where metric = 'megaround_count_ge_100m' and period_text similar to '\\d{4}Q\\d.*'
        order by is_partial, quarter_start desc, publisher
    """,
    # What others counted of a year to a day that they state.
    "published_pace": """
        select 1e9 * metric_value as ytd_usd, split_part(period_text, '..', 2)::date as counted_to,
               scope as publisher, source_url
        from marts.fct_benchmarks
        where metric = 'genai_funding_ytd' and unit = 'USD bn'
              and period_text similar to '\\d{4}-01-01\\.\\.\\d{4}-\\d\\d-\\d\\d'
              and counted_to <= getvariable('month')
        order by ytd_usd, publisher
    """,
    "round_sizes": """
        select rows.universe, rows.quarter_start, rows.size_band, rows.rounds,
               rows.share_of_rounds, rows.share_of_usd
        from marts.rpt_round_sizes as rows
        semi join headlines
            on rows.universe = headlines.universe
                and last_day(rows.quarter_start + interval 2 month) = headlines.as_of_month
        where rows.share_of_rounds is not null
        order by rows.universe, rows.quarter_start, rows.size_band = 'up_to_10m' desc,
                 rows.size_band
    """,
    # Published figures are rows of a universe that this project doesn't have.
    "venture_round_sizes": """
        select universe as publisher, quarter_start, size_band, share_of_rounds
        from marts.rpt_round_sizes
        where universe not in (select universe from marts.dim_universes)
              and share_of_rounds is not null
        order by quarter_start, publisher
    """,
    "rounds": """
        select rounds.company_id, companies.company, companies.layer, rounds.announced_on,
               rounds.round_type, rounds.kind, rounds.amount_usd, rounds.amount_text,
               rounds.valuation_low_usd, rounds.valuation_high_usd, rounds.is_mega_round,
               rounds.evidence, rounds.source_url,
               rounds.is_mega_round and rounds.announced_on >= getvariable('charted_from')
                   as is_charted,
               split_part(rounds.source_row_id, '#', 1) as file,
               split_part(split_part(rounds.source_row_id, '#', 2), '!', 1) as sheet,
               split_part(split_part(rounds.source_row_id, '#', 2), '!', 2)::int as file_row
        from marts.fct_funding_rounds as rounds
        inner join marts.dim_companies as companies on rounds.company_id = companies.company_id
        qualify row_number() over (order by rounds.amount_usd desc nulls last, rounds.round_id)
                <= getvariable('most_rows')
        order by rounds.announced_on, rounds.round_id
    """,
    # Of rounds of this size; universes of some companies, layers or evidence don't say it.
    "large_rounds": """
        select greatest(getvariable('month'), max(last_complete_month)) as complete_to
        from marts.dim_universes
        where coalesce(smallest_round_usd, 0)
              <= (select min(amount_usd) from marts.fct_funding_rounds where is_mega_round)
              and founded_from_year is null and founded_to_year is null
              and left_out_layers is null and genai_fit is null and evidence is null
    """,
    "companies": """
        select company_id, company, layer, category, model_access, founded_year, hq_country,
               is_mapped,
               split_part(source_row_id, '#', 1) as file,
               split_part(split_part(source_row_id, '#', 2), '!', 1) as sheet,
               split_part(split_part(source_row_id, '#', 2), '!', 2)::int as file_row
        from marts.dim_companies
        left join (
            select company_id, sum(amount_usd) as raised_usd
            from marts.fct_funding_rounds
            group by company_id
        ) using (company_id)
        qualify row_number() over (order by raised_usd desc nulls last, company_id)
                <= getvariable('most_rows')
        order by company
    """,
    "models": """
        select model_id, model, models.organisation, organisation_type, models.base_model,
               models.licence, allows_commercial_use, released_on, parameters_max_bn,
               release_form, models.url,
               split_part(models.source_row_id, '#', 1) as file,
               split_part(split_part(models.source_row_id, '#', 2), '!', 1) as sheet,
               split_part(split_part(models.source_row_id, '#', 2), '!', 2)::int as file_row
        from marts.dim_models as models
        inner join marts.fct_model_releases as releases using (model_id)
        qualify row_number() over (order by released_on desc nulls last, model_id)
                <= getvariable('most_rows')
        order by model, model_id
    """,
    # A list's Sundays and its last day; the fullest list first.
    "releases": """
        select list_title, released_on, releases, original_releases, releases_per_day_30d,
               original_releases_per_day_30d, max_in_day_to_date, releases_to_date,
               undated_to_date, share_under_6_months
        from marts.rpt_release_cadence as cadence
        inner join (select distinct source, list_title from marts.fct_model_listings)
            using (source)
        where releases_to_date > 0 and (
            dayofweek(released_on) = 0 or released_on = (
                select max(released_on) from marts.rpt_release_cadence
                where source = cadence.source
            )
        )
        order by max(releases_per_day_30d) over (partition by source) desc, source,
                 released_on desc
    """,
    "monthly_releases": """
        select released_month as as_of_month, organisation_type, releases, original_releases,
               releases - original_releases as copies,
               sum(releases) over (partition by released_month) as releases_in_month,
               sum(original_releases) over (partition by released_month)
                   as original_releases_in_month,
               ended.list_title as ended_list, ended.list_ends_on
        from marts.rpt_releases_by_organisation_type
        left join (
            select last_day(list_ends_on) as as_of_month, min(list_ends_on) as list_ends_on,
                   arg_min(list_title, (list_ends_on, list_title)) as list_title
            from (
                select list_title, max(cadence.released_on) as list_ends_on
                from marts.rpt_release_cadence as cadence
                inner join (select distinct source, list_title from marts.fct_model_listings)
                    using (source)
                group by list_title
            )
            group by last_day(list_ends_on)
        ) as ended on released_month = ended.as_of_month
        where released_month >= getvariable('charted_from')
        order by released_month, organisation_type
    """,
    "base_models": """
        select row_number() over (order by models desc, root_model) as rank, root_model, models,
               descendants, share_of_models
        from marts.rpt_base_models
        where descendants > 0
        order by models desc, root_model
        limit 10
    """,
    "relative_quality": """
        select row_number() over (order by score desc, model) as rank, model, access, benchmark,
               score as score_ratio, reference_model, source_url
        from marts.fct_model_scores
        where benchmark like 'quality relative to %'
        order by rank
    """,
    "training_costs": """
        select model, access, training_cost_usd, benchmark as basis, released_on, source_url
        from marts.fct_model_scores
        where training_cost_usd is not null
        order by training_cost_usd, model, benchmark
    """,
    "catch_up": """
        select reference_model, model, organisation, score_ratio, training_cost_usd,
               reference_training_cost_usd, cost_ratio, parameters_ratio, days_behind
        from marts.rpt_model_catch_up
        where training_cost_usd is not null
        order by reference_training_cost_usd desc nulls last, reference_model, training_cost_usd,
                 model
    """,
    "adoption": """
        select product, milestone, months_to_milestone, longest_months_to_milestone, statements
        from marts.rpt_adoption
        where milestone = (
            select milestone from marts.rpt_adoption
            group by milestone order by count(*) desc, milestone limit 1
        )
        order by months_to_milestone, product
    """,
    "cut_offs": """
        select cut_offs.universe, founded_from_year, share, share_in_alternative_layers, raised_usd,
               undisclosed_rounds, unknown_year_usd, dropped_company
        from marts.rpt_layer_share_sensitivity as cut_offs
        left join (
            select universe, founded_year,
                   arg_max(shares.company, (raised_usd, shares.company)) as dropped_company
            from marts.rpt_company_share as shares
            inner join marts.dim_companies using (company_id)
            where as_of_month = getvariable('month')
            group by universe, founded_year
        ) as founded
            on cut_offs.universe = founded.universe
                and cut_offs.founded_from_year - 1 = founded.founded_year
        where as_of_month = getvariable('month') and share > 0
        order by cut_offs.universe, founded_from_year
    """,
    "citations": "from headline_citations -- marts.fct_funding_rounds",
    "outside_maps": "from outside_maps -- marts.dim_companies",
    "rejects": """
        select kind, title as list, rule, reason, count(*) as rows_rejected
        from audit.rejects
        left join (
            select kind, source, max(title) as title from audit.source_files group by kind, source
        ) using (kind, source)
        group by kind, list, rule, reason
        order by kind, list, rule, reason
    """,
    "files": """
        select title, producer, file, sheet, status, snapshot_on,
               regexp_replace(cadence, '^(\\d+)d$', 'every \\1 days') as cadence, rows_in_file,
               rows_accepted, rows_rejected, complete, licence, url
        from audit.source_files
        order by kind, source, file, sheet
    """,
    "versions": """
        select strftime(publications.published_at, '%Y-%m-%d %H:%M') as published_at, version_id,
               as_of, known_by, table_count, row_count, tests_passed,
               claims_supported, claims_contradicted
        from audit.publications as publications
        order by published_at desc
    """,
}
# Of each of these the page holds so many rows: all rounds of a deal database would be 70 MB.
MOST_ROWS = 20_000
LIMITED = ("rounds", "companies", "models")


class DataSet(NamedTuple):
    """Rows, the mart whose cells they are, and how many rows of it there was no room for."""

    name: str
    mart: str
    rows: pd.DataFrame
    left_out: int = 0

    def at(self, state: Mapping[str, str]) -> pd.DataFrame:
        """Return the rows of a state, as page.js does: of a date, the latest that is not later."""
        rows = self.rows
        for column, value in state.items():
            if column == "universe":
                rows = rows[rows[column] == value]
            else:
                rows = rows[rows[column] == rows[column][rows[column] <= value].max()]
        return rows

    def compact(self) -> dict[str, Any]:
        """Return columns by name: values, or where texts repeat, the distinct ones and which."""
        return {str(column): _compact(self.rows[column]) for column in self.rows}


def read_data_sets(connection: duckdb.DuckDBPyConnection) -> dict[str, DataSet]:
    """Return the data sets that have rows; needs the views and variables of the scope."""
    found = {}
    connection.execute(f"set variable most_rows = {MOST_ROWS}")
    for name, query in QUERIES.items():
        rows = read_rows(connection, query)
        if "complete" in rows:
            rows["complete"] = rows["complete"].map(_in_words, na_action="ignore")
        if not rows.empty:
            mart = re.findall(r"\b(?:marts|audit)\.\w+", query)[0]
            left_out = len(connection.table(mart)) - len(rows) if name in LIMITED else 0
            found[name] = DataSet(name, mart, rows, left_out)
    return found


def _in_words(complete: str) -> str:
    """Return what `complete` in source.yml says of a list: `all to 30 June 2023`."""
    said = []
    for part in json.loads(complete):
        what = f"{dollars(part['from_usd'])} and more" if "from_usd" in part else "all"
        layers = ", ".join(in_words(layer, "layer") for layer in part.get("layers", ()))
        said.append(f"{what}{' of ' if layers else ''}{layers} to {day(part['to'])}")
    return "; ".join(said)


def _compact(column: pd.Series[Any]) -> list[Any] | dict[str, Any]:
    values = column.astype(object).where(column.notna(), None).tolist()
    if pd.api.types.is_float_dtype(column):
        values = [_number(value) for value in values]
    distinct = list(dict.fromkeys(values))
    positions = {value: position for position, value in enumerate(distinct)}
    compact = {"distinct": distinct, "which": [positions[value] for value in values]}
    return values if len(json.dumps(values)) <= len(json.dumps(compact)) else compact


def _number(value: float | None) -> float | int | None:
    """Return a number in six figures: a chart and a table show three."""
    if value is None:
        return None
    rounded = float(f"{value:.6g}")
    return int(rounded) if rounded.is_integer() else rounded
