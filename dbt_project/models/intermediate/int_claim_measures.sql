-- Every figure that a claim may be checked against, one row a figure: named, dated, and with the
-- scope it holds for. A claim finds its figure by these columns; a new measure is a new line below.
{%- set measures = [
    {'measure': 'layer_share', 'of': 'layer_shares', 'layer': 'layer', 'universe': 'universe',
        'value': 'share', 'coverage': 'cited_share', 'mart': 'rpt_layer_share'},
    {'measure': 'model_and_mlops_share', 'of': 'model_and_mlops', 'universe': 'universe',
        'value': 'share', 'coverage': 'cited_share', 'mart': 'rpt_layer_share'},
    {'measure': 'closed_share', 'of': 'closed_shares', 'layer': 'layer', 'universe': 'universe',
        'value': 'closed_share', 'coverage': 'cited_share', 'mart': 'rpt_concentration'},
    {'measure': 'company_share_of_all', 'of': 'company_shares', 'universe': 'universe', 'subject': 'company_id',
        'value': 'share_of_all', 'coverage': 'cited_share', 'mart': 'rpt_company_share'},
    {'measure': 'ytd_usd', 'of': 'pace', 'value': 'ytd_usd', 'coverage': 'cited_share', 'mart': 'rpt_funding_pace'},
    {'measure': 'ytd_multiple', 'of': 'pace', 'value': 'ytd_multiple', 'coverage': 'cited_share',
        'mart': 'rpt_funding_pace'},
    {'measure': 'small_round_share', 'of': 'small_rounds', 'value': 'share_of_rounds', 'mart': 'rpt_round_sizes'},
    {'measure': 'change_in_mega_rounds', 'of': 'mega_trend', 'value': 'change_in_rounds', 'mart': 'rpt_mega_rounds'},
    {'measure': 'closed_among_top_three', 'of': 'top_three', 'layer': 'layer', 'value': 'closed_companies',
        'mart': 'rpt_valuations'},
    {'measure': 'valuation_usd', 'of': 'valuations', 'subject': 'company_id',
        'value': '(valuation_low_usd + valuation_high_usd) / 2', 'mart': 'rpt_valuations'},
    {'measure': 'raised_in_month_usd', 'of': 'company_months', 'subject': 'company_id', 'value': 'raised_usd',
        'coverage': 'cited_share', 'mart': 'fct_funding_rounds'},
    {'measure': 'releases_per_day_30d', 'of': 'cadence', 'value': 'releases_per_day_30d', 'coverage': 'dated_share',
        'mart': 'rpt_release_cadence'},
    {'measure': 'original_releases_per_day_30d', 'of': 'cadence', 'value': 'original_releases_per_day_30d',
        'coverage': 'dated_share', 'mart': 'rpt_release_cadence'},
    {'measure': 'share_under_6_months', 'of': 'cadence', 'value': 'share_under_6_months', 'coverage': 'dated_share',
        'mart': 'rpt_release_cadence'},
    {'measure': 'score_ratio', 'of': 'open_models', 'on': 'null', 'subject': 'model_id', 'value': 'score_ratio',
        'mart': 'rpt_model_catch_up'},
    {'measure': 'training_cost_usd', 'of': 'open_models', 'on': 'null', 'subject': 'model_id',
        'value': 'training_cost_usd', 'mart': 'rpt_model_catch_up'},
    {'measure': 'cost_ratio', 'of': 'catch_up', 'on': 'null', 'subject': 'pair', 'value': 'cost_ratio',
        'mart': 'rpt_model_catch_up'},
    {'measure': 'parameters_ratio', 'of': 'catch_up', 'on': 'null', 'subject': 'pair', 'value': 'parameters_ratio',
        'mart': 'rpt_model_catch_up'},
] %}

with layer_shares as (
    select
        *,
        as_of_month as measured_on
    from {{ ref('rpt_layer_share') }}
),

