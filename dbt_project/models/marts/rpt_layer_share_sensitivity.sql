with rounds as (
    select * from {{ ref('int_universe_rounds') }}
),

universe_months as (
    select * from {{ ref('int_universe_months') }}
),

cutoffs as (
    select 2004 + generated_number as founded_from_year
    from ({{ dbt.generate_series(16) }}) as numbers
),

-- What each month added by founding year: few rows, so that each cut-off adds up few.
by_year as (
    select
        universe,
        founded_year,
        counts_from as as_of_month,
        sum(amount_usd) as raised_usd,
        sum(case when layer in ('model_platform', 'mlops') then amount_usd end) as model_or_mlops_usd,
        sum(case when coalesce(alternative_layer, layer) in ('model_platform', 'mlops') then amount_usd end)
            as alternative_model_or_mlops_usd,
        sum(case when amount_usd is null then 1 else 0 end) as undisclosed_rounds
    from rounds
    group by universe, founded_year, counts_from
),

-- The rounds of companies founded from each cut-off year on, and those of companies without a founding
-- year, which are outside every cut-off.
monthly as (
    select
        by_year.universe,
        cutoffs.founded_from_year,
        by_year.as_of_month,
        sum(case when by_year.founded_year is not null then by_year.raised_usd end) as raised_usd,
        sum(case when by_year.founded_year is not null then by_year.model_or_mlops_usd end) as model_or_mlops_usd,
        sum(case when by_year.founded_year is not null then by_year.alternative_model_or_mlops_usd end)
            as alternative_model_or_mlops_usd,
        sum(case when by_year.founded_year is not null then by_year.undisclosed_rounds else 0 end)
            as undisclosed_rounds,
        sum(case when by_year.founded_year is null then by_year.raised_usd end) as unknown_year_usd,
        min(case when by_year.founded_year is not null then by_year.as_of_month end) as dated_in_month
    from by_year
    inner join cutoffs
        on
            by_year.founded_year >= cutoffs.founded_from_year
            or by_year.founded_year is null
    group by by_year.universe, cutoffs.founded_from_year, by_year.as_of_month
),

scopes as (
    select
        universe,
        founded_from_year,
        min(dated_in_month) as first_month
    from monthly
    group by universe, founded_from_year
),

to_date as (
    select
        universe_months.as_of_month,
        universe_months.is_complete,
        scopes.universe,
        scopes.founded_from_year,
        scopes.first_month,
        sum(coalesce(monthly.raised_usd, 0)) over to_date as raised_usd,
        sum(coalesce(monthly.model_or_mlops_usd, 0)) over to_date as model_or_mlops_usd,
        sum(coalesce(monthly.alternative_model_or_mlops_usd, 0)) over to_date as alternative_model_or_mlops_usd,
        sum(coalesce(monthly.undisclosed_rounds, 0)) over to_date as undisclosed_rounds,
        sum(coalesce(monthly.unknown_year_usd, 0)) over to_date as unknown_year_usd
    from scopes
    inner join universe_months on scopes.universe = universe_months.universe
    left join monthly
        on
            scopes.universe = monthly.universe
            and scopes.founded_from_year = monthly.founded_from_year
            and universe_months.as_of_month = monthly.as_of_month
    window
        to_date as (
            partition by scopes.universe, scopes.founded_from_year order by universe_months.as_of_month
            rows between unbounded preceding and current row
        )
)

select
    as_of_month,
    universe,
    cast(founded_from_year as int) as founded_from_year,
    model_or_mlops_usd / nullif(raised_usd, 0) as share,
    alternative_model_or_mlops_usd / nullif(raised_usd, 0) as share_in_alternative_layers,
    raised_usd,
    cast(undisclosed_rounds as int) as undisclosed_rounds,
    unknown_year_usd,
    is_complete
from to_date
where as_of_month >= first_month
