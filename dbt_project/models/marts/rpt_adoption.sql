with benchmarks as (
    select * from {{ ref('fct_benchmarks') }}
),

stated as (
    select
        scope as product,
        '100 million users' as milestone,
        case when metric = 'days_to_100m_users' then metric_value * 12 / 365.25 else metric_value end as months_stated
    from benchmarks
    where metric in ('months_to_100m_users', 'days_to_100m_users')
)

select
    product,
    milestone,
    min(months_stated) as months_to_milestone,
    max(months_stated) as longest_months_to_milestone,
    cast(count(*) as int) as statements
from stated
group by product, milestone
