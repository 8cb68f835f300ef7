-- Every figure that a claim may be held against, one row a figure: named, of the day of a claim and with
-- the scope it holds for. A claim finds its figure by these columns; a new measure is a new line below.
-- `restates` marks measures that a press figure answers: nothing is computed anew.
{%- set measures = [
    {'measure': 'layer_share', 'of': 'layer_shares', 'value': "case when layer <> 'all' then raised_usd / total_usd end", 'coverage': 'cited_usd / raised_usd',
        'table': 'marts.rpt_layer_share'},
    {'measure': 'model_and_mlops_share', 'of': 'model_and_mlops', 'value': 'raised_usd / total_usd',
        'coverage': 'cited_usd / raised_usd', 'table': 'marts.rpt_layer_share'},
    {'measure': 'closed_share', 'of': 'layer_shares', 'value': 'closed_usd / raised_usd',
        'coverage': 'cited_usd / raised_usd', 'table': 'marts.rpt_concentration'},
    {'measure': 'top_1_share', 'of': 'largest', 'value': 'top_1_usd / raised_usd', 'coverage': 'cited_usd / raised_usd',
        'table': 'marts.rpt_concentration'},
    {'measure': 'top_3_share', 'of': 'largest', 'value': 'top_3_usd / raised_usd', 'coverage': 'cited_usd / raised_usd',
        'table': 'marts.rpt_concentration'},
    {'measure': 'top_5_share', 'of': 'largest', 'value': 'top_5_usd / raised_usd', 'coverage': 'cited_usd / raised_usd',
        'table': 'marts.rpt_concentration'},
    {'measure': 'top_10_share', 'of': 'largest', 'value': 'top_10_usd / raised_usd', 'coverage': 'cited_usd / raised_usd',
        'table': 'marts.rpt_concentration'},
    {'measure': 'company_share_of_all', 'of': 'company_shares', 'subject': 'company_id', 'value': 'held_usd / raised_usd',
        'coverage': 'cited_usd / raised_usd', 'table': 'marts.rpt_company_share'},
    {'measure': 'ytd_usd', 'of': 'pace', 'value': 'ytd_usd', 'coverage': 'ytd_cited_usd / ytd_usd',
        'table': 'marts.rpt_funding_pace'},
    {'measure': 'quarter_usd', 'of': 'pace', 'value': 'quarter_usd', 'coverage': 'quarter_cited_usd / quarter_usd',
        'table': 'marts.fct_funding_rounds'},
    {'measure': 'top_5_in_year_usd', 'of': 'largest_of_the_year', 'value': 'top_5_usd',
        'coverage': 'top_5_cited_usd / top_5_usd', 'table': 'marts.fct_funding_rounds'},
    {'measure': 'ytd_multiple', 'of': 'pace', 'value': 'ytd_usd / prior_year_usd', 'coverage': 'ytd_cited_usd / ytd_usd',
        'table': 'marts.rpt_funding_pace'},
    {'measure': 'small_round_share', 'of': 'small_rounds', 'value': 'share_of_rounds', 'table': 'marts.rpt_round_sizes'},
    {'measure': 'change_in_mega_rounds', 'of': 'mega_trend', 'value': 'change_in_rounds', 'table': 'marts.rpt_mega_rounds'},
    {'measure': 'closed_among_top_three', 'of': 'top_three', 'value': 'closed_companies', 'table': 'marts.rpt_valuations'},
    {'measure': 'valuation_usd', 'of': 'valuations', 'subject': 'company_id', 'value': 'valuation_usd', 'restates': true,
        'table': 'marts.rpt_valuations'},
    {'measure': 'raised_in_month_usd', 'of': 'company_months', 'subject': 'company_id', 'value': 'raised_in_month_usd',
        'coverage': 'cited_in_month_usd / raised_in_month_usd', 'restates': true, 'table': 'marts.fct_funding_rounds'},
    {'measure': 'releases_per_day_30d', 'of': 'cadence', 'value': 'releases_per_day_30d', 'coverage': 'dated_share',
        'table': 'marts.rpt_release_cadence'},
    {'measure': 'original_releases_per_day_30d', 'of': 'cadence', 'value': 'original_releases_per_day_30d',
        'coverage': 'dated_share', 'table': 'marts.rpt_release_cadence'},
    {'measure': 'share_under_6_months', 'of': 'cadence', 'value': 'share_under_6_months', 'coverage': 'dated_share',
        'table': 'marts.rpt_release_cadence'},
    {'measure': 'score_ratio', 'of': 'scored', 'subject': 'model_id', 'value': 'score_ratio', 'restates': true,
        'table': 'marts.rpt_model_catch_up'},
    {'measure': 'training_cost_usd', 'of': 'scored', 'subject': 'model_id', 'value': 'training_cost_usd', 'restates': true,
        'table': 'marts.fct_model_scores'},
    {'measure': 'cost_ratio', 'of': 'catch_up', 'subject': 'pair', 'value': 'cost_ratio', 'table': 'marts.rpt_model_catch_up'},
    {'measure': 'parameters_ratio', 'of': 'catch_up', 'subject': 'pair', 'value': 'parameters_ratio', 'restates': true,
        'table': 'marts.rpt_model_catch_up'},
] %}

