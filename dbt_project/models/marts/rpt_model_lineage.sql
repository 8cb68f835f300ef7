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

{% for climbed, climbed_twice in [
    ('one_up', 'two_up'), ('two_up', 'four_up'), ('four_up', 'eight_up'), ('eight_up', 'rooted')
] -%}
{{ climbed_twice }} as (
    select
        below.model_id,
        below.base_model_id,
        coalesce(above.ancestor_id, below.ancestor_id) as ancestor_id,
        below.generations + coalesce(above.generations, 0) as generations
    from {{ climbed }} as below
    left join {{ climbed }} as above on below.ancestor_id = above.model_id
){{ ',' if not loop.last }}

{% endfor -%}
select
    rooted.model_id,
    models.model,
    rooted.base_model_id,
    rooted.ancestor_id as root_model_id,
    roots.model as root_model,
    cast(rooted.generations as int) as generations_from_root
from rooted
inner join models on rooted.model_id = models.model_id
inner join models as roots on rooted.ancestor_id = roots.model_id
