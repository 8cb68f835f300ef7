-- Reports have a row for each layer of the seed, so a company in another layer would vanish from them.
-- No tolerance.
with companies as (
    select * from {{ ref('dim_companies') }}
),

layers as (
    select * from {{ ref('layers') }}
)

select
    companies.company_id,
    companies.layer,
    companies.alternative_layer
from companies
left join layers on companies.layer = layers.layer
left join layers as alternatives on companies.alternative_layer = alternatives.layer
where
    layers.layer is null
    or (companies.alternative_layer is not null and alternatives.layer is null)
