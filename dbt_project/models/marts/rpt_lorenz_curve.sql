with distribution as (
    select * from {{ ref('int_capital_distribution') }}
),

totals as (
    select * from {{ ref('rpt_concentration') }}
),

-- Year-ends and the newest months are enough to see the curve move.
shown_months as (
    select as_of_month from {{ ref('dim_months') }}
    where extract(month from as_of_month) in (6, 12)
),

running as (
    select
        distribution.as_of_month,
        distribution.universe,
        distribution.layer,
        distribution.held_usd,
        distribution.companies_below + distribution.companies as companies_to_here,
        sum(distribution.held_usd * distribution.companies) over (
            partition by distribution.as_of_month, distribution.universe, distribution.layer
            order by distribution.held_usd
            rows between unbounded preceding and current row
        ) as usd_to_here
    from distribution
    inner join shown_months on distribution.as_of_month = shown_months.as_of_month
),

shares as (
    select
        running.as_of_month,
        running.universe,
        running.layer,
        running.held_usd,
        running.companies_to_here / cast(totals.companies as double) as share_of_companies,
        running.usd_to_here / totals.raised_usd as share_of_usd,
        totals.is_complete
    from running
    inner join totals
        on
            running.as_of_month = totals.as_of_month
            and running.universe = totals.universe
            and running.layer = totals.layer
)

-- A point for each five-hundredth of the companies draws the curve; of fewer than 500 it is every point:
-- along the curve all grow, so the last of a slice is the largest of each.
select
    as_of_month,
    universe,
    layer,
    max(held_usd) as held_usd,
    max(share_of_companies) as share_of_companies,
    max(share_of_usd) as share_of_usd,
    is_complete
from shares
group by
    as_of_month,
    universe,
    layer,
    is_complete,
    ceil(500 * share_of_companies)
