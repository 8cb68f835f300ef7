-- Universes as the seed states them, with what the data make of them: which one the headlines speak
-- of, and until when each is complete. Where no mapped company raised anything, the headlines speak of
-- everything that is listed.
with universes as (
    select * from {{ ref('universes') }}
),

completeness as (
    select * from {{ ref('int_universes_complete') }}
),

raised as (
    select distinct universe from {{ ref('int_universe_rounds') }}
    where amount_usd > 0
),

stated_headlines as (
    select count(*) as with_money
    from universes
    inner join raised on universes.universe = raised.universe
    where universes.is_headline
)

select
    universes.universe,
    universes.title,
    universes.description,
    universes.membership,
    universes.founded_from_year,
    universes.founded_to_year,
    universes.left_out_layers,
    universes.genai_fit,
    universes.evidence,
    universes.smallest_round_usd,
    universes.without_largest_round,
    case
        when stated_headlines.with_money > 0 then universes.is_headline
        else universes.universe = 'everything_listed'
    end as is_headline,
    completeness.complete_to
from universes
cross join stated_headlines
left join completeness on universes.universe = completeness.universe
