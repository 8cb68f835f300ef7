with layer_months as (
    select * from {{ ref('int_layer_months') }}
),

rounds as (
    select * from {{ ref('fct_funding_rounds') }}
    where kind = 'equity'
),

companies as (
    select * from {{ ref('int_companies_resolved') }}
),

cohorts as (
    select * from {{ ref('int_cohort_companies') }}
),

steps as (
    select * from {{ ref('int_capital_steps') }}
    where layer <> 'all'
),

-- What happened in each month.
raised as (
    select
        steps.cohort,
        steps.layer,
        steps.as_of_month,
        sum(steps.raised_usd) as raised_usd,
        sum(case when steps.held_before_usd = 0 then 1 else 0 end) as new_companies,
        sum(case when steps.held_before_usd = 0 and companies.founded_year is null then 1 else 0 end)
            as unknown_year_companies,
        sum(case when companies.founded_year is null then steps.raised_usd else 0 end) as unknown_year_usd
    from steps
    inner join companies on steps.company_id = companies.company_id
    group by steps.cohort, steps.layer, steps.as_of_month
),

counted as (
    select
        cohorts.cohort,
        companies.layer,
        cast({{ dbt.last_day('rounds.announced_on', 'month') }} as date) as as_of_month,
        count(*) as rounds,
        sum(case when rounds.amount_usd is null then 1 else 0 end) as undisclosed_rounds,
        sum(case when rounds.evidence = 'cited' then coalesce(rounds.amount_usd, 0) else 0 end) as cited_usd
    from rounds
    inner join companies on rounds.company_id = companies.company_id
    inner join cohorts on rounds.company_id = cohorts.company_id
    group by cohorts.cohort, companies.layer, cast({{ dbt.last_day('rounds.announced_on', 'month') }} as date)
),

-- What had happened by each month-end.
to_date as (
    select
        layer_months.as_of_month,
        layer_months.cohort,
        layer_months.layer,
        sum(coalesce(raised.raised_usd, 0)) over to_date as raised_usd,
        sum(coalesce(raised.new_companies, 0)) over to_date as new_companies,
        sum(coalesce(raised.unknown_year_companies, 0)) over to_date as unknown_year_companies,
        sum(coalesce(raised.unknown_year_usd, 0)) over to_date as unknown_year_usd,
        sum(coalesce(counted.rounds, 0)) over to_date as rounds,
        sum(coalesce(counted.undisclosed_rounds, 0)) over to_date as undisclosed_rounds,
        sum(coalesce(counted.cited_usd, 0)) over to_date as cited_usd
    from layer_months
    left join raised
        on
            layer_months.cohort = raised.cohort
            and layer_months.layer = raised.layer
            and layer_months.as_of_month = raised.as_of_month
    left join counted
        on
            layer_months.cohort = counted.cohort
            and layer_months.layer = counted.layer
            and layer_months.as_of_month = counted.as_of_month
    window
        to_date as (
            partition by layer_months.cohort, layer_months.layer order by layer_months.as_of_month
            rows between unbounded preceding and current row
        )
),

totals as (
    select
        as_of_month,
        cohort,
        sum(raised_usd) as raised_usd
    from to_date
    group by as_of_month, cohort
)

select
    to_date.as_of_month,
    to_date.cohort,
    to_date.layer,
    to_date.raised_usd,
    to_date.raised_usd / nullif(totals.raised_usd, 0) as share,
    cast(to_date.new_companies as int) as companies,
    cast(to_date.rounds as int) as rounds,
    cast(to_date.undisclosed_rounds as int) as undisclosed_rounds,
    to_date.cited_usd / nullif(to_date.raised_usd, 0) as cited_share,
    -- What the cohort leaves out for want of a founding year is what `all` holds in the same layer.
    cast(
        max(to_date.unknown_year_companies) over (partition by to_date.as_of_month, to_date.layer) as int
    ) as unknown_year_companies,
    max(to_date.unknown_year_usd) over (partition by to_date.as_of_month, to_date.layer) as unknown_year_usd
from to_date
inner join totals
    on
        to_date.as_of_month = totals.as_of_month
        and to_date.cohort = totals.cohort
where totals.raised_usd > 0
