-- The article's thesis asked again: its figures of the model layer at the article's month, and at the last
-- complete month since. Only universes that are complete at both months, so that nothing moves for want of rounds.
with layer_shares as (
    select * from {{ ref('rpt_layer_share') }}
),

concentration as (
    select * from {{ ref('rpt_concentration') }}
    where layer = 'model_platform'
),

universes as (
    select * from {{ ref('dim_universes') }}
),

claimed as (
    select * from {{ ref('int_claim_readings') }}
),

-- The month of the article is that of the first claim about a measure that is asked again.
thesis as (
    select cast({{ dbt.last_day('min(as_of)', 'month') }} as date) as then_month
    from claimed
    where measure in ('layer_share', 'model_and_mlops_share', 'top_3_share', 'closed_share')
),

compared as (
    select
        universes.universe,
        universes.last_complete_month as now_month,
        thesis.then_month
    from universes
    inner join thesis on universes.last_complete_month > thesis.then_month
),

figures as (
    select
        universe,
        as_of_month,
        'model_layer_share' as measure,
        sum(share) as figure
    from layer_shares
    where layer = 'model_platform'
    group by universe, as_of_month

    union all

    select
        universe,
        as_of_month,
        'model_and_mlops_share' as measure,
        sum(share) as figure
    from layer_shares
    where layer in ('model_platform', 'mlops')
    group by universe, as_of_month

    {% for measure in ['top_1_share', 'top_3_share', 'hhi', 'closed_share', 'open_share'] -%}
    union all

    select
        universe,
        as_of_month,
        '{{ measure }}' as measure,
        {{ measure }} as figure
    from concentration
    {% endfor %}
)

select
    compared.universe,
    then_figures.measure,
    compared.then_month,
    then_figures.figure as then_value,
    compared.now_month,
    now_figures.figure as now_value,
    now_figures.figure - then_figures.figure as change_in_value
from compared
inner join figures as then_figures
    on
        compared.universe = then_figures.universe
        and compared.then_month = then_figures.as_of_month
inner join figures as now_figures
    on
        compared.universe = now_figures.universe
        and compared.now_month = now_figures.as_of_month
        and then_figures.measure = now_figures.measure
where
    then_figures.figure is not null
    and now_figures.figure is not null
