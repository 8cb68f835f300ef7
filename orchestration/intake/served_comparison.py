"""What a file would add to what is served: companies outside the maps, repeats, rounds too early.

Belongs here: questions about judged rows and the served file, so that a list shows what it would do
before it is believed. The answers are estimates: a build decides, by the dbt project's own rules.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from orchestration.publication.contents import attach, query
from orchestration.sources.kinds import Kind

# A round may be told again this much later, or with an amount this much different.
_DAYS, _TOLERANCE = 45, 0.1
_REPEATS_SHOWN = 3

_PLACED = f"""
create temp table placed as
with stated as (
    select
        _row_id as row_id, company_name, company_key, round_name, round_stage, kind_code,
        announced_day,
        case
            when chosen_amount_currency = 'USD' then (chosen_amount_low + chosen_amount_high) / 2
        end as usd
    from work.landing.judged
    where reject_rule is null
),
named as (
    select
        stated.*,
        coalesce(names.company_id, stated.company_key) as company_id,
        coalesce(companies.company, stated.company_name) as company,
        coalesce(companies.layer, 'unknown') as layer,
        coalesce(companies.is_mapped, false) as is_on_map,
        coalesce(year(stated.announced_day) + 1 < companies.founded_year, false)
            as is_before_founding
    from stated
    left join served.audit.company_names as names
        on stated.company_key = names.name_key and names.is_likeliest
    left join served.marts.dim_companies as companies on names.company_id = companies.company_id
),
told_already as (
    select distinct named.row_id
    from named
    inner join served.marts.fct_funding_rounds as rounds
        on named.company_id = rounds.company_id
        and abs(named.announced_day - rounds.announced_on) <= {_DAYS}
        and abs(named.usd - rounds.amount_usd) <= {_TOLERANCE} * rounds.amount_usd
),
neighbours as (
    select
        row_id,
        announced_day - lag(announced_day) over in_time <= {_DAYS}
        and abs(usd - lag(usd) over in_time) <= {_TOLERANCE} * usd
        and coalesce(round_stage = lag(round_stage) over in_time, true) as is_near
    from named
    window in_time as (partition by company_id order by announced_day, usd, row_id)
)
select
    named.*,
    is_on_map and not is_before_founding as is_mapped,
    told_already.row_id is not null as is_told_already,
    told_already.row_id is null and coalesce(is_near, false) as is_repeated
from named
inner join neighbours using (row_id)
left join told_already using (row_id)
"""  # noqa: S608 - constants

_ROUNDS = """
select
    count(distinct company_id) as companies,
    count(distinct company_id) filter (is_mapped) as mapped_companies,
    count(*) filter (not is_mapped) as rounds_outside,
    coalesce(sum(usd) filter (not is_mapped), 0) as usd_outside,
    count(*) filter (is_mapped) as rounds_inside,
    coalesce(sum(usd) filter (is_mapped), 0) as usd_inside,
    count(*) filter (is_told_already) as rounds_told_already,
    coalesce(sum(usd) filter (is_told_already), 0) as usd_told_already,
    count(*) filter (is_repeated) as rounds_repeated,
    coalesce(sum(usd) filter (is_repeated), 0) as usd_repeated,
    count(*) filter (is_before_founding) as rounds_before_founding
from placed
"""

_LARGEST_REPEATS = f"""
select
    company, round_name as round, announced_day::text as announced_on,
    round(usd)::bigint as amount_usd
