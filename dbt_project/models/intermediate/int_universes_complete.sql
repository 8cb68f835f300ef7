-- Until when each universe is complete: the earliest day of its layers. Of mapped companies a layer is
-- complete as long as some list holds all of it; everything that is listed only as long as every list.
with universes as (
    select * from {{ ref('universes') }}
),

layers as (
    select layer from {{ ref('layers') }}
),

statements as (
    select * from {{ ref('int_completeness') }}
),

universe_layers as (
    select
        universes.universe,
        universes.membership,
        coalesce(universes.smallest_round_usd, 0) as smallest_round_usd,
        layers.layer
    from universes
    cross join layers
    where
        (universes.membership = 'listed' or layers.layer <> 'unknown')
        and not {{ leaves_out('universes.left_out_layers', 'layers.layer') }}
),

-- What each list says of each layer: null when it says nothing.
by_list as (
    select
        universe_layers.universe,
        universe_layers.membership,
        universe_layers.layer,
        statements.source,
        max(
            case
                when
                    universe_layers.smallest_round_usd >= statements.from_usd
                    and (
                        statements.layers is null
                        or {{ dbt.position("'\"' || universe_layers.layer || '\"'", 'statements.layers') }} > 0
                    )
                    then statements.complete_to
            end
        ) as complete_to
    from universe_layers
    cross join statements
    group by universe_layers.universe, universe_layers.membership, universe_layers.layer, statements.source
),

by_layer as (
    select
        universe,
        layer,
        case
            when membership = 'mapped' then max(complete_to)
            when count(complete_to) = count(*) then min(complete_to)
        end as complete_to
    from by_list
    group by universe, membership, layer
)

select
    universe,
    case when count(complete_to) = count(*) then min(complete_to) end as complete_to
from by_layer
group by universe
