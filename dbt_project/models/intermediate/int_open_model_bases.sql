-- What each model descends from: the model that it copies, else what a page says that the seed
-- model_bases names, else the base that its list states: as the seed base_models reads it, else the
-- one model of that name.
with models as (
    select * from {{ ref('int_open_models_resolved') }}
),

forms as (
    select * from {{ ref('int_open_model_forms') }}
),

model_bases as (
    select * from {{ ref('model_bases') }}
),

base_models as (
    select * from {{ ref('base_models') }}
),

namesakes as (
    select
        model_key,
        min(model_id) as model_id
    from models
    group by model_key
    having count(*) = 1
),

stated as (
    select
        models.model_id,
        -- no model is its own base
        nullif(
            coalesce(
                forms.copy_of_model_id, model_bases.base_model_id, base_models.model_id, namesakes.model_id
            ),
            models.model_id
        ) as base_model_id
    from models
    inner join forms on models.model_id = forms.model_id
    left join model_bases on models.model_id = model_bases.model_id
    left join base_models on models.base_model_key = base_models.base_model_key
    left join namesakes on models.base_model_key = namesakes.model_key
)

select
    stated.model_id,
    bases.model_id as base_model_id
from stated
left join models as bases on stated.base_model_id = bases.model_id
