-- What a claim may mean: a row for each measure, layer and universe that it names. A claim that names
-- no universe is read in every one, as the same doubt must get the same verdict.
with claims as (
    {{ current_rows('claims') }}
),

universes as (
    select * from {{ ref('universes') }}
),

every_universe as (
    select {{ dbt.listagg('universe', "';'", 'order by universe') }} as universe_list from universes
),

scoped as (
    select
        claims.source_row_id,
        claims.as_of,
        claims.subject_key,
        claims.measure,
        coalesce(claims.layer, 'all') as layer,
        coalesce(claims.universe, every_universe.universe_list) as universe
    from claims
    cross join every_universe
),

measures as (
    {{ split_rows('scoped', ['source_row_id'], ['measure']) }}
),

layers as (
    {{ split_rows('scoped', ['source_row_id'], ['layer']) }}
),

in_universes as (
    {{ split_rows('scoped', ['source_row_id'], ['universe']) }}
)

select
    scoped.source_row_id,
    scoped.as_of,
    scoped.subject_key,
    trim(measures.measure) as measure,
    trim(layers.layer) as layer,
    trim(in_universes.universe) as universe,
    measures.item_position as measure_position,
    layers.item_position as layer_position,
    in_universes.item_position as universe_position
from scoped
inner join measures on scoped.source_row_id = measures.source_row_id
inner join layers on scoped.source_row_id = layers.source_row_id
inner join in_universes on scoped.source_row_id = in_universes.source_row_id