with days as (
    select * from {{ ref('int_claim_days') }}
),

capital as (
    select * from {{ ref('int_claim_capital') }}
),

companies as (
    select * from {{ ref('int_claim_companies') }}
),

valued as (
    select * from {{ ref('int_claim_valuations') }}
),

layer_shares as (
    select
        capital.*,
        capital.as_of as measured_on,
        all_layers.raised_usd as total_usd
    from capital
    inner join capital as all_layers
        on
            capital.as_of = all_layers.as_of
            and capital.universe = all_layers.universe
            and all_layers.layer = 'all'
),

model_and_mlops as (
    select
        as_of,
        as_of as measured_on,
        universe,
        'all' as layer,
        max(total_usd) as total_usd,
        sum(raised_usd) as raised_usd,
        sum(cited_usd) as cited_usd
    from layer_shares
    where layer in ('model_platform', 'mlops')
    group by as_of, universe
),

in_scopes as (
    select
        as_of,
        universe,
        layer,
        raised_usd
    from companies
    where speaks_of_the_largest = 1

    union all

    select
        as_of,
        universe,
        'all' as layer,
        raised_usd
    from companies
    where speaks_of_the_largest = 1
),

ranked as (
    select
        as_of,
        universe,
        layer,
        raised_usd,
        row_number() over (partition by as_of, universe, layer order by raised_usd desc) as place
    from in_scopes
),

largest as (
    select
        capital.as_of,
        capital.as_of as measured_on,
        capital.universe,
        capital.layer,
        {% for n in [1, 3, 5, 10] -%}
        sum(case when ranked.place <= {{ n }} then ranked.raised_usd else 0 end) as top_{{ n }}_usd,
        {% endfor -%}
        max(capital.raised_usd) as raised_usd,
        max(capital.cited_usd) as cited_usd
    from capital
    inner join ranked
        on
            capital.as_of = ranked.as_of
            and capital.universe = ranked.universe
            and capital.layer = ranked.layer
    group by capital.as_of, capital.universe, capital.layer
),

company_shares as (
    select
        capital.as_of,
        capital.as_of as measured_on,
        capital.universe,
        capital.layer,
        companies.company_id,
        companies.raised_usd as held_usd,
        capital.raised_usd,
        capital.cited_usd
    from companies
    inner join capital
        on
            companies.as_of = capital.as_of
            and companies.universe = capital.universe
            and capital.layer = 'all'
    where companies.is_named = 1
),

-- What a company raised in a month is the same in every universe that holds its rounds.
company_months as (
    select
        as_of,
        as_of as measured_on,
        cast(null as {{ dbt.type_string() }}) as universe,
        'all' as layer,
        company_id,
        max(raised_in_month_usd) as raised_in_month_usd,
        max(cited_in_month_usd) as cited_in_month_usd
    from companies
    where
        is_named = 1
        and raised_in_month_usd > 0
    group by as_of, company_id
),

-- The year and the quarter of the claim up to its day, and the whole year before.
of_two_years as (
    select
        days.as_of,
        rounds.universe,
        rounds.company_id,
        rounds.amount_usd,
        rounds.evidence,
        extract(year from rounds.counts_on) = extract(year from days.as_of) as is_of_the_year,
        {{ dbt.date_trunc('quarter', 'rounds.counts_on') }} = {{ dbt.date_trunc('quarter', 'days.as_of') }}
            as is_of_the_quarter
    from days
    inner join {{ ref('int_universe_rounds') }} as rounds
        on
            days.as_of >= rounds.counts_on
            and {{ dbt.dateadd('year', -1, dbt.date_trunc('year', 'days.as_of')) }} <= rounds.counts_on
    where rounds.amount_usd > 0
),

-- Where nothing was raised the data may as well not reach: that is no figure.
pace as (
    select
        as_of,
        as_of as measured_on,
        universe,
        'all' as layer,
        sum(case when is_of_the_year then amount_usd end) as ytd_usd,
        sum(case when is_of_the_year and evidence = 'cited' then amount_usd else 0 end) as ytd_cited_usd,
        sum(case when not is_of_the_year then amount_usd end) as prior_year_usd,
        sum(case when is_of_the_quarter then amount_usd end) as quarter_usd,
        sum(case when is_of_the_quarter and evidence = 'cited' then amount_usd else 0 end) as quarter_cited_usd
    from of_two_years
    group by as_of, universe
),

companies_of_the_year as (
    select
        as_of,
        universe,
        company_id,
        sum(amount_usd) as raised_usd,
        sum(case when evidence = 'cited' then amount_usd else 0 end) as cited_usd
    from of_two_years
    where is_of_the_year
    group by as_of, universe, company_id
),

ranked_of_the_year as (
    select
        *,
        row_number() over (partition by as_of, universe order by raised_usd desc, company_id) as place
    from companies_of_the_year
),

