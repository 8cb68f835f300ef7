with checked as (
    select * from {{ ref('base_open_models') }}
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
        organisation,
        organisation_key,
        base_model,
        base_model_key,
        parameters as parameters_text,
        parameters_min_bn,
        parameters_max_bn,
        lower(quantisation) as quantisation,
        lower(file_format) as file_format,
        licence,
        derivation_value as derivation,

        -- when
        released_day as released_on,
        released_precision as date_precision,

        -- how we know
        url,
        list_title,
        list_as_of_day as list_as_of,
        note
    from checked
    where
        reject_rule is null
        and {{ known_by('_snapshot_on') }}
)

select * from accepted
