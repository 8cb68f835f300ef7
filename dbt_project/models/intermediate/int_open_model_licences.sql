-- What may be done with each model: by its own licence, else by that of the nearest model it descends from
-- that has one, if that licence also binds what is made from its model. A permissive one doesn't.
with models as (
    select * from {{ ref('int_open_models_resolved') }}
),

bases as (
    select * from {{ ref('int_open_model_bases') }}
),

licences as (
    select * from {{ ref('licences') }}
),

licensed as (
    select
        models.model_id,
        models.licence_key,
        bases.base_model_id,
        licences.licence_class,
        licences.allows_commercial_use,
        licences.binds_descendants
    from models
    inner join bases on models.model_id = bases.model_id
    left join licences on models.licence_key = licences.licence_key
),

-- The nearest first; three steps reach the root of the chains that lists state.
inherited as (
    select
        own.model_id,
        own.licence_key as own_licence_key,
        own.licence_class as own_licence_class,
        own.allows_commercial_use as own_allows_commercial_use,
        case
            when first_base.licence_key is not null then first_base.model_id
            when second_base.licence_key is not null then second_base.model_id
            else third_base.model_id
        end as licensed_by_model_id
    from licensed as own
    left join licensed as first_base on own.base_model_id = first_base.model_id
    left join licensed as second_base on first_base.base_model_id = second_base.model_id
    left join licensed as third_base on second_base.base_model_id = third_base.model_id
)

select
    inherited.model_id,
    case
        when inherited.own_licence_key is not null then inherited.own_licence_class
        when ancestors.binds_descendants then ancestors.licence_class
    end as licence_class,
    case
        when inherited.own_licence_key is not null then inherited.own_allows_commercial_use
        when ancestors.binds_descendants then ancestors.allows_commercial_use
    end as allows_commercial_use,
    case
        when inherited.own_licence_key is not null then 'own'
        when ancestors.binds_descendants then 'base'
    end as licence_basis
from inherited
left join licensed as ancestors on inherited.licensed_by_model_id = ancestors.model_id
