-- What is published of each scored model, once a model: its access, size, release, cheapest stated
-- training cost and the quality stated relative to another model.
with scores as (
    select * from {{ ref('fct_model_scores') }}
)

select
    model_id,
    min(model) as model,
    min(organisation) as organisation,
    min(access) as access,
    max(parameters_max_bn) as parameters_bn,
    min(released_on) as released_on,
    min(training_cost_usd) as lowest_training_cost_usd,
    max(training_cost_usd) as highest_training_cost_usd,
    max(case when reference_model is not null then score end) as relative_score,
    max(reference_model) as reference_model
from scores
where access in ('open', 'closed')
group by model_id
