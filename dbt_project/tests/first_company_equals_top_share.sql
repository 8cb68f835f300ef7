-- The company that rpt_company_share ranks first in its layer has the share that rpt_concentration
-- gives for the largest one, and every layer has a first company each month.
-- Tolerance 1e-9: the rounding of one division.
with concentration as (
    select * from {{ ref('rpt_concentration') }}
    where layer <> 'all'
),

firsts as (
    select
        as_of_month,
        universe,
        layer,
        min(share_of_layer) as least_share,
        max(share_of_layer) as greatest_share
    from {{ ref('rpt_company_share') }}
    where rank_in_layer = 1
    group by as_of_month, universe, layer
)

select
    concentration.as_of_month,
    concentration.universe,
    concentration.layer,
    concentration.top_1_share,
    firsts.least_share,
    firsts.greatest_share
from concentration
left join firsts
    on
        concentration.as_of_month = firsts.as_of_month
        and concentration.universe = firsts.universe
        and concentration.layer = firsts.layer
where
    firsts.as_of_month is null
    or abs(firsts.least_share - concentration.top_1_share) > 1e-9
    or abs(firsts.greatest_share - concentration.top_1_share) > 1e-9
