with steps as (
    select * from {{ ref('int_capital_steps') }}
),

distribution as (
    select * from {{ ref('int_capital_distribution') }}
),

universe_months as (
    select * from {{ ref('int_universe_months') }}
),

-- A round of size a to a company that holds b changes the sum of squares by a(2b + a): the
-- Herfindahl index of every month needs one pass over the rounds.
changes as (
    select
        universe,
        layer,
        as_of_month,
        sum(raised_usd) as raised_usd,
        sum(raised_usd * (2 * held_before_usd + raised_usd)) as squares,
        sum(case when held_before_usd = 0 then 1 else 0 end) as new_companies,
        sum(case when model_access = 'closed' then raised_usd else 0 end) as closed_usd,
        sum(case when model_access = 'open' then raised_usd else 0 end) as open_usd
    from steps
    group by universe, layer, as_of_month
),

scopes as (
    select
        universe,
        layer,
        min(as_of_month) as first_month
    from changes
    group by universe, layer
),

to_date as (
    select
        months.as_of_month,
        months.is_complete,
        scopes.universe,
        scopes.layer,
        sum(coalesce(changes.raised_usd, 0)) over to_date as raised_usd,
        sum(coalesce(changes.squares, 0)) over to_date as squares,
        sum(coalesce(changes.new_companies, 0)) over to_date as new_companies,
        sum(coalesce(changes.closed_usd, 0)) over to_date as closed_usd,
        sum(coalesce(changes.open_usd, 0)) over to_date as open_usd
    from scopes
    inner join universe_months as months
        on
            scopes.universe = months.universe
            and scopes.first_month <= months.as_of_month
    left join changes
        on
            scopes.universe = changes.universe
            and scopes.layer = changes.layer
            and months.as_of_month = changes.as_of_month
    window
        to_date as (
            partition by scopes.universe, scopes.layer order by months.as_of_month
            rows between unbounded preceding and current row
        )
),

-- With holdings sorted upwards, a group of c equal holdings h above b smaller ones has the ranks
-- b+1 to b+c, which sum to c(2b + c + 1)/2.
ranked as (
    select
        as_of_month,
        universe,
        layer,
        {% for n in [1, 3, 5, 10] -%}
        sum(
            held_usd * case
                when companies_above >= {{ n }} then 0
                when companies_above + companies > {{ n }} then {{ n }} - companies_above
                else companies
            end
        ) as top_{{ n }}_usd,
        {% endfor -%}
        sum(held_usd * companies * (2 * companies_below + companies + 1) / 2) as rank_weighted_usd
    from distribution
    group by as_of_month, universe, layer
)

select
    to_date.as_of_month,
    to_date.universe,
    to_date.layer,
    to_date.raised_usd,
    cast(to_date.new_companies as int) as companies,
    10000 * to_date.squares / (to_date.raised_usd * to_date.raised_usd) as hhi,
    ranked.top_1_usd / to_date.raised_usd as top_1_share,
    ranked.top_3_usd / to_date.raised_usd as top_3_share,
    ranked.top_5_usd / to_date.raised_usd as top_5_share,
    ranked.top_10_usd / to_date.raised_usd as top_10_share,
    2 * ranked.rank_weighted_usd / (to_date.new_companies * to_date.raised_usd)
    - (to_date.new_companies + 1) / to_date.new_companies as gini,
    to_date.raised_usd * to_date.raised_usd / to_date.squares as effective_companies,
    to_date.closed_usd / to_date.raised_usd as closed_share,
    to_date.open_usd / to_date.raised_usd as open_share,
    to_date.is_complete
from to_date
inner join ranked
    on
        to_date.as_of_month = ranked.as_of_month
        and to_date.universe = ranked.universe
        and to_date.layer = ranked.layer
