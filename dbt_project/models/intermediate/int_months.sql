with days as (
    select * from {{ ref('int_calendar_days') }}
)

select distinct cast({{ dbt.last_day('calendar_day', 'month') }} as date) as as_of_month
from days
