-- Every month-end of every universe, and whether the data hold all of it up to then.
with months as (
    select as_of_month from {{ ref('int_months') }}
),

as_of as (
    select as_of from {{ ref('int_as_of') }}
),

universes as (
    select
        universe,
        complete_to
    from {{ ref('int_universes') }}
)

select
    months.as_of_month,
    universes.universe,
    coalesce(
        months.as_of_month <= universes.complete_to and months.as_of_month <= as_of.as_of, false
    ) as is_complete
from months
cross join universes
cross join as_of
