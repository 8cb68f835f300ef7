-- Four steps reach the root of every chain that the lists state; a test holds the roots to having no
-- base, so that a longer chain, or one that comes back to itself, is found.
with releases as (
    select
        model_id,
        base_model_id
    from {{ ref('fct_model_releases') }}
),

models as (
    select
        model_id,
        model
    from {{ ref('dim_models') }}
),

climbed as (
    select
        releases.model_id,
        releases.base_model_id,
        first_base.base_model_id as second_base_id,
        second_base.base_model_id as third_base_id,
        third_base.base_model_id as fourth_base_id
    from releases
    left join releases as first_base on releases.base_model_id = first_base.model_id
    left join releases as second_base on first_base.base_model_id = second_base.model_id
    left join releases as third_base on second_base.base_model_id = third_base.model_id
),

rooted as (
    select
        model_id,
        base_model_id,
        coalesce(fourth_base_id, third_base_id, second_base_id, base_model_id, model_id) as root_model_id,
        case
            when fourth_base_id is not null then 4
            when third_base_id is not null then 3
            when second_base_id is not null then 2
            when base_model_id is not null then 1
            else 0
        end as generations_from_root
    from climbed
)

select
    rooted.model_id,
    models.model,
    rooted.base_model_id,
    rooted.root_model_id,
    roots.model as root_model,
    cast(rooted.generations_from_root as int) as generations_from_root
from rooted
inner join models on rooted.model_id = models.model_id
inner join models as roots on rooted.root_model_id = roots.model_id
