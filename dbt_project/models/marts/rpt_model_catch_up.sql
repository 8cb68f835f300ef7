with models as (
    select * from {{ ref('int_scored_models') }}
),

-- Of several scores relative to the same model the best counts.
score_ratios as (
    select
        model_id,
        reference_model_id,
        max(score) as score_ratio
    from {{ ref('int_model_scores_in_usd') }}
    where reference_model_id is not null
    group by model_id, reference_model_id
),

-- Training costs are stated for one cost at a time: the lowest published is what a follower needs,
-- the lowest published of the reference is the careful one to compare it with.
pairs as (
    select
        open_models.model_id,
        open_models.model,
        open_models.organisation,
        closed_models.model_id as reference_model_id,
        closed_models.model as reference_model,
        score_ratios.score_ratio,
        open_models.lowest_training_cost_usd as training_cost_usd,
        closed_models.lowest_training_cost_usd as reference_training_cost_usd,
        open_models.parameters_bn,
        closed_models.parameters_bn as reference_parameters_bn,
        open_models.released_on,
        closed_models.released_on as reference_released_on
    from models as open_models
    inner join models as closed_models
        on
            open_models.access = 'open'
            and closed_models.access = 'closed'
    left join score_ratios
        on
            open_models.model_id = score_ratios.model_id
            and closed_models.model_id = score_ratios.reference_model_id
)

select
    model_id,
    model,
    organisation,
    reference_model_id,
    reference_model,
    score_ratio,
    training_cost_usd,
    reference_training_cost_usd,
    reference_training_cost_usd / training_cost_usd as cost_ratio,
    parameters_bn,
    reference_parameters_bn,
    reference_parameters_bn / parameters_bn as parameters_ratio,
    cast(
        {{ dbt.datediff('reference_released_on', 'released_on', 'day') }}
        as int
    ) as days_behind
from pairs
where
    score_ratio is not null
    or training_cost_usd is not null