from placed
where is_told_already or is_repeated
order by usd desc nulls last, row_id
limit {_REPEATS_SHOWN}
"""  # noqa: S608 - a constant

# Equity that nobody has told yet, added to what the headline universe held in its last month.
_MOVED_SHARES = """
with headline as (
    select
        universe, title, membership,
        coalesce(last_complete_month, (
            select max(as_of_month) from served.marts.rpt_layer_share
            where rpt_layer_share.universe = dim_universes.universe
        )) as as_of_month
    from served.marts.dim_universes
    where is_headline
),
added as (
    select company, company_id, layer, sum(usd) as usd
    from placed
    cross join headline
    where
        kind_code = 'equity' and usd > 0 and announced_day <= as_of_month
        and not (is_told_already or is_repeated)
        and (is_mapped or membership = 'listed')
    group by all
),
held as (
    select layer as id, titles.title as name, raised_usd
    from served.marts.rpt_layer_share
    inner join headline using (universe, as_of_month)
    inner join served.marts.dim_layers as titles using (layer)
    union all
    select company_id, company, raised_usd
    from served.marts.rpt_company_share
    inner join headline using (universe, as_of_month)
    where company_id <> 'all others'
),
grown as (
    select layer as id, any_value(title) as name, sum(usd) as usd
    from added inner join served.marts.dim_layers using (layer) group by layer
    union all
    select company_id, any_value(company), sum(usd) from added group by company_id
),
totals as (
    select
        (select raised_usd from served.marts.rpt_concentration
         inner join headline using (universe, as_of_month) where layer = 'all') as before_usd,
        (select coalesce(sum(usd), 0) from added) as added_usd
),
shares as (
    select
        coalesce(held.name, grown.name) as name,
        coalesce(held.raised_usd, 0) / before_usd as share_before,
        (coalesce(held.raised_usd, 0) + coalesce(grown.usd, 0)) / (before_usd + added_usd)
            as share_after
    from held
    full join grown using (id)
    cross join totals
)
select name, share_before, share_after, title as universe, as_of_month::text as as_of_month
from shares
cross join headline
where abs(share_after - share_before) >= 0.01
order by abs(share_after - share_before) desc, name
"""

_COMPANIES = """
with stated as (
    select company_key, coalesce(layer_value, 'unknown') as layer
    from work.landing.judged
    where reject_rule is null
)
select
    count(distinct stated.company_key) as companies,
    count(distinct stated.company_key) filter (stated.layer <> 'unknown') as companies_with_a_layer,
    count(distinct stated.company_key) filter (
        stated.layer <> 'unknown' and not coalesce(companies.is_mapped, false)
    ) as newly_mapped_companies,
    coalesce(sum(companies.raised_usd) filter (
        stated.layer <> 'unknown' and not companies.is_mapped
    ), 0) as newly_mapped_usd,
    count(distinct stated.company_key) filter (
        stated.layer <> 'unknown' and companies.is_mapped and companies.layer <> stated.layer
    ) as contradicted_layers
from stated
left join served.audit.company_names as names
    on stated.company_key = names.name_key and names.is_likeliest
left join (
    select company_id, is_mapped, layer, coalesce(sum(amount_usd), 0) as raised_usd
    from served.marts.dim_companies
    left join served.marts.fct_funding_rounds using (company_id)
    group by all
) as companies on names.company_id = companies.company_id
"""


def compare_with_served(
    judged: duckdb.DuckDBPyConnection, kind: Kind, served_file: Path
) -> dict[str, Any] | None:
    """Return what accepted rows would add to the served file, by name; amounts in US dollars.

    Of rounds also the largest that may be told twice, and each share of a layer or company that
    would move by a point or more. None when nothing is served yet, when the served file is of an
    older make, or for a kind that no universe is made of.
    """
    if kind.name not in ("funding_rounds", "companies") or not served_file.exists():
        return None
    attach(judged, served_file, "served")
    try:
        if kind.name == "companies":
            return _counts(judged, _COMPANIES)
        judged.execute(_PLACED)
        return {
            **_counts(judged, _ROUNDS),
            "largest_repeats": query(judged, _LARGEST_REPEATS),
            "moved_shares": query(judged, _MOVED_SHARES),
        }
    except (duckdb.CatalogException, duckdb.BinderException):
        return None


def _counts(judged: duckdb.DuckDBPyConnection, question: str) -> dict[str, int]:
    [row] = query(judged, question)
    return {name: int(value) for name, value in row.items()}
