with checked as (
    select * from {{ ref('base_model_scores') }}
),

accepted as (
    select
        -- lineage
        _row_id as source_row_id,
        _source as source,
        _snapshot_on as snapshot_on,

        -- what
        model,
        model_key,
        benchmark,
        score_number as score,
        reference_model,
        reference_model_key,
        training_cost_low,
        training_cost_high,
        training_cost_currency,
        organisation,
        access_value as access,
        parameters_max_bn,
        released_day as released_on,

        -- when
        as_of_day as as_of,
        as_of_precision as date_precision,

        -- how we know
        case when source_url is null then 'recalled' else 'cited' end as evidence,
        source_url,
        note
    from checked
    where
        reject_rule is null
        and {{ known_by('_snapshot_on') }}
)

select * from accepted
