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

-- What each month added: the rounds of companies founded from each cut-off year on, and those of
-- companies without a founding year, which are outside every cut-off.
monthly as (
    select
        rounds.universe,
        cutoffs.founded_from_year,
        rounds.counts_from as as_of_month,
        sum(case when rounds.founded_year is not null then rounds.amount_usd end) as raised_usd,
        sum(
            case
                when rounds.founded_year is not null and rounds.layer in ('model_platform', 'mlops')
                    then rounds.amount_usd
            end
        ) as model_or_mlops_usd,
        sum(
            case
                when
                    rounds.founded_year is not null
                    and coalesce(rounds.alternative_layer, rounds.layer) in ('model_platform', 'mlops')
                    then rounds.amount_usd
            end
        ) as alternative_model_or_mlops_usd,
        sum(case when rounds.founded_year is not null and rounds.amount_usd is null then 1 else 0 end)
            as undisclosed_rounds,
        sum(case when rounds.founded_year is null then rounds.amount_usd end) as unknown_year_usd,
        min(case when rounds.founded_year is not null then rounds.counts_from end) as dated_in_month
    from rounds
    inner join cutoffs
        on
            rounds.founded_year >= cutoffs.founded_from_year
            or rounds.founded_year is null
    group by rounds.universe, cutoffs.founded_from_year, rounds.counts_from
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
