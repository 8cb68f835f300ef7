with rounds as (
    select * from {{ ref('int_universe_rounds') }}
    where amount_usd is not null
),

universe_months as (
    select
        *,
        extract(year from as_of_month) as calendar_year,
        extract(month from as_of_month) as month_of_year,
        extract(year from min(as_of_month) over ()) as first_year
    from {{ ref('int_universe_months') }}
),

monthly as (
    select
        universe,
        as_of_month,
        counts_from,
        extract(year from as_of_month) as calendar_year,
        extract(month from as_of_month) as month_of_year,
        sum(amount_usd) as raised_usd,
        max(amount_usd) as largest_usd
    from rounds
    group by universe, as_of_month, counts_from
),

-- Each month-end looks back on its own calendar year and the one before: 24 months at most.
looked_back as (
    select
        universe_months.as_of_month,
        universe_months.universe,
        universe_months.is_complete,
        universe_months.first_year,
        universe_months.calendar_year,
        universe_months.month_of_year,
        monthly.raised_usd,
        monthly.largest_usd,
        universe_months.calendar_year - monthly.calendar_year as years_ago,
        12 * (universe_months.calendar_year - monthly.calendar_year)
        + universe_months.month_of_year - monthly.month_of_year as months_ago
    from universe_months
    left join monthly
        on
            universe_months.universe = monthly.universe
            and universe_months.as_of_month >= monthly.counts_from
            and universe_months.calendar_year - 1 <= monthly.calendar_year
),

summed as (
    select
        as_of_month,
        universe,
        is_complete,
        sum(case when months_ago = 0 then raised_usd else 0 end) as raised_usd,
        sum(case when years_ago = 0 then raised_usd else 0 end) as ytd_usd,
        max(case when years_ago = 0 then largest_usd end) as largest_usd,
        case when calendar_year > first_year then sum(case when years_ago = 1 then raised_usd else 0 end) end
            as prior_year_usd,
        case
            when calendar_year > first_year
                then sum(case when years_ago = 1 and months_ago >= 12 then raised_usd else 0 end)
        end as prior_year_to_date_usd,
        sum(case when months_ago < 12 then raised_usd else 0 end) as trailing_12m_usd
    from looked_back
    group by as_of_month, universe, is_complete, calendar_year, first_year
)

select
    as_of_month,
    universe,
    raised_usd,
    ytd_usd,
    prior_year_usd,
    prior_year_to_date_usd,
    ytd_usd / nullif(prior_year_usd, 0) as ytd_multiple,
    ytd_usd / nullif(prior_year_to_date_usd, 0) as same_months_multiple,
    trailing_12m_usd,
    largest_usd as largest_round_usd,
    largest_usd / nullif(ytd_usd, 0) as largest_round_share,
    ytd_usd - largest_usd as other_rounds_usd,
    (ytd_usd - largest_usd) / nullif(prior_year_usd, 0) as other_rounds_multiple,
    is_complete
from summed
