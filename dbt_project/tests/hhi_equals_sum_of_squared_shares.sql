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

-- Universes of companies: which rounds a universe counts doesn't matter here.
universes as (
    select * from {{ ref('dim_universes') }}
    where
        evidence is null
        and smallest_round_usd is null
        and not without_largest_round
),

reported as (
    select
        *,
        max(as_of_month) over () as last_month
    from {{ ref('rpt_concentration') }}
    where universe in (select universes.universe from universes)
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
        companies.company_id,
        companies.layer,
        universes.universe
    from companies
    inner join universes
        on
            companies.is_mapped >= (universes.membership = 'mapped')
            and coalesce(companies.founded_year, 0) >= coalesce(universes.founded_from_year, 0)
            and coalesce(companies.founded_year, 9999) <= coalesce(universes.founded_to_year, 9999)
            and coalesce(universes.left_out_layers, '') not like '%' || companies.layer || '%'
            and not (universes.genai_fit is not null and companies.genai_fit = 'adjacent')
),

-- Added up once, not once a universe.
raised as (
    select
        months.as_of_month,
        rounds.company_id,
        sum(rounds.amount_usd) as held_usd
    from rounds
    inner join months on rounds.announced_on <= months.as_of_month
    group by months.as_of_month, rounds.company_id
),

holdings as (
    select
        raised.as_of_month,
        members.universe,
        members.layer,
        raised.held_usd
    from raised
    inner join members on raised.company_id = members.company_id
),

direct as (
    select
        as_of_month,
        universe,
        layer,
        10000 * sum(held_usd * held_usd) / (sum(held_usd) * sum(held_usd)) as hhi,
        count(*) as companies
    from holdings
    group by as_of_month, universe, layer

    union all

    select
        as_of_month,
        universe,
        'all' as layer,
        10000 * sum(held_usd * held_usd) / (sum(held_usd) * sum(held_usd)) as hhi,
        count(*) as companies
    from holdings
    group by as_of_month, universe
)

select
    coalesce(last_year.as_of_month, direct.as_of_month) as as_of_month,
    coalesce(last_year.universe, direct.universe) as universe,
    coalesce(last_year.layer, direct.layer) as layer,
    last_year.hhi,
    direct.hhi as direct_hhi,
    last_year.companies,
    direct.companies as direct_companies
from last_year
full outer join direct
    on
        last_year.as_of_month = direct.as_of_month
        and last_year.universe = direct.universe
        and last_year.layer = direct.layer
where
    last_year.hhi is null
    or direct.hhi is null
    or abs(last_year.hhi - direct.hhi) > 1e-9 * direct.hhi
    or last_year.companies <> direct.companies
