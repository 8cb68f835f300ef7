-- Companies founded in the first year or later are some of all companies: in every month and layer they
-- raised no more, and together with those of unknown founding year still no more, than all did.
-- Tolerance: a billionth of the dollars, for the order in which they are added.
with layer_shares as (
    select * from {{ ref('rpt_layer_share') }}
),

younger as (
    select * from layer_shares
    where cohort = 'founded_2013_or_later'
),

everyone as (
    select * from layer_shares
    where cohort = 'all'
)

select
    younger.as_of_month,
    younger.layer,
    younger.raised_usd,
    everyone.unknown_year_usd,
    everyone.raised_usd as raised_by_all_usd
from younger
left join everyone
    on
        younger.as_of_month = everyone.as_of_month
        and younger.layer = everyone.layer
where
    everyone.raised_usd is null
    or younger.raised_usd + everyone.unknown_year_usd > everyone.raised_usd * (1 + 1e-9)
    or younger.companies + everyone.unknown_year_companies > everyone.companies
    or younger.rounds > everyone.rounds
    or younger.undisclosed_rounds > everyone.undisclosed_rounds
