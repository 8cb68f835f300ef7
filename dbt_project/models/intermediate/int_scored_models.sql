-- What is published of each scored model, once a model. Name, maker and access are those of one
-- statement, the newest that names a maker; size, release and cost are found in any.
with scores as (
    select * from {{ ref('int_model_scores_in_usd') }}
    where access in ('open', 'closed')
),

ranked as (
    select
        *,
        row_number() over (
            partition by model_id
            order by
                case when organisation is null then 1 else 0 end,
                as_of desc,
                source_row_id
        ) as statement_rank
    from scores
),

figures as (
    select
        model_id,
        max(parameters_max_bn) as parameters_bn,
        min(released_on) as released_on,
        min(training_cost_usd) as lowest_training_cost_usd
    from scores
    group by model_id
)

select
    ranked.model_id,
    ranked.model,
    ranked.organisation,
    ranked.access,
    figures.parameters_bn,
    figures.released_on,
    figures.lowest_training_cost_usd
from ranked
inner join figures on ranked.model_id = figures.model_id
where ranked.statement_rank = 1
