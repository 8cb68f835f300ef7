{% set named = var('named_companies_per_layer') %}

with steps as (
    select * from {{ ref('int_capital_steps') }}
),

distribution as (
    select * from {{ ref('int_capital_distribution') }}
),

totals as (
    select * from {{ ref('rpt_concentration') }}
),

months as (
    select as_of_month from {{ ref('int_months') }}
),

companies as (
    select * from {{ ref('dim_companies') }}
),

-- Between two of its own rounds a company can only fall in rank, so a company was ever among the
-- first n of its layer if it was right after one of its rounds.
thresholds as (
    select
        universe,
        layer,
        as_of_month,
        min(held_usd) as held_usd
    from distribution
    where companies_above < {{ named }}
    group by universe, layer, as_of_month
),

ever_named as (
    select distinct
        steps.universe,
        steps.layer,
        steps.company_id
    from steps
    inner join thresholds
        on
            steps.universe = thresholds.universe
            and steps.layer = thresholds.layer
            and steps.as_of_month = thresholds.as_of_month
            and steps.held_after_usd >= thresholds.held_usd
    where steps.layer <> 'all'
),

spans as (
    select
        steps.universe,
        steps.layer,
        steps.company_id,
        steps.held_after_usd,
        steps.as_of_month as valid_from,
        lead(steps.as_of_month) over (
            partition by steps.universe, steps.layer, steps.company_id order by steps.as_of_month
        ) as valid_until
    from steps
    inner join ever_named
        on
            steps.universe = ever_named.universe
            and steps.layer = ever_named.layer
            and steps.company_id = ever_named.company_id
),

held as (
    select
        months.as_of_month,
        spans.universe,
        spans.layer,
        spans.company_id,
        spans.held_after_usd as raised_usd
    from spans
    inner join months
        on
            spans.valid_from <= months.as_of_month
            and (spans.valid_until > months.as_of_month or spans.valid_until is null)
),

ranked as (
    select
        held.*,
        distribution.companies_above + 1 as rank_in_layer
    from held
    inner join distribution
        on
            held.as_of_month = distribution.as_of_month
            and held.universe = distribution.universe
            and held.layer = distribution.layer
            and held.raised_usd = distribution.held_usd
),

named_together as (
    select
        as_of_month,
        universe,
        sum(raised_usd) as raised_usd,
        count(*) as companies
    from held
    group by as_of_month, universe
),

all_rows as (
    select
        as_of_month,
        universe,
        company_id,
        layer,
        raised_usd,
        rank_in_layer
    from ranked

    union all

    select
        totals.as_of_month,
        totals.universe,
        'all others' as company_id,
        cast(null as {{ dbt.type_string() }}) as layer,
        totals.raised_usd - named_together.raised_usd as raised_usd,
        cast(null as bigint) as rank_in_layer
    from totals
    inner join named_together
        on
            totals.as_of_month = named_together.as_of_month
            and totals.universe = named_together.universe
    where
        totals.layer = 'all'
        and totals.companies > named_together.companies
)

select
    all_rows.as_of_month,
    all_rows.universe,
    all_rows.company_id,
    coalesce(companies.company, 'all others') as company,
    all_rows.layer,
    all_rows.raised_usd,
    all_rows.raised_usd / all_layers.raised_usd as share_of_all,
    all_rows.raised_usd / own_layer.raised_usd as share_of_layer,
    cast(all_rows.rank_in_layer as int) as rank_in_layer,
    all_layers.is_complete
from all_rows
inner join totals as all_layers
    on
        all_rows.as_of_month = all_layers.as_of_month
        and all_rows.universe = all_layers.universe
        and all_layers.layer = 'all'
left join totals as own_layer
    on
        all_rows.as_of_month = own_layer.as_of_month
        and all_rows.universe = own_layer.universe
        and all_rows.layer = own_layer.layer
left join companies on all_rows.company_id = companies.company_id
