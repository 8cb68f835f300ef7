with months as (
    select * from {{ ref('int_months') }}
),

as_of as (
    select as_of from {{ ref('int_as_of') }}
)

select
    months.as_of_month,
    cast({{ dbt.date_trunc('month', 'months.as_of_month') }} as date) as month_start,
    cast({{ dbt.date_trunc('quarter', 'months.as_of_month') }} as date) as quarter_start,
    cast(extract(year from months.as_of_month) as int) as calendar_year,
    months.as_of_month <= as_of.as_of as is_complete
from months
cross join as_of
