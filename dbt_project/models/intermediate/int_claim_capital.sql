-- Equity raised up to the day of a claim, by universe and layer, and in all layers together.
with days as (
    select * from {{ ref('int_claim_days') }}
),

rounds as (
    select * from {{ ref('int_universe_rounds') }}
    where amount_usd > 0
),

-- Each round stands once, at the first of the days on which it counts.
added as (
    select
        days.as_of,
        rounds.universe,
        rounds.layer,
        sum(rounds.amount_usd) as raised_usd,
        sum(case when rounds.evidence = 'cited' then rounds.amount_usd else 0 end) as cited_usd,
        sum(case when rounds.model_access = 'closed' then rounds.amount_usd else 0 end) as closed_usd
    from rounds
    inner join days
        on
            rounds.counts_on <= days.as_of
            and (days.previous_as_of is null or rounds.counts_on > days.previous_as_of)
    group by days.as_of, rounds.universe, rounds.layer
),

scopes as (
    select distinct
        universe,
        layer
    from added
),

to_date as (
    select
        days.as_of,
        scopes.universe,
        scopes.layer,
        sum(coalesce(added.raised_usd, 0)) over to_date as raised_usd,
        sum(coalesce(added.cited_usd, 0)) over to_date as cited_usd,
        sum(coalesce(added.closed_usd, 0)) over to_date as closed_usd
    from scopes
    cross join days
    left join added
        on
            scopes.universe = added.universe
            and scopes.layer = added.layer
            and days.as_of = added.as_of
    window
        to_date as (
            partition by scopes.universe, scopes.layer order by days.as_of
            rows between unbounded preceding and current row
        )
),

with_all_layers as (
    select * from to_date

    union all

    select
        as_of,
        universe,
        'all' as layer,
        sum(raised_usd) as raised_usd,
        sum(cited_usd) as cited_usd,
        sum(closed_usd) as closed_usd
    from to_date
    group by as_of, universe
)

select
    as_of,
    universe,
    layer,
    raised_usd,
    cited_usd,
    closed_usd
from with_all_layers
where raised_usd > 0
