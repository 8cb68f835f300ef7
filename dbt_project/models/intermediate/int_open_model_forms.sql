-- Whether a model is an original, an adapter (weights to be added to another model's) or a copy: the
-- same model quantised, converted or uploaded again, and of which. A name, a file format or the list
-- itself marks most copies. Others are told by whose they are: a model that is its stated base by its
-- name, from an account that didn't make that base, and one of the very name of another maker's.
with models as (
    select * from {{ ref('int_open_models_resolved') }}
),

organisation_types as (
    select * from {{ ref('organisation_types') }}
),

base_models as (
    select
        base_models.base_model_key,
        models.model_id,
        models.organisation_id
    from {{ ref('base_models') }} as base_models
    inner join models on base_models.model_id = models.model_id
),

-- The model that a family is known by is an original, so that no chain of bases comes back to itself.
heads as (
    select distinct model_id from base_models
),

marked as (
    select
        models.*,
        coalesce(organisation_types.organisation_type, 'community') <> 'community' as is_known_maker,
        case
            when models.name_form = 'quantised' then 'copy'
            when models.name_form = 'adapter' or models.derivation = 'adapter' then 'adapter'
            when models.name_form = 'converted' or models.is_published_quantised then 'copy'
        end as marked_form
    from models
    left join organisation_types on models.organisation_id = organisation_types.organisation_id
),

-- Of the models that share a name but for marks: that of a known maker, else the first released.
ranked as (
    select
        *,
        row_number() over (
            partition by stem_key
            order by
                case when is_known_maker then 0 else 1 end,
                case when name_form is null then 0 else 1 end,
                case when released_on is null then 1 else 0 end,
                released_on nulls last,
                model_id
        ) as choice
    from marked
    where coalesce(marked_form, '') <> 'copy'
),

leaders as (
    select * from ranked
    where choice = 1
),

-- Families that a list names without a size, such as Koala.
families as (
    select
        *,
        row_number() over (
            partition by family_key
            order by
                case when is_known_maker then 0 else 1 end,
                model_id
        ) as family_choice
    from leaders
    where stem_key = family_key
),

related as (
    select
        marked.model_id,
        marked.marked_form,
        marked.name_form = 'repackaged' as is_repackaged,
        marked.is_known_maker,
        marked.names_size,
        heads.model_id is not null as is_head,
        leaders.is_known_maker as is_leader_known,
        case when leaders.model_id <> marked.model_id then leaders.model_id end as leader_id,
        case
            when leaders.model_id <> marked.model_id and leaders.organisation_id = base_models.organisation_id
                then leaders.model_id
        end as base_makers_leader_id,
        case
            when coalesce(families.organisation_id, '') <> coalesce(marked.organisation_id, '') then families.model_id
        end as family_id,
        case
            when
                marked.family_key = marked.base_model_family_key
                and base_models.organisation_id <> coalesce(marked.organisation_id, '')
                then base_models.model_id
        end as own_base_id
    from marked
    left join leaders on marked.stem_key = leaders.stem_key
    left join families
        on
            marked.family_key = families.family_key
            and families.family_choice = 1
    left join base_models on marked.base_model_key = base_models.base_model_key
    left join heads on marked.model_id = heads.model_id
),

judged as (
    select
        model_id,
        case
            when marked_form is not null then marked_form
            when is_head then 'original'
            when own_base_id is not null then 'copy'
            when leader_id is not null and (is_repackaged or (is_leader_known and names_size)) then 'copy'
            when family_id is not null and is_repackaged and not is_known_maker then 'copy'
            else 'original'
        end as release_form,
        coalesce(base_makers_leader_id, own_base_id, leader_id, family_id) as like_model_id
    from related
)

-- A copy of a copy is one of the original.
select
    judged.model_id,
    judged.release_form,
    case
        when judged.release_form = 'copy' and likes.release_form = 'copy'
            then coalesce(likes.like_model_id, judged.like_model_id)
        when judged.release_form = 'copy' then judged.like_model_id
    end as copy_of_model_id
from judged
left join judged as likes on judged.like_model_id = likes.model_id
