with checked as (
    select * from {{ ref('base_benchmarks') }}
),

accepted as (
    select
        -- lineage
        _row_id as source_row_id,
        _source as source,
        _snapshot_on as snapshot_on,

        -- what
        metric,
        scope,
        value_number as value,
        unit,

        -- when
        period as period_text,
        period_day as period_ends_on,
        period_precision as date_precision,

        -- how we know
        case when source_url is null then 'claim' else 'cited' end as evidence,
        source_url,
        source_title,
        note
    from checked
    where
        reject_rule is null
        and {{ known_by('_snapshot_on') }}
)

select * from accepted
