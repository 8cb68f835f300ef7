with rounds as (
    select * from {{ ref('int_layer_share_variants') }}
),

months as (
    select as_of_month from {{ ref('dim_months') }}
),

cutoffs as (
    select 2004 + generated_number as founded_from_year
    from ({{ dbt.generate_series(16) }}) as numbers
),

-- What each month added, for every cut-off at once.
monthly as (
    select
        rounds.exclusion,
        cutoffs.founded_from_year,
        rounds.as_of_month,
        sum(rounds.amount_usd) as raised_usd,
        sum(case when rounds.is_model_or_mlops then rounds.amount_usd else 0 end) as model_or_mlops_usd,
        sum(case when rounds.amount_usd is null then 1 else 0 end) as undisclosed_rounds,
        max(case when rounds.is_model_or_mlops then rounds.amount_usd end) as largest_model_or_mlops_usd,
        max(case when not rounds.is_model_or_mlops then rounds.amount_usd end) as largest_other_usd
    from rounds
    inner join cutoffs on rounds.founded_year >= cutoffs.founded_from_year
    group by rounds.exclusion, cutoffs.founded_from_year, rounds.as_of_month
),

-- Companies without a founding year are outside every cut-off.
unknown_year as (
    select
        months.as_of_month,
        rounds.exclusion,
        sum(rounds.amount_usd) as unknown_year_usd
    from rounds
    inner join months on rounds.as_of_month <= months.as_of_month
    where rounds.founded_year is null
    group by months.as_of_month, rounds.exclusion
),

scopes as (
    select
        exclusion,
        founded_from_year,
        min(as_of_month) as first_month
    from monthly
    group by exclusion, founded_from_year
),

to_date as (
    select
        months.as_of_month,
        scopes.founded_from_year,
        scopes.exclusion,
        sum(coalesce(monthly.raised_usd, 0)) over to_date as raised_usd,
        sum(coalesce(monthly.model_or_mlops_usd, 0)) over to_date as model_or_mlops_usd,
        sum(coalesce(monthly.undisclosed_rounds, 0)) over to_date as undisclosed_rounds,
        coalesce(unknown_year.unknown_year_usd, 0) as unknown_year_usd,
        coalesce(max(monthly.largest_model_or_mlops_usd) over to_date, 0) as largest_model_or_mlops_usd,
        coalesce(max(monthly.largest_other_usd) over to_date, 0) as largest_other_usd
    from scopes
    inner join months on scopes.first_month <= months.as_of_month
    left join monthly
        on
            scopes.exclusion = monthly.exclusion
            and scopes.founded_from_year = monthly.founded_from_year
            and months.as_of_month = monthly.as_of_month
    left join unknown_year
        on
            scopes.exclusion = unknown_year.exclusion
            and months.as_of_month = unknown_year.as_of_month
    window
        to_date as (
            partition by scopes.exclusion, scopes.founded_from_year order by months.as_of_month
            rows between unbounded preceding and current row
        )
),

-- The largest round so far, and where it counts; nothing is taken out in the other variants.
largest as (
    select
        *,
        case
            when exclusion = 'largest_round' and largest_model_or_mlops_usd >= largest_other_usd
                then largest_model_or_mlops_usd
            else 0
        end as excluded_model_or_mlops_usd,
        case
            when exclusion = 'largest_round' and largest_model_or_mlops_usd < largest_other_usd
                then largest_other_usd
            else 0
        end as excluded_other_usd
    from to_date
)

select
    as_of_month,
    cast(founded_from_year as int) as founded_from_year,
    exclusion,
    (model_or_mlops_usd - excluded_model_or_mlops_usd)
    / nullif(raised_usd - excluded_model_or_mlops_usd - excluded_other_usd, 0) as share,
    raised_usd - excluded_model_or_mlops_usd - excluded_other_usd as raised_usd,
    cast(undisclosed_rounds as int) as undisclosed_rounds,
    unknown_year_usd
from largest
