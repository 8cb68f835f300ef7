-- Every dollar is in exactly one layer, so the shares of a month and universe make a whole.
-- Tolerance 1e-9: the rounding of adding five fractions.
with layer_shares as (
    select * from {{ ref('rpt_layer_share') }}
)

select
    as_of_month,
    universe,
    sum(share) as sum_of_shares
from layer_shares
group by as_of_month, universe
having sum(share) is null or abs(sum(share) - 1) > 1e-9
