-- All that is said of a universe as of a month in one row, for its months that are complete (all where no
-- list says until when) from the one where charts begin.
create or replace temp table headlines as
with layers as (
    select
        shares.universe,
        shares.as_of_month,
        sum(shares.raised_usd) as raised_usd,
        sum(shares.companies) as companies,
        sum(shares.rounds) as rounds,
        sum(shares.undisclosed_rounds) as undisclosed_rounds,
        sum(shares.cited_share * shares.raised_usd) / nullif(sum(shares.raised_usd), 0) as cited_share,
        sum(shares.share) filter (shares.layer = 'model_platform') as model_platform_share,
        sum(shares.share) filter (shares.layer = 'mlops') as mlops_share,
        sum(shares.share) filter (shares.layer = 'infrastructure') as infrastructure_share,
        sum(shares.share) filter (shares.layer = 'application') as application_share,
        sum(shares.share) filter (shares.layer = 'unknown') as unknown_layer_share,
        sum(shares.share) filter (shares.layer in ('model_platform', 'mlops')) as model_and_mlops_share
    from marts.rpt_layer_share as shares
    inner join marts.dim_universes as universes on shares.universe = universes.universe
    where shares.as_of_month >= getvariable('charted_from')
        and shares.as_of_month <= coalesce(universes.last_complete_month, shares.as_of_month)
    group by shares.universe, shares.as_of_month
    having sum(shares.rounds) > 0
),

ranges as (
    select
        as_of_month,
        min(model_and_mlops_share) as lowest_model_and_mlops_share,
        max(model_and_mlops_share) as highest_model_and_mlops_share
    from layers
    group by as_of_month
    having count(*) > 1
),

leaders as (
    select
        universe,
        as_of_month,
        arg_max(company_id, (raised_usd, company)) as leader_id,
        arg_max(company, (raised_usd, company)) as leader,
        arg_max(share_of_layer, (raised_usd, company)) as leader_share_of_layer
    from marts.rpt_company_share
    where rank_in_layer = 1 and getvariable('layer') in (layer, 'all')
    group by universe, as_of_month
),

largest_rounds as (
    select
        leaders.universe,
        leaders.as_of_month,
        arg_max(rounds.round_id, (rounds.amount_usd, rounds.round_id)) as round_id
    from leaders
    inner join audit.universe_rounds as held
        on leaders.universe = held.universe and leaders.as_of_month >= held.counts_from
    inner join marts.fct_funding_rounds as rounds
        on held.round_id = rounds.round_id and leaders.leader_id = rounds.company_id
    where rounds.amount_usd is not null
    group by leaders.universe, leaders.as_of_month
),

spoken_of as (
    select
        universe,
        as_of_month,
        company,
        raised_usd,
        share_of_all,
        case when layer <> 'unknown' then share_of_layer end as share_of_layer,
        min(share_of_all) over universes as lowest_share,
        max(share_of_all) over universes as highest_share,
        count(*) over universes as universes
    from marts.rpt_company_share
    semi join layers using (universe, as_of_month)
    where company_id = getvariable('company_id')
    window universes as (partition by as_of_month)
),

-- The largest round that counts from a month on, of all and of the layer: what a jump is of.
rounds_of_month as (
    select
        held.universe,
        held.counts_from as as_of_month,
        arg_max(companies.company, (rounds.amount_usd, companies.company)) as company,
        max(rounds.amount_usd) as round_usd,
        arg_max(companies.company, (rounds.amount_usd, companies.company))
            filter (getvariable('layer') in (companies.layer, 'all')) as layer_company,
        max(rounds.amount_usd) filter (getvariable('layer') in (companies.layer, 'all')) as layer_round_usd
    from audit.universe_rounds as held
    inner join marts.fct_funding_rounds as rounds on held.round_id = rounds.round_id
    inner join marts.dim_companies as companies on rounds.company_id = companies.company_id
    where rounds.amount_usd is not null
    group by held.universe, held.counts_from
),

-- How far the share of model platforms and MLOps, and that of the layer's largest company, moved.
moves as (
    select
        layers.universe,
        layers.as_of_month,
        abs(layers.model_and_mlops_share - lag(layers.model_and_mlops_share) over months) as share_moved,
        abs(told.top_1_share - lag(told.top_1_share) over months) as top_1_moved
    from layers
    left join marts.rpt_concentration as told
        on layers.universe = told.universe and layers.as_of_month = told.as_of_month
            and told.layer = getvariable('layer')
    window months as (partition by layers.universe order by layers.as_of_month)
),

-- The two largest moves of each, if they are large.
jumps as (
    select
        universe,
        as_of_month,
        share_moved >= 0.1
        and row_number() over (partition by universe order by share_moved desc nulls last) <= 2 as is_of_share,
        top_1_moved >= 0.2
        and row_number() over (partition by universe order by top_1_moved desc nulls last) <= 2 as is_of_layer
    from moves
)

select
    layers.*,
    ranges.lowest_model_and_mlops_share,
    ranges.highest_model_and_mlops_share,
    whole.top_1_share as largest_company_share,
    told.raised_usd as layer_usd,
    told.companies as layer_companies,
    told.hhi,
    told.gini,
    told.effective_companies,
    told.top_1_share,
    told.top_3_share,
    told.top_5_share,
    told.top_10_share,
    told.closed_share,
    told.open_share,
    leaders.leader,
    leaders.leader_share_of_layer,
    rounds.amount_usd as leader_round_usd,
    rounds.announced_on as leader_round_on,
    spoken_of.company,
    spoken_of.raised_usd as company_usd,
    spoken_of.share_of_all as company_share,
    spoken_of.share_of_layer as company_share_of_layer,
    case when spoken_of.universes > 1 then spoken_of.lowest_share end as lowest_company_share,
    case when spoken_of.universes > 1 then spoken_of.highest_share end as highest_company_share,
    case when jumps.is_of_share then rounds_of_month.company end as moving_company,
    case when jumps.is_of_share then rounds_of_month.round_usd end as moving_round_usd,
    case when jumps.is_of_layer then rounds_of_month.layer_company end as layer_moving_company,
    case when jumps.is_of_layer then rounds_of_month.layer_round_usd end as layer_moving_round_usd,
    pace.ytd_usd,
    pace.prior_year_usd,
    pace.ytd_multiple,
    pace.largest_round_share,
    pace.largest_round_usd,
    pace.other_rounds_usd,
    pace.other_rounds_multiple
from layers
left join ranges on layers.as_of_month = ranges.as_of_month
left join marts.rpt_concentration as whole
    on layers.universe = whole.universe and layers.as_of_month = whole.as_of_month
        and whole.layer = 'all'
left join marts.rpt_concentration as told
    on layers.universe = told.universe and layers.as_of_month = told.as_of_month
        and told.layer = getvariable('layer')
left join leaders on layers.universe = leaders.universe and layers.as_of_month = leaders.as_of_month
left join largest_rounds
    on layers.universe = largest_rounds.universe and layers.as_of_month = largest_rounds.as_of_month
left join marts.fct_funding_rounds as rounds on largest_rounds.round_id = rounds.round_id
left join spoken_of
    on layers.universe = spoken_of.universe and layers.as_of_month = spoken_of.as_of_month
left join marts.rpt_funding_pace as pace
    on layers.universe = pace.universe and layers.as_of_month = pace.as_of_month
left join rounds_of_month
    on layers.universe = rounds_of_month.universe and layers.as_of_month = rounds_of_month.as_of_month
left join jumps on layers.universe = jumps.universe and layers.as_of_month = jumps.as_of_month;
