-- At the last month-end each row `all` of rpt_concentration holds the equity of fct_funding_rounds,
-- no more and no less: nothing was lost or doubled on the way through cohorts, layers and months.
-- Tolerance: a billionth of the dollars, for the order in which they are added.
with rounds as (
    select * from {{ ref('fct_funding_rounds') }}
    where
        kind = 'equity'
        and amount_usd > 0
),

companies as (
    select * from {{ ref('dim_companies') }}
),

facts as (
    select
        'all' as cohort,
        sum(amount_usd) as raised_usd
    from rounds

    union all

    select
        'founded_2013_or_later' as cohort,
        sum(rounds.amount_usd) as raised_usd
    from rounds
    inner join companies on rounds.company_id = companies.company_id
    where companies.founded_cohort = 'founded_2013_or_later'
),

all_layers as (
    select
        *,
        max(as_of_month) over () as last_month
    from {{ ref('rpt_concentration') }}
    where layer = 'all'
),

last_month as (
    select * from all_layers
    where as_of_month = last_month
)

select
    facts.cohort,
    facts.raised_usd,
    last_month.raised_usd as reported_usd
from facts
left join last_month on facts.cohort = last_month.cohort
where
    abs(coalesce(facts.raised_usd, 0) - coalesce(last_month.raised_usd, 0))
    > 1e-9 * coalesce(facts.raised_usd, 0)
