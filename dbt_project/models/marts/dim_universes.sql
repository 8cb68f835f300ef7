with universes as (
    select * from {{ ref('int_universes') }}
)

select
    universe,
    title,
    description,
    membership,
    founded_from_year,
    founded_to_year,
    left_out_layers,
    genai_fit,
    evidence,
    smallest_round_usd,
    without_largest_round,
    is_headline,
    complete_to
from universes
