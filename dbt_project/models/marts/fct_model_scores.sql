with scores as (
    select * from {{ ref('int_model_scores_in_usd') }}
)

select
    model_id,
    model,
    benchmark,
    as_of,
    score,
    reference_model_id,
    reference_model,
    training_cost_usd,
    organisation,
    access,
    parameters_max_bn,
    released_on,
    evidence,
    source_url,
    source_row_id
from scores
