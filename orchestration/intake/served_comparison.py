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

_ROUNDS = f"""
with stated as (
    select
        _row_id as row_id, company_key, announced_day,
        case
            when chosen_amount_currency = 'USD' then (chosen_amount_low + chosen_amount_high) / 2
        end as usd
    from work.landing.judged
    where reject_rule is null
),
placed as (
    select
        stated.*,
        coalesce(names.company_id, stated.company_key) as company_id,
        coalesce(companies.is_mapped, false) as is_mapped,
        coalesce(year(stated.announced_day) + 1 < companies.founded_year, false)
            as is_before_founding
    from stated
    left join served.audit.company_names as names
        on stated.company_key = names.name_key and names.is_likeliest
    left join served.marts.dim_companies as companies on names.company_id = companies.company_id
),
told_already as (
    select distinct placed.row_id
    from placed
    inner join served.marts.fct_funding_rounds as rounds
        on placed.company_id = rounds.company_id
        and abs(placed.announced_day - rounds.announced_on) <= {_DAYS}
        and abs(placed.usd - rounds.amount_usd) <= {_TOLERANCE} * rounds.amount_usd
)
select
    count(distinct company_id) as companies,
    count(distinct company_id) filter (is_mapped and not is_before_founding) as mapped_companies,
    count(*) filter (not is_mapped or is_before_founding) as rounds_outside,
    coalesce(sum(usd) filter (not is_mapped or is_before_founding), 0) as usd_outside,
    count(*) filter (is_mapped and not is_before_founding) as rounds_inside,
    coalesce(sum(usd) filter (is_mapped and not is_before_founding), 0) as usd_inside,
    count(told_already.row_id) as rounds_told_already,
    coalesce(sum(usd) filter (told_already.row_id is not null), 0) as usd_told_already,
    count(*) filter (is_before_founding) as rounds_before_founding
from placed
left join told_already using (row_id)
"""  # noqa: S608 - constants

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

_QUESTIONS = {"funding_rounds": _ROUNDS, "companies": _COMPANIES}


def compare_with_served(
    judged: duckdb.DuckDBPyConnection, kind: Kind, served_file: Path
) -> dict[str, Any] | None:
    """Return what accepted rows would add to the served file, by name; amounts in US dollars.

    None when nothing is served yet, when the served file is of an older make, or for a kind that
    no universe is made of.
    """
    if kind.name not in _QUESTIONS or not served_file.exists():
        return None
    attach(judged, served_file, "served")
    try:
        [row] = query(judged, _QUESTIONS[kind.name])
    except (duckdb.CatalogException, duckdb.BinderException):
        return None
    return {name: int(value) for name, value in row.items()}
