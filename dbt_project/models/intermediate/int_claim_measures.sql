-- Every figure that a claim may be checked against, one row a figure: named, dated, and with the
-- scope it holds for. A claim finds its figure by these columns; adding a measure is adding a part.
with layer_shares as (
    select * from {{ ref('rpt_layer_share') }}
),

concentration as (
    select * from {{ ref('rpt_concentration') }}
),

company_shares as (
    select * from {{ ref('rpt_company_share') }}
),

pace as (
    select * from {{ ref('rpt_funding_pace') }}
),

mega_rounds as (
    select * from {{ ref('rpt_mega_rounds') }}
),

round_sizes as (
    select * from {{ ref('rpt_round_sizes') }}
),

valuations as (
    select * from {{ ref('rpt_valuations') }}
),

rounds as (
    select * from {{ ref('int_equity_rounds') }}
),

cadence as (
    select * from {{ ref('rpt_release_cadence') }}
),

catch_up as (
    select * from {{ ref('rpt_model_catch_up') }}
),

cited_to_date as (
    select
        as_of_month,
        sum(cited_share * raised_usd) / sum(raised_usd) as cited_share
    from layer_shares
    where cohort = 'all'
    group by as_of_month
),


mega_trend as (
    select
        quarter_start,
        avg(rounds) over (order by quarter_start rows between 3 preceding and current row)
        - avg(rounds) over (order by quarter_start rows between 7 preceding and 4 preceding) as change_in_rounds
    from mega_rounds
),

