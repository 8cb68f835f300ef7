-- Each step climbs twice as far as the one before: sixteen generations reach the root of every chain
-- but one that comes back to itself, which a test finds by its root having a base.
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

one_up as (
    select
        model_id,
        base_model_id,
        coalesce(base_model_id, model_id) as ancestor_id,
        case when base_model_id is null then 0 else 1 end as generations
    from releases
),

two_up as (
    select
        below.model_id,
        below.base_model_id,
        coalesce(above.ancestor_id, below.ancestor_id) as ancestor_id,
        below.generations + coalesce(above.generations, 0) as generations
    from one_up as below
    left join one_up as above on below.ancestor_id = above.model_id
),

four_up as (
    select
        below.model_id,
        below.base_model_id,
        coalesce(above.ancestor_id, below.ancestor_id) as ancestor_id,
        below.generations + coalesce(above.generations, 0) as generations
    from two_up as below
    left join two_up as above on below.ancestor_id = above.model_id
),

eight_up as (
    select
        below.model_id,
        below.base_model_id,
        coalesce(above.ancestor_id, below.ancestor_id) as ancestor_id,
        below.generations + coalesce(above.generations, 0) as generations
    from four_up as below
    left join four_up as above on below.ancestor_id = above.model_id
),

rooted as (
    select
        below.model_id,
        below.base_model_id,
        coalesce(above.ancestor_id, below.ancestor_id) as root_model_id,
        below.generations + coalesce(above.generations, 0) as generations_from_root
    from eight_up as below
    left join eight_up as above on below.ancestor_id = above.model_id
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