model_and_mlops as (
    select
        measured_on,
        universe,
        sum(share) as share,
        sum(cited_share * raised_usd) / sum(raised_usd) as cited_share
    from layer_shares
    where layer in ('model_platform', 'mlops')
    group by measured_on, universe
),

closed_shares as (
    select
        layer_shares.measured_on,
        layer_shares.universe,
        layer_shares.layer,
        layer_shares.cited_share,
        concentration.closed_share
    from {{ ref('rpt_concentration') }} as concentration
    inner join layer_shares
        on
            concentration.as_of_month = layer_shares.as_of_month
            and concentration.universe = layer_shares.universe
            and concentration.layer = layer_shares.layer
),

cited_to_date as (
    select
        measured_on,
        sum(cited_share * raised_usd) / sum(raised_usd) as cited_share
    from layer_shares
    where universe = 'genai'
    group by measured_on
),

company_shares as (
    select
        shares.*,
        cited_to_date.measured_on,
        cited_to_date.cited_share
    from {{ ref('rpt_company_share') }} as shares
    inner join cited_to_date on shares.as_of_month = cited_to_date.measured_on
),

pace as (
    select
        pace.*,
        cited_to_date.measured_on,
        cited_to_date.cited_share
    from {{ ref('rpt_funding_pace') }} as pace
    inner join cited_to_date on pace.as_of_month = cited_to_date.measured_on
    where pace.universe = 'genai'
),

small_rounds as (
    select
        cast({{ dbt.last_day('quarter_start', 'quarter') }} as date) as measured_on,
        share_of_rounds
    from {{ ref('rpt_round_sizes') }}
    where
        universe = 'genai'
        and size_band = 'up_to_10m'
),

-- The mean of the last four quarters less that of the four before.
mega_trend as (
    select
        cast({{ dbt.last_day('quarter_start', 'quarter') }} as date) as measured_on,
        avg(rounds) over (order by quarter_start rows between 3 preceding and current row)
        - avg(rounds) over (order by quarter_start rows between 7 preceding and 4 preceding) as change_in_rounds
    from {{ ref('rpt_mega_rounds') }}
    where universe = 'genai'
),

valuations as (
    select
        *,
        as_of_month as measured_on
    from {{ ref('rpt_valuations') }}
),

top_three as (
    select
        measured_on,
        layer,
        sum(case when model_access = 'closed' then 1 else 0 end) as closed_companies
    from valuations
    where rank_in_layer <= 3
    group by measured_on, layer
),

company_months as (
    select
        as_of_month as measured_on,
        company_id,
        sum(amount_usd) as raised_usd,
        sum(case when evidence = 'cited' then amount_usd else 0 end) / sum(amount_usd) as cited_share
    from {{ ref('int_equity_rounds') }}
    where amount_usd is not null
    group by as_of_month, company_id
),

cadence as (
    select
        *,
        released_on as measured_on,
        known_to_date / cast(known_to_date + undated_to_date as double) as dated_share
    from {{ ref('rpt_release_cadence') }}
),

catch_up as (
    select
        *,
        model_id || 'against' || reference_model_id as pair
    from {{ ref('rpt_model_catch_up') }}
),

open_models as (
    select
        model_id,
        max(score_ratio) as score_ratio,
        min(training_cost_usd) as training_cost_usd
    from catch_up
    group by model_id
),

measured as (
    {% for part in measures %}
    select
        '{{ part.measure }}' as measure,
        cast({{ part.on | default('measured_on') }} as date) as measured_on,
        {{ part.universe | default("'genai'") }} as universe,
        {{ part.layer | default("'all'") }} as layer,
        cast({{ part.subject | default('null') }} as {{ dbt.type_string() }}) as subject,
        cast({{ part.value }} as double) as computed_value,
        cast({{ part.coverage | default('null') }} as double) as coverage,
        'marts.{{ part.mart }}' as mart
    from {{ part.of }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from measured
where computed_value is not null
