-- The root of a chain of base models descends from nothing: a chain of more than sixteen steps, or one
-- that comes back to itself, would break this.
with lineage as (
    select * from {{ ref('rpt_model_lineage') }}
)

select lineage.model_id
from lineage
inner join lineage as roots on lineage.root_model_id = roots.model_id
where roots.base_model_id is not null
