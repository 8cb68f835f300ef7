-- Every quarter of every universe, and whether the data hold all of it up to its end.
with months as (
    select
        *,
        cast({{ dbt.date_trunc('quarter', 'as_of_month') }} as date) as quarter_start
    from {{ ref('int_universe_months') }}
)

select
    quarter_start,
    universe,
    max(case when is_complete and as_of_month = {{ dbt.last_day('quarter_start', 'quarter') }} then 1 else 0 end) = 1
        as is_complete
from months
group by quarter_start, universe
