-- A layer that the seed `universes` leaves out is one of the seed `layers`: a misspelt one would leave
-- out nothing. No tolerance.
with universes as (
    select * from {{ ref('universes') }}
    where left_out_layers is not null
),

layers as (
    select layer from {{ ref('layers') }}
),

left_out as (
    {{ split_rows('universes', ['universe'], ['left_out_layers']) }}
)

select
    left_out.universe,
    left_out.left_out_layers as layer
from left_out
left join layers on left_out.left_out_layers = layers.layer
where layers.layer is null
