with universes as (
    select * from {{ ref('int_universes') }}
),

first_money as (
    select
        universe,
        min(counts_from) as first_month
    from {{ ref('int_universe_rounds') }}
    where amount_usd > 0
    group by universe
),

complete_months as (
    select
        months.universe,
        max(months.as_of_month) as last_complete_month
    from {{ ref('int_universe_months') }} as months
    inner join first_money on months.universe = first_money.universe
    where
        months.is_complete
        and months.as_of_month >= first_money.first_month
    group by months.universe
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
