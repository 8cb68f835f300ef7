-- The days that claims speak of: a claim is held against what was known and dated up to its own day.
-- One of a day after `as_of` is held against nothing: what came until then is left out.
with claims as (
    {{ current_rows('claims') }}
),

days as (
    select distinct as_of from claims
    where {{ dated_by_as_of('as_of') }}
)

select
    as_of,
    lag(as_of) over (order by as_of) as previous_as_of
from days
