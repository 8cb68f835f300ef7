with steps as (
    select * from {{ ref('int_capital_steps') }}
    where
        cohort = 'all'
        and layer = 'all'
),

months as (
    select
        as_of_month,
        calendar_year
    from {{ ref('dim_months') }}
),

monthly as (
    select
        as_of_month,
        sum(raised_usd) as raised_usd
    from steps
    group by as_of_month
),

filled as (
    select
        months.as_of_month,
        months.calendar_year,
        extract(month from months.as_of_month) as month_of_year,
        coalesce(monthly.raised_usd, 0) as raised_usd
    from months
    left join monthly on months.as_of_month = monthly.as_of_month
),

running as (
    select
        *,
        sum(raised_usd) over (
            partition by calendar_year order by as_of_month
            rows between unbounded preceding and current row
        ) as ytd_usd,
        sum(raised_usd) over (
            order by as_of_month rows between 11 preceding and current row
        ) as trailing_12m_usd
    from filled
),

years as (
    select
        calendar_year,
        sum(raised_usd) as raised_usd
    from filled
    group by calendar_year
)

select
    running.as_of_month,
    running.raised_usd,
    running.ytd_usd,
    years.raised_usd as prior_year_usd,
    running.ytd_usd / nullif(years.raised_usd, 0) as ytd_multiple,
    a_year_before.ytd_usd as prior_year_ytd_usd,
    running.ytd_usd / nullif(a_year_before.ytd_usd, 0) as same_months_multiple,
    running.trailing_12m_usd
from running
left join years on running.calendar_year - 1 = years.calendar_year
left join running as a_year_before
    on
        running.calendar_year - 1 = a_year_before.calendar_year
        and running.month_of_year = a_year_before.month_of_year
