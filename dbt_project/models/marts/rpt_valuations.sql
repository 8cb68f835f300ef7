{% set ladder_length = 50 %}

with rounds as (
    select * from {{ ref('fct_funding_rounds') }}
),

companies as (
    select * from {{ ref('dim_companies') }}
),

-- The ladder is of all companies; it is complete as long as the universe of the headlines is.
months as (
    select
        universe_months.as_of_month,
        universe_months.is_complete
    from {{ ref('int_universe_months') }} as universe_months
    inner join {{ ref('dim_universes') }} as universes on universe_months.universe = universes.universe
    where universes.is_headline
),

strategic_investors as (
    select
        round_investors.round_id,
        rounds.company_id,
        rounds.announced_on,
        investors.investor
    from {{ ref('fct_round_investors') }} as round_investors
    inner join rounds on round_investors.round_id = rounds.round_id
    inner join {{ ref('dim_investors') }} as investors on round_investors.investor_id = investors.investor_id
    where round_investors.is_strategic
),

-- One valuation a company and day: of several rounds that day the highest counts.
valued as (
    select
        company_id,
        announced_on as valued_on,
        round_id,
        coalesce(valuation_low_usd, valuation_high_usd) as valuation_low_usd,
        coalesce(valuation_high_usd, valuation_low_usd) as valuation_high_usd,
        row_number() over (
            partition by company_id, announced_on
            order by coalesce(valuation_high_usd, valuation_low_usd) desc, round_id
        ) as choice
    from rounds
    where valuation_low_usd is not null or valuation_high_usd is not null
),

spans as (
    select
        *,
        lead(valued_on) over (partition by company_id order by valued_on) as next_valued_on
    from valued
    where choice = 1
),

-- A valuation stands from the month-end after it until the company's next one.
monthly as (
    select
        months.as_of_month,
        months.is_complete,
        spans.company_id,
        spans.valued_on,
        spans.valuation_low_usd + spans.valuation_high_usd as both_ends_usd,
        spans.valued_on < cast({{ dbt.dateadd('year', -2, 'months.as_of_month') }} as date) as is_stale
    from spans
    inner join months
        on
            spans.valued_on <= months.as_of_month
            and (spans.next_valued_on > months.as_of_month or spans.next_valued_on is null)
),

-- A stale valuation ranks behind all fresh ones; companies in no market map have ranks of their own.
ranked as (
    select
        monthly.as_of_month,
        monthly.company_id,
        monthly.valued_on,
        monthly.is_stale,
        monthly.is_complete,
        rank() over (
            partition by monthly.as_of_month, companies.is_mapped
            order by monthly.is_stale, monthly.both_ends_usd desc
        ) as rank_overall,
        rank() over (
            partition by monthly.as_of_month, companies.layer
            order by monthly.is_stale, monthly.both_ends_usd desc
        ) as rank_in_layer
    from monthly
    inner join companies on monthly.company_id = companies.company_id
),

ladder as (
    select * from ranked
    where rank_in_layer <= {{ ladder_length }}
),

backed as (
    select
        ladder.as_of_month,
        ladder.company_id,
        count(distinct strategic_investors.investor) as strategic_backers
    from ladder
    inner join strategic_investors
        on
            ladder.company_id = strategic_investors.company_id
            and ladder.as_of_month >= strategic_investors.announced_on
    group by ladder.as_of_month, ladder.company_id
)

select
    ladder.as_of_month,
    ladder.company_id,
    companies.company,
    companies.layer,
    companies.model_access,
    spans.valuation_low_usd,
    spans.valuation_high_usd,
    ladder.valued_on,
    ladder.is_stale,
    spans.round_id,
    cast(ladder.rank_overall as int) as rank_overall,
    cast(ladder.rank_in_layer as int) as rank_in_layer,
    cast(coalesce(backed.strategic_backers, 0) as int) as strategic_backers,
    ladder.is_complete
from ladder
inner join companies on ladder.company_id = companies.company_id
inner join spans
    on
        ladder.company_id = spans.company_id
        and ladder.valued_on = spans.valued_on
left join backed
    on
        ladder.as_of_month = backed.as_of_month
        and ladder.company_id = backed.company_id
