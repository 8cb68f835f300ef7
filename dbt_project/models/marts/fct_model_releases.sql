with models as (
    select * from {{ ref('int_open_models_resolved') }}
),

organisation_types as (
    select * from {{ ref('organisation_types') }}
),

base_models as (
    select * from {{ ref('base_models') }}
),

licences as (
    select * from {{ ref('licences') }}
)

select
    models.model_id,
    models.released_on,
    models.date_precision,
    models.organisation,
    coalesce(organisation_types.organisation_type, 'unknown') as organisation_type,
    models.parameters_min_bn,
    models.parameters_max_bn,
    case when base_models.model_id <> models.model_id then base_models.model_id end as base_model_id,
    coalesce(licences.licence_class, 'unknown') as licence_class,
    licences.allows_commercial_use,
    models.is_quantised_copy,
    models.source_row_id
from models
left join organisation_types on models.organisation_id = organisation_types.organisation_id
left join base_models on models.base_model_key = base_models.base_model_key
left join licences on lower(trim(models.licence)) = licences.licence
where {{ dated_by_as_of('coalesce(models.released_on, models.first_seen_on)') }}
