with universes as (
    select * from {{ ref('int_universes') }}
),

complete_months as (
    select
        universe,
        max(as_of_month) as last_complete_month
    from {{ ref('int_universe_months') }}
    where is_complete
    group by universe
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
    universes.is_headline,
    universes.complete_to,
    complete_months.last_complete_month
from universes
left join complete_months on universes.universe = complete_months.universe