measures as (
    select
        'layer_share' as measure,
        as_of_month as measured_on,
        cohort,
        layer,
        cast(null as {{ dbt.type_string() }}) as subject,
        share as computed_value,
        cited_share as coverage,
        'marts.rpt_layer_share' as mart
    from layer_shares

    union all

    select
        'model_and_mlops_share' as measure,
        as_of_month as measured_on,
        cohort,
        'all' as layer,
        cast(null as {{ dbt.type_string() }}) as subject,
        sum(share) as computed_value,
        sum(cited_share * raised_usd) / sum(raised_usd) as coverage,
        'marts.rpt_layer_share' as mart
    from layer_shares
    where layer in ('model_platform', 'mlops')
    group by as_of_month, cohort

    union all

    select
        'closed_share' as measure,
        concentration.as_of_month as measured_on,
        concentration.cohort,
        concentration.layer,
        cast(null as {{ dbt.type_string() }}) as subject,
        concentration.closed_share as computed_value,
        layer_shares.cited_share as coverage,
        'marts.rpt_concentration' as mart
    from concentration
    inner join layer_shares
        on
            concentration.as_of_month = layer_shares.as_of_month
            and concentration.cohort = layer_shares.cohort
            and concentration.layer = layer_shares.layer

    union all

    select
        'company_share_of_all' as measure,
        company_shares.as_of_month as measured_on,
        company_shares.cohort,
        'all' as layer,
        company_shares.company_id as subject,
        company_shares.share_of_all as computed_value,
        cited_to_date.cited_share as coverage,
        'marts.rpt_company_share' as mart
    from company_shares
    inner join cited_to_date on company_shares.as_of_month = cited_to_date.as_of_month

    union all

    select
        'ytd_usd' as measure,
        pace.as_of_month as measured_on,
        'all' as cohort,
        'all' as layer,
        cast(null as {{ dbt.type_string() }}) as subject,
        pace.ytd_usd as computed_value,
        cited_to_date.cited_share as coverage,
        'marts.rpt_funding_pace' as mart
    from pace
    inner join cited_to_date on pace.as_of_month = cited_to_date.as_of_month

    union all

    select
        'ytd_multiple' as measure,
        pace.as_of_month as measured_on,
        'all' as cohort,
        'all' as layer,
        cast(null as {{ dbt.type_string() }}) as subject,
        pace.ytd_multiple as computed_value,
        cited_to_date.cited_share as coverage,
        'marts.rpt_funding_pace' as mart
    from pace
    inner join cited_to_date on pace.as_of_month = cited_to_date.as_of_month

    union all

    select
        'small_round_share' as measure,
        cast({{ dbt.last_day('round_sizes.quarter_start', 'quarter') }} as date) as measured_on,
        'all' as cohort,
        'all' as layer,
        cast(null as {{ dbt.type_string() }}) as subject,
        round_sizes.share_of_rounds as computed_value,
        cast(null as double) as coverage,
        'marts.rpt_round_sizes' as mart
    from round_sizes
    where
        round_sizes.universe = 'genai'
        and round_sizes.size_band = 'up_to_10m'

    union all

    select
        'change_in_mega_rounds' as measure,
        cast({{ dbt.last_day('quarter_start', 'quarter') }} as date) as measured_on,
        'all' as cohort,
        'all' as layer,
        cast(null as {{ dbt.type_string() }}) as subject,
        change_in_rounds as computed_value,
        cast(null as double) as coverage,
        'marts.rpt_mega_rounds' as mart
    from mega_trend

    union all

    select
        'closed_among_top_three' as measure,
        as_of_month as measured_on,
        'all' as cohort,
        layer,
        cast(null as {{ dbt.type_string() }}) as subject,
        cast(sum(case when model_access = 'closed' then 1 else 0 end) as double) as computed_value,
        cast(null as double) as coverage,
        'marts.rpt_valuations' as mart
    from valuations
    where rank_in_layer <= 3
    group by as_of_month, layer

    union all

    select
        'valuation_usd' as measure,
        as_of_month as measured_on,
        'all' as cohort,
        'all' as layer,
        company_id as subject,
        (valuation_low_usd + valuation_high_usd) / 2 as computed_value,
        cast(null as double) as coverage,
        'marts.rpt_valuations' as mart
    from valuations

    union all

    select
        'raised_in_month_usd' as measure,
        as_of_month as measured_on,
        'all' as cohort,
        'all' as layer,
        company_id as subject,
        sum(amount_usd) as computed_value,
        sum(case when evidence = 'cited' then amount_usd else 0 end) / sum(amount_usd) as coverage,
        'marts.fct_funding_rounds' as mart
    from rounds
    where amount_usd is not null
    group by as_of_month, company_id

    union all

    select
        'original_releases_per_day_30d' as measure,
        released_on as measured_on,
        'all' as cohort,
        'all' as layer,
        cast(null as {{ dbt.type_string() }}) as subject,
        original_releases_per_day_30d as computed_value,
        known_to_date / cast(known_to_date + undated_to_date as double) as coverage,
        'marts.rpt_release_cadence' as mart
    from cadence

    union all

    select
        'releases_per_day_30d' as measure,
        released_on as measured_on,
        'all' as cohort,
        'all' as layer,
        cast(null as {{ dbt.type_string() }}) as subject,
        releases_per_day_30d as computed_value,
        known_to_date / cast(known_to_date + undated_to_date as double) as coverage,
        'marts.rpt_release_cadence' as mart
    from cadence

    union all

    select
        'share_under_6_months' as measure,
        released_on as measured_on,
        'all' as cohort,
        'all' as layer,
        cast(null as {{ dbt.type_string() }}) as subject,
        share_under_6_months as computed_value,
        known_to_date / cast(known_to_date + undated_to_date as double) as coverage,
        'marts.rpt_release_cadence' as mart
    from cadence

    union all

    select
        'score_ratio' as measure,
        cast(null as date) as measured_on,
        'all' as cohort,
        'all' as layer,
        model_id as subject,
        max(score_ratio) as computed_value,
        cast(null as double) as coverage,
        'marts.rpt_model_catch_up' as mart
    from catch_up
    group by model_id

    union all

    select
        'training_cost_usd' as measure,
        cast(null as date) as measured_on,
        'all' as cohort,
        'all' as layer,
        model_id as subject,
        min(training_cost_usd) as computed_value,
        cast(null as double) as coverage,
        'marts.rpt_model_catch_up' as mart
    from catch_up
    group by model_id

    union all

    select
        'cost_ratio' as measure,
        cast(null as date) as measured_on,
        'all' as cohort,
        'all' as layer,
        model_id || 'against' || reference_model_id as subject,
        cost_ratio as computed_value,
        cast(null as double) as coverage,
        'marts.rpt_model_catch_up' as mart
    from catch_up

    union all

    select
        'parameters_ratio' as measure,
        cast(null as date) as measured_on,
        'all' as cohort,
        'all' as layer,
        model_id || 'against' || reference_model_id as subject,
        parameters_ratio as computed_value,
        cast(null as double) as coverage,
        'marts.rpt_model_catch_up' as mart
    from catch_up
)

select * from measures
where computed_value is not null
