-- The headlines speak of one universe: the seed marks one row, and holds `everything_listed` for data
-- without a market map. No tolerance.
with universes as (
    select * from {{ ref('dim_universes') }}
)

select
    sum(case when is_headline then 1 else 0 end) as headline_universes,
    sum(case when universe = 'everything_listed' then 1 else 0 end) as listed_universes
from universes
having
    sum(case when is_headline then 1 else 0 end) <> 1
    or sum(case when universe = 'everything_listed' then 1 else 0 end) <> 1
