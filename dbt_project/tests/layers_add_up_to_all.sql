-- Two reports, made in two ways, tell of the same money: the layers of rpt_layer_share add up to the
-- row `all` of rpt_concentration, month by month and in every universe, and no month is in only one.
-- Tolerance: a billionth of the dollars, for the order in which they are added; companies are exact.
with layer_sums as (
    select
        as_of_month,
        universe,
        sum(raised_usd) as raised_usd,
        sum(companies) as companies
    from {{ ref('rpt_layer_share') }}
    group by as_of_month, universe
),

all_layers as (
    select * from {{ ref('rpt_concentration') }}
    where layer = 'all'
)

select
    coalesce(layer_sums.as_of_month, all_layers.as_of_month) as as_of_month,
    coalesce(layer_sums.universe, all_layers.universe) as universe,
    layer_sums.raised_usd,
    all_layers.raised_usd as raised_by_all_usd,
    layer_sums.companies,
    all_layers.companies as companies_of_all
from layer_sums
full outer join all_layers
    on
        layer_sums.as_of_month = all_layers.as_of_month
        and layer_sums.universe = all_layers.universe
where
    layer_sums.as_of_month is null
    or all_layers.as_of_month is null
    or abs(layer_sums.raised_usd - all_layers.raised_usd) > 1e-9 * all_layers.raised_usd
    or layer_sums.companies <> all_layers.companies
