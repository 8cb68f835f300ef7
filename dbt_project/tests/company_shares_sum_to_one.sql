-- The named companies and `all others` together have raised all there is in a month and universe.
-- Tolerance 1e-9: the rounding of adding a few hundred fractions.
with company_shares as (
    select * from {{ ref('rpt_company_share') }}
)

select
    as_of_month,
    universe,
    sum(share_of_all) as sum_of_shares
from company_shares
group by as_of_month, universe
having sum(share_of_all) is null or abs(sum(share_of_all) - 1) > 1e-9
