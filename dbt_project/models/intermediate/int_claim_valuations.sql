-- The last valuation of each company that was known on the day of a claim and is no older than two
-- years, with its place in its layer and among all. Companies tied for a place share it.
with days as (
    select * from {{ ref('int_claim_days') }}
),

rounds as (
    select
        *,
        (
            coalesce(valuation_low_usd, valuation_high_usd) + coalesce(valuation_high_usd, valuation_low_usd)
        ) / 2 as valuation_usd
    from {{ ref('fct_funding_rounds') }}
    where
        valuation_low_usd is not null
        or valuation_high_usd is not null
),

members as (
    select distinct
        universe,
        company_id,
        layer,
        model_access
    from {{ ref('int_universe_rounds') }}
),

-- Of several valuations of one day the highest counts.
known as (
    select
        days.as_of,
        rounds.company_id,
        rounds.valuation_usd,
        row_number() over (
            partition by days.as_of, rounds.company_id
            order by rounds.announced_on desc, rounds.valuation_usd desc, rounds.round_id
        ) as recency
    from days
    inner join rounds
        on
            days.as_of >= rounds.announced_on
            and {{ dbt.dateadd('year', -2, 'days.as_of') }} < rounds.announced_on
),

in_scopes as (
    select
        known.as_of,
        members.universe,
        members.layer,
        known.company_id,
        members.model_access,
        known.valuation_usd
    from known
    inner join members on known.company_id = members.company_id
    where known.recency = 1

    union all

    select
        known.as_of,
        members.universe,
        'all' as layer,
        known.company_id,
        members.model_access,
        known.valuation_usd
    from known
    inner join members on known.company_id = members.company_id
    where known.recency = 1
)

select
    *,
    rank() over (partition by as_of, universe, layer order by valuation_usd desc) as valuation_rank,
    count(*) over (partition by as_of, universe, layer, valuation_usd) as tied_companies
from in_scopes
