-- rpt_concentration adds up changes to the sum of squares; here, for each month-end of the last year,
-- the index is computed as the textbooks do, from the rounds and with nothing in between.
-- Tolerance: a billionth of the index, for the rounding of the two ways of adding.
with rounds as (
    select * from {{ ref('fct_funding_rounds') }}
    where
        kind = 'equity'
        and amount_usd > 0
),

companies as (
    select * from {{ ref('dim_companies') }}
),

reported as (
    select
        *,
        max(as_of_month) over () as last_month
    from {{ ref('rpt_concentration') }}
),

last_year as (
    select * from reported
    where as_of_month > cast({{ dbt.dateadd('month', -12, 'last_month') }} as date)
),

months as (
    select distinct as_of_month from last_year
),

members as (
    select
        company_id,
        layer,
        'all' as cohort
    from companies

    union all

    select
        company_id,
        layer,
        'founded_2013_or_later' as cohort
    from companies
    where founded_cohort = 'founded_2013_or_later'
),

holdings as (
    select
        months.as_of_month,
        members.cohort,
        members.layer,
        members.company_id,
        sum(rounds.amount_usd) as held_usd
    from rounds
    inner join members on rounds.company_id = members.company_id
    inner join months on rounds.announced_on <= months.as_of_month
    group by months.as_of_month, members.cohort, members.layer, members.company_id
),

direct as (
    select
        as_of_month,
        cohort,
        layer,
        10000 * sum(held_usd * held_usd) / (sum(held_usd) * sum(held_usd)) as hhi,
        count(*) as companies
    from holdings
    group by as_of_month, cohort, layer

    union all

    select
        as_of_month,
        cohort,
        'all' as layer,
        10000 * sum(held_usd * held_usd) / (sum(held_usd) * sum(held_usd)) as hhi,
        count(*) as companies
    from holdings
    group by as_of_month, cohort
)

select
    coalesce(last_year.as_of_month, direct.as_of_month) as as_of_month,
    coalesce(last_year.cohort, direct.cohort) as cohort,
    coalesce(last_year.layer, direct.layer) as layer,
    last_year.hhi,
    direct.hhi as direct_hhi,
    last_year.companies,
    direct.companies as direct_companies
from last_year
full outer join direct
    on
        last_year.as_of_month = direct.as_of_month
        and last_year.cohort = direct.cohort
        and last_year.layer = direct.layer
where
    last_year.hhi is null
    or direct.hhi is null
    or abs(last_year.hhi - direct.hhi) > 1e-9 * direct.hhi
    or last_year.companies <> direct.companies
