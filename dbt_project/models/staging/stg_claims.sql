with checked as (
    select * from {{ ref('base_claims') }}
),

accepted as (
    select
        -- lineage
        _row_id as source_row_id,
        _source as source,
        _snapshot_on as snapshot_on,

        -- what
        claim_id,
        quotation,
        who,
        operator,
        value as value_text,
        unit,

        -- when
        as_of_day as as_of,

        -- how we know
        source_url,
        note
    from checked
    where
        reject_rule is null
        and {{ known_by('_snapshot_on') }}
)

select * from accepted
