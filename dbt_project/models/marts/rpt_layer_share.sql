with universe_months as (
    select * from {{ ref('int_universe_months') }}
),

layers as (
    select layer from {{ ref('layers') }}
),

rounds as (
    select * from {{ ref('int_universe_rounds') }}
),

steps as (
    select * from {{ ref('int_capital_steps') }}
    where layer <> 'all'
),

companies as (
    select * from {{ ref('int_companies_resolved') }}
),

-- What happened in each month.
raised as (
    select
        steps.universe,
        steps.layer,
        steps.as_of_month,
        sum(steps.raised_usd) as raised_usd,
        sum(case when steps.held_before_usd = 0 then 1 else 0 end) as new_companies,
        sum(case when steps.held_before_usd = 0 and companies.founded_year is null then 1 else 0 end)
            as unknown_year_companies,
        sum(case when companies.founded_year is null then steps.raised_usd else 0 end) as unknown_year_usd
    from steps
    inner join companies on steps.company_id = companies.company_id
    group by steps.universe, steps.layer, steps.as_of_month
),

counted as (
    select
        universe,
        layer,
        counts_from as as_of_month,
        count(*) as rounds,
        sum(case when amount_usd is null then 1 else 0 end) as undisclosed_rounds,
        sum(case when evidence = 'cited' then coalesce(amount_usd, 0) else 0 end) as cited_usd
    from rounds
    group by universe, layer, counts_from
),

-- What had happened by each month-end; a layer without money is a row with zero.
to_date as (
    select
        universe_months.as_of_month,
        universe_months.universe,
        layers.layer,
        universe_months.is_complete,
        sum(coalesce(raised.raised_usd, 0)) over to_date as raised_usd,
        sum(coalesce(raised.new_companies, 0)) over to_date as new_companies,
        sum(coalesce(raised.unknown_year_companies, 0)) over to_date as unknown_year_companies,
        sum(coalesce(raised.unknown_year_usd, 0)) over to_date as unknown_year_usd,
        sum(coalesce(counted.rounds, 0)) over to_date as rounds,
        sum(coalesce(counted.undisclosed_rounds, 0)) over to_date as undisclosed_rounds,
        sum(coalesce(counted.cited_usd, 0)) over to_date as cited_usd
    from universe_months
    cross join layers
    left join raised
        on
            universe_months.universe = raised.universe
            and layers.layer = raised.layer
            and universe_months.as_of_month = raised.as_of_month
    left join counted
        on
            universe_months.universe = counted.universe
            and layers.layer = counted.layer
            and universe_months.as_of_month = counted.as_of_month
    window
        to_date as (
            partition by universe_months.universe, layers.layer order by universe_months.as_of_month
            rows between unbounded preceding and current row
        )
),

totals as (
    select
        as_of_month,
        universe,
        sum(raised_usd) as raised_usd
    from to_date
    group by as_of_month, universe
)

select
    to_date.as_of_month,
    to_date.universe,
    to_date.layer,
    to_date.raised_usd,
    to_date.raised_usd / nullif(totals.raised_usd, 0) as share,
    cast(to_date.new_companies as int) as companies,
    cast(to_date.rounds as int) as rounds,
    cast(to_date.undisclosed_rounds as int) as undisclosed_rounds,
    to_date.cited_usd / nullif(to_date.raised_usd, 0) as cited_share,
    cast(to_date.unknown_year_companies as int) as unknown_year_companies,
    to_date.unknown_year_usd,
    to_date.is_complete
from to_date
inner join totals
    on
        to_date.as_of_month = totals.as_of_month
        and to_date.universe = totals.universe
where totals.raised_usd > 0
