-- More companies hold at least as much as fewer, and nobody holds more than all there is; the same is
-- true of closed and open together. Tolerance 1e-9: the rounding of sums.
with concentration as (
    select * from {{ ref('rpt_concentration') }}
)

select
    as_of_month,
    universe,
    layer,
    top_1_share,
    top_3_share,
    top_5_share,
    top_10_share,
    closed_share,
    open_share
from concentration
where
    top_1_share <= 0
    or top_1_share > top_3_share + 1e-9
    or top_3_share > top_5_share + 1e-9
    or top_5_share > top_10_share + 1e-9
    or top_10_share > 1 + 1e-9
    or (companies <= 10 and top_10_share < 1 - 1e-9)
    or closed_share + open_share > 1 + 1e-9
