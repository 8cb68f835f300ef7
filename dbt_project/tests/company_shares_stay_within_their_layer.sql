-- The named companies of a layer have raised no more than the layer; what is left is in `all others`.
-- Tolerance 1e-9: the rounding of adding a few hundred fractions.
with company_shares as (
    select * from {{ ref('rpt_company_share') }}
    where layer is not null
)

select
    as_of_month,
    universe,
    layer,
    sum(share_of_layer) as sum_of_shares
from company_shares
group by as_of_month, universe, layer
having sum(share_of_layer) is null or sum(share_of_layer) > 1 + 1e-9
