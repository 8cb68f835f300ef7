-- How many companies had raised exactly this much by each month-end: all that top-n shares and the
-- Gini coefficient need, without a row for every company and month.
with steps as (
    select * from {{ ref('int_capital_steps') }}
),

months as (
    select as_of_month from {{ ref('int_months') }}
),

arrivals_and_departures as (
    select
        universe,
        layer,
        as_of_month,
        held_after_usd as held_usd,
        1 as companies
    from steps

    union all

    select
        universe,
        layer,
        as_of_month,
        held_before_usd as held_usd,
        -1 as companies
    from steps
    where held_before_usd > 0
),

changes as (
    select
        universe,
        layer,
        held_usd,
        as_of_month,
        sum(companies) as change_in_companies
    from arrivals_and_departures
    group by universe, layer, held_usd, as_of_month
    having sum(companies) <> 0
),

spans as (
    select
        universe,
        layer,
        held_usd,
        as_of_month as valid_from,
        lead(as_of_month) over (partition by universe, layer, held_usd order by as_of_month) as valid_until,
        sum(change_in_companies) over (
            partition by universe, layer, held_usd order by as_of_month
            rows between unbounded preceding and current row
        ) as companies
    from changes
),

monthly as (
    select
        spans.universe,
        spans.layer,
        months.as_of_month,
        spans.held_usd,
        cast(spans.companies as bigint) as companies
    from spans
    inner join months
        on
            spans.valid_from <= months.as_of_month
            and (spans.valid_until > months.as_of_month or spans.valid_until is null)
    where spans.companies > 0
),

-- Counted in doubles, which are exact for any number of companies: one sort, and a third of the
-- time that integers of more bits take.
counted as (
    select
        *,
        sum(cast(companies as double)) over (
            partition by universe, layer, as_of_month order by held_usd
            rows between unbounded preceding and current row
        ) as companies_to_here,
        sum(cast(companies as double)) over (
            partition by universe, layer, as_of_month
        ) as all_companies
    from monthly
)

select
    universe,
    layer,
    as_of_month,
    held_usd,
    companies,
    cast(all_companies - companies_to_here as bigint) as companies_above,
    cast(companies_to_here as bigint) - companies as companies_below
from counted
