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
        lower(operator) as operator,
        value_number as claimed_value,
        value_high_number as claimed_value_high,
        unit,

        -- what it is compared with
        measure,
        nullif(lower(universe), 'all') as universe,
        lower(layer) as layer,
        subject,
        subject_key,
        tolerance_number as tolerance,
        tolerance_because,
        not_comparable_because,
        lower(expected_verdict) as expected_verdict,

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
