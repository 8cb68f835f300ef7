-- Which equity rounds each universe holds, and from which month-end on.
with rounds as (
    select * from {{ ref('int_universe_rounds') }}
)

select
    universe,
    round_id,
    counts_from
from rounds
