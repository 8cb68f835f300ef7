-- Every month in which a company raised equity, with what it had raised before and after. A step
-- stands once in each scope it counts in: each cohort of the company, its layer and `all` layers.
with rounds as (
    select * from {{ ref('int_funding_rounds_resolved') }}
    where
        kind = 'equity'
        and amount_usd > 0
),

as_of as (
    select as_of from {{ ref('int_as_of') }}
),

companies as (
    select * from {{ ref('int_companies_resolved') }}
),

cohorts as (
    select * from {{ ref('int_cohort_companies') }}
),

monthly as (
    select
        rounds.company_id,
        cast({{ dbt.last_day('rounds.announced_on', 'month') }} as date) as as_of_month,
        sum(rounds.amount_usd) as raised_usd
    from rounds
    cross join as_of
    where rounds.announced_on <= as_of.as_of
    group by rounds.company_id, cast({{ dbt.last_day('rounds.announced_on', 'month') }} as date)
),

summed as (
    select
        company_id,
        as_of_month,
        raised_usd,
        sum(raised_usd) over (
            partition by company_id order by as_of_month
            rows between unbounded preceding and current row
        ) as held_after_usd
    from monthly
),

-- What a company held before is what it held after its last step, to the last bit.
stepped as (
    select
        *,
        coalesce(lag(held_after_usd) over (partition by company_id order by as_of_month), 0.0) as held_before_usd
    from summed
),

scopes as (
    select
        company_id,
        layer,
        model_access
    from companies

    union all

    select
        company_id,
        'all' as layer,
        model_access
    from companies
)

select
    cohorts.cohort,
    scopes.layer,
    stepped.as_of_month,
    stepped.company_id,
    scopes.model_access,
    stepped.held_before_usd,
    stepped.held_after_usd,
    stepped.held_after_usd - stepped.held_before_usd as raised_usd
from stepped
inner join scopes on stepped.company_id = scopes.company_id
inner join cohorts on stepped.company_id = cohorts.company_id
