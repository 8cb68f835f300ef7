-- At the last month-end each row `all` of rpt_concentration holds the equity of fct_funding_rounds that
-- its universe's rule in dim_universes names, no more and no less: nothing was lost or doubled on the
-- way through universes, layers and months.
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

universes as (
    select * from {{ ref('dim_universes') }}
),

facts as (
    select
        universes.universe,
        sum(rounds.amount_usd)
        - case when universes.without_largest_round then max(rounds.amount_usd) else 0 end as raised_usd
    from rounds
    inner join companies on rounds.company_id = companies.company_id
    inner join universes
        on
            companies.is_mapped >= (universes.membership = 'mapped')
            and coalesce(companies.founded_year, 0) >= coalesce(universes.founded_from_year, 0)
            and coalesce(companies.founded_year, 9999) <= coalesce(universes.founded_to_year, 9999)
            and coalesce(universes.left_out_layers, '') not like '%' || companies.layer || '%'
            and not (universes.genai_fit is not null and companies.genai_fit = 'adjacent')
            and rounds.evidence = coalesce(universes.evidence, rounds.evidence)
            and rounds.amount_usd >= coalesce(universes.smallest_round_usd, 0)
    group by universes.universe, universes.without_largest_round
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
    coalesce(facts.universe, last_month.universe) as universe,
    facts.raised_usd,
    last_month.raised_usd as reported_usd
from facts
full outer join last_month on facts.universe = last_month.universe
where
    abs(coalesce(facts.raised_usd, 0) - coalesce(last_month.raised_usd, 0))
    > 1e-9 * coalesce(facts.raised_usd, 0)
