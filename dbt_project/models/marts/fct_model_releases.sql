with models as (
    select * from {{ ref('int_open_models_resolved') }}
    where {{ dated_by_as_of('coalesce(released_on, first_seen_on)') }}
),

forms as (
    select * from {{ ref('int_open_model_forms') }}
),

bases as (
    select * from {{ ref('int_open_model_bases') }}
),

organisation_types as (
    select * from {{ ref('organisation_types') }}
),

licences as (
    select * from {{ ref('int_open_model_licences') }}
)

select
    models.model_id,
    models.released_on,
    models.date_precision,
    models.organisation,
    coalesce(organisation_types.organisation_type, 'unknown') as organisation_type,
    models.parameters_min_bn,
    models.parameters_max_bn,
    forms.release_form,
    copied.model_id as copy_of_model_id,
    base_models.model_id as base_model_id,
    coalesce(licences.licence_class, 'unknown') as licence_class,
    licences.allows_commercial_use,
    licences.licence_basis,
    models.source_row_id
from models
inner join forms on models.model_id = forms.model_id
inner join bases on models.model_id = bases.model_id
left join models as copied on forms.copy_of_model_id = copied.model_id
left join models as base_models on bases.base_model_id = base_models.model_id
left join organisation_types on models.organisation_id = organisation_types.organisation_id
inner join licences on models.model_id = licences.model_id