largest_of_the_year as (
    select
        as_of,
        as_of as measured_on,
        universe,
        'all' as layer,
        sum(raised_usd) as top_5_usd,
        sum(cited_usd) as top_5_cited_usd
    from ranked_of_the_year
    where place <= 5
    group by as_of, universe
),

-- Quarters that were over on the day of the claim; the last one counts.
small_rounds as (
    select
        days.as_of,
        cast({{ dbt.last_day('sizes.quarter_start', 'quarter') }} as date) as measured_on,
        sizes.universe,
        'all' as layer,
        sizes.share_of_rounds
    from days
    inner join {{ ref('rpt_round_sizes') }} as sizes
        on
            sizes.size_band = 'up_to_10m'
            and {{ last_quarter('days.as_of') }} = sizes.quarter_start
),

-- The mean of the last four quarters less that of the four before.
mega_averages as (
    select
        universe,
        quarter_start,
        avg(rounds) over last_year - avg(rounds) over year_before as change_in_rounds
    from {{ ref('rpt_mega_rounds') }}
    window
        last_year as (partition by universe order by quarter_start rows between 3 preceding and current row),
        year_before as (partition by universe order by quarter_start rows between 7 preceding and 4 preceding)
),

mega_trend as (
    select
        days.as_of,
        cast({{ dbt.last_day('averages.quarter_start', 'quarter') }} as date) as measured_on,
        averages.universe,
        'all' as layer,
        averages.change_in_rounds
    from days
    inner join mega_averages as averages
        on {{ last_quarter('days.as_of') }} = averages.quarter_start
),

-- Of companies tied for the last places each counts for its part of them; fewer than three valued
-- companies have no top three.
top_three as (
    select
        as_of,
        as_of as measured_on,
        universe,
        layer,
        sum(
            case
                when model_access <> 'closed' then 0.0
                when valuation_rank + tied_companies - 1 <= 3 then 1.0
                else (4 - valuation_rank) / cast(tied_companies as double)
            end
        ) as closed_companies
    from valued
    where valuation_rank <= 3
    group by as_of, universe, layer
    having count(*) >= 3
),

-- A valuation is the same in every universe that holds the company.
valuations as (
    select distinct
        as_of,
        as_of as measured_on,
        cast(null as {{ dbt.type_string() }}) as universe,
        'all' as layer,
        company_id,
        valuation_usd
    from valued
),

-- The last day of each list up to the claim; one whose days ended more than a month before says nothing.
last_days as (
    select
        days.as_of,
        cadence.source,
        max(cadence.released_on) as released_on
    from days
    inner join {{ ref('rpt_release_cadence') }} as cadence
        on
            days.as_of >= cadence.released_on
            and {{ dbt.dateadd('month', -1, 'days.as_of') }} <= cadence.released_on
    group by days.as_of, cadence.source
),

-- No list holds every model, so a claim is held against the one that counts most on that day.
cadence as (
    select
        days.as_of,
        cadence.released_on as measured_on,
        cast(null as {{ dbt.type_string() }}) as universe,
        'all' as layer,
        cadence.releases_per_day_30d,
        cadence.original_releases_per_day_30d,
        cadence.share_under_6_months,
        cadence.known_to_date / cast(cadence.known_to_date + cadence.undated_to_date as double) as dated_share,
        row_number() over (
            partition by days.as_of
            order by cadence.releases_per_day_30d desc, cadence.source
        ) as fullness
    from days
    inner join last_days on days.as_of = last_days.as_of
    inner join {{ ref('rpt_release_cadence') }} as cadence
        on
            last_days.source = cadence.source
            and last_days.released_on = cadence.released_on
),

scored as (
    select
        days.as_of,
        max(scores.as_of) as measured_on,
        cast(null as {{ dbt.type_string() }}) as universe,
        'all' as layer,
        scores.model_id,
        min(scores.training_cost_usd) as training_cost_usd,
        -- Stated relative to several models: the claim must hold against each.
        min(case when scores.reference_model is not null then scores.score end) as score_ratio
    from days
    inner join {{ ref('fct_model_scores') }} as scores on days.as_of >= scores.as_of
    group by days.as_of, scores.model_id
),

catch_up as (
    select
        days.as_of,
        cast(null as date) as measured_on,
        cast(null as {{ dbt.type_string() }}) as universe,
        'all' as layer,
        catch_up.model_id || 'against' || catch_up.reference_model_id as pair,
        catch_up.cost_ratio,
        catch_up.parameters_ratio
    from days
    cross join {{ ref('rpt_model_catch_up') }} as catch_up
),

measured as (
    {% for part in measures %}
    select
        '{{ part.measure }}' as measure,
        as_of,
        cast(measured_on as date) as measured_on,
        universe,
        layer,
        cast({{ part.subject | default('null') }} as {{ dbt.type_string() }}) as subject,
        cast({{ part.value }} as double) as computed_value,
        cast({{ part.coverage | default('null') }} as double) as coverage,
        {{ 'true' if part.restates else 'false' }} as restates,
        '{{ part.table }}' as mart
    from {{ part.of }}
    {{ "where fullness = 1" if part.of == 'cadence' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from measured
where computed_value is not null
