-- A universe of mapped companies is a part of all mapped companies, and those of all that is listed: in
-- every month and layer the narrower one holds no more dollars, companies and rounds than the wider.
-- Tolerance: a billionth of the dollars, for the order in which they are added.
with universes as (
    select * from {{ ref('dim_universes') }}
),

layer_shares as (
    select
        layer_shares.*,
        case when universes.membership = 'listed' then 'everything_listed' else 'genai' end as wider_universe
    from {{ ref('rpt_layer_share') }} as layer_shares
    inner join universes on layer_shares.universe = universes.universe
),

parts as (
    select
        *,
        case when universe = 'genai' then 'everything_listed' else wider_universe end as part_of
    from layer_shares
    where universe <> 'everything_listed'
)

select
    parts.as_of_month,
    parts.universe,
    parts.layer,
    parts.raised_usd,
    wider.raised_usd as raised_by_wider_usd
from parts
inner join universes on parts.part_of = universes.universe
left join layer_shares as wider
    on
        parts.part_of = wider.universe
        and parts.as_of_month = wider.as_of_month
        and parts.layer = wider.layer
where
    wider.raised_usd is null
    or parts.raised_usd > wider.raised_usd * (1 + 1e-9)
    or parts.companies > wider.companies
    or parts.rounds > wider.rounds
    or parts.undisclosed_rounds > wider.undisclosed_rounds
