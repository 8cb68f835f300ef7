with lineage as (
    select * from {{ ref('rpt_model_lineage') }}
),

descended as (
    select
        root_model_id,
        root_model,
        count(*) as models,
        sum(case when generations_from_root > 0 then 1 else 0 end) as descendants,
        max(generations_from_root) as most_generations
    from lineage
    group by root_model_id, root_model
)

select
    root_model_id,
    root_model,
    cast(models as int) as models,
    cast(descendants as int) as descendants,
    cast(most_generations as int) as most_generations,
    models / cast(sum(models) over () as double) as share_of_models
from descended
