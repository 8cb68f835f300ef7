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
        model_stem_key as stem_key,
        model_family_key as family_key,
        model_form as name_form,
        model_names_size as names_size,
        base_model,
        base_model_key,
        base_model_family_key,
        parameters as parameters_text,
        parameters_min_bn,
        parameters_max_bn,
        lower(quantisation) as quantisation,
        lower(file_format) as file_format,
        licence,
        licence_key,
        derivation_value as derivation,
        coalesce(entry_type_value = 'fact', false) as is_fact,

        -- whose
        coalesce(organisation, model_account) as organisation,
        model_account_key as account_key,
        model_account_maker as account_maker,
        organisation_keys,
        organisation_makers,

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
