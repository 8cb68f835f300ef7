-- The last day the marts speak of: the variable `as_of`, or the newest event in the data; of data
-- without any, such as companies alone, the newest snapshot.
with rounds as (
    select max(announced_on) as newest_on from {{ ref('int_funding_rounds_resolved') }}
),

releases as (
    select max(released_on) as newest_on from {{ ref('int_open_models_resolved') }}
),

snapshots as (
    select max(snapshot_on) as newest_on from {{ ref('int_current_snapshots') }}
),

newest_event as (
    select max(newest_on) as newest_on
    from (
        select newest_on from rounds
        union all
        select newest_on from releases
    ) as events
),

newest as (
    select coalesce(newest_event.newest_on, snapshots.newest_on) as newest_on
    from newest_event
    cross join snapshots
)

select {% if var('as_of') %}cast('{{ var("as_of") }}' as date){% else %}newest_on{% endif %} as as_of
from newest
