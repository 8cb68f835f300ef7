-- Which raw row speaks of what: of a round, a company or a model there may be several, one of which
-- tells it; the others are evidence.
with matched as (
    select * from {{ ref('int_funding_rounds_matched') }}
),

rounds as (
    select * from {{ ref('int_funding_rounds_resolved') }}
),

mapped as (
    select * from {{ ref('int_companies_identified') }}
),

companies as (
    select * from {{ ref('int_companies_resolved') }}
),

listed as (
    select * from {{ ref('int_open_models_identified') }}
),

models as (
    select * from {{ ref('int_open_models_resolved') }}
),

scores as (
    select * from {{ ref('fct_model_scores') }}
)

select
    matched.source_row_id,
    'round' as entity,
    rounds.round_id as entity_id,
    matched.part_in_round = 'leads its round' as tells_it,
    matched.part_in_round as part
from matched
inner join rounds on matched.leading_row_id = rounds.source_row_id

union all

select
    mapped.source_row_id,
    'company' as entity,
    mapped.company_id as entity_id,
    coalesce(mapped.source_row_id = companies.source_row_id, false) as tells_it,
    case
        when mapped.source_row_id = companies.source_row_id then 'describes the company'
        else 'another description'
    end as part
from mapped
left join companies on mapped.company_id = companies.company_id

union all

select
    listed.source_row_id,
    'model' as entity,
    listed.model_id as entity_id,
    listed.source_row_id = models.source_row_id as tells_it,
    case
        when listed.source_row_id = models.source_row_id then 'tells of the model'
        else 'another list or snapshot'
    end as part
from listed
inner join models on listed.model_id = models.model_id

union all

select
    source_row_id,
    'scored model' as entity,
    model_id as entity_id,
    true as tells_it,
    benchmark as part
from scores
