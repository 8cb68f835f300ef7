-- Every day from the first round, or the first day that a list of models covers, to the end of the month
-- the marts speak of. A stray release of long ago is no beginning.
with rounds as (
    select min(announced_on) as first_on from {{ ref('int_funding_rounds_resolved') }}
),

releases as (
    select min(first_on) as first_on from {{ ref('int_list_spans') }}
),

first_event as (
    select min(first_on) as first_on
    from (
        select first_on from rounds
        union all
        select first_on from releases
    ) as firsts
),

as_of as (
    select as_of from {{ ref('int_as_of') }}
),

-- Dates are accepted from 1800 to 2100.
numbers as (
    {{ dbt.generate_series(110000) }}
),

days as (
    select
        cast({{ dbt.dateadd('day', 'numbers.generated_number - 1', 'first_event.first_on') }} as date)
            as calendar_day
    from numbers
    cross join first_event
)

select days.calendar_day
from days
cross join as_of
where days.calendar_day <= {{ dbt.last_day('as_of.as_of', 'month') }}
