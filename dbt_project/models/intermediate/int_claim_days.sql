-- The days that claims speak of: a claim is held against what was known and dated up to its own day.
with claims as (
    {{ current_rows('claims') }}
),

days as (
    select distinct as_of from claims
)

select
    as_of,
    lag(as_of) over (order by as_of) as previous_as_of
from days
