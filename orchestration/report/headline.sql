-- What the headlines speak of, as views of one connection to a served file; scope.py makes them, for
-- the universe of the variable `universe`.

-- The universe, its last complete month (the latest one where no list says until when it is complete),
-- the layer whose concentration is told, and the company that raised most.
create or replace temp view headline as
with months as (
    select
        universe,
        max(as_of_month) as latest_month
    from marts.rpt_layer_share
    group by universe
),

chosen as (
    select
        universes.universe,
        universes.title,
        coalesce(universes.last_complete_month, months.latest_month) as as_of_month,
        months.latest_month,
        universes.last_complete_month is not null as is_complete
    from marts.dim_universes as universes
    inner join months on universes.universe = months.universe
    where universes.universe = getvariable('universe')
)

select
    *,
    (
        select coalesce(max(concentration.layer), 'all')
        from marts.rpt_concentration as concentration
        where concentration.universe = chosen.universe and concentration.layer = 'model_platform'
            and concentration.as_of_month = chosen.as_of_month
    ) as layer,
    (
        select coalesce(arg_max(shares.company_id, (shares.raised_usd, shares.company)), '')
        from marts.rpt_company_share as shares
        where shares.universe = chosen.universe and shares.rank_in_layer = 1
            and shares.as_of_month = chosen.as_of_month
    ) as company_id
from chosen;

-- A row a layer that has rounds, and their total.
create or replace temp view headline_layers as
select
    coalesce(titles.title, 'All layers') as layer,
    sum(shares.raised_usd) as raised_usd,
    sum(shares.share) as share,
    sum(shares.companies) as companies,
    sum(shares.rounds) as rounds,
    sum(shares.undisclosed_rounds) as undisclosed_rounds,
    sum(shares.cited_share * shares.raised_usd) / nullif(sum(shares.raised_usd), 0) as cited_share
from marts.rpt_layer_share as shares
inner join headline using (universe, as_of_month)
inner join marts.dim_layers as titles on shares.layer = titles.layer
group by grouping sets ((titles.title, titles.layer_position), ())
having sum(shares.rounds) > 0
order by titles.layer_position nulls last;

-- All that is said of a universe as of a month in one row, for its months that are complete (all where no
-- list says until when) from the one where charts begin.
create or replace temp view headlines as
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

-- A row a kind of page that backs the rounds, the best first; the last has none.
create or replace temp view headline_citations as
select
    coalesce(rounds.citation_kind, 'none: recalled') as page,
    sum(rounds.amount_usd) as raised_usd,
    sum(rounds.amount_usd) / sum(sum(rounds.amount_usd)) over () as share,
    count(*) as rounds
from audit.universe_rounds as held
inner join headline on held.universe = headline.universe and held.counts_from <= headline.as_of_month
inner join marts.fct_funding_rounds as rounds on held.round_id = rounds.round_id
group by rounds.citation_kind
order by list_position(['announcement', 'press', 'list', 'repost'], rounds.citation_kind) nulls last;

-- What the rounds of the universe cover beyond its last complete month too: a row a year.
create or replace temp view coverage_by_year as
select
    year(rounds.announced_on) as announced_year,
    count(*) as rounds,
    count(*) filter (rounds.amount_usd is null) as undisclosed_rounds,
    sum(rounds.amount_usd) as raised_usd,
    count(*) filter (rounds.is_mega_round) as mega_rounds,
    sum(rounds.amount_usd) filter (rounds.is_mega_round) / sum(rounds.amount_usd) as mega_share,
    sum(rounds.amount_usd) filter (rounds.evidence = 'cited') / sum(rounds.amount_usd) as cited_share,
    avg((rounds.date_precision = 'day')::int) as share_dated_to_a_day
from audit.universe_rounds as held
inner join marts.fct_funding_rounds as rounds on held.round_id = rounds.round_id
where held.universe = getvariable('universe')
group by year(rounds.announced_on)
order by announced_year;

-- The same, a row a size band, to the last complete month and after it.
create or replace temp view coverage_by_size as
select
    rounds.size_band,
    count(*) filter (rounds.announced_on <= getvariable('month')) as rounds,
    sum(rounds.amount_usd) filter (rounds.announced_on <= getvariable('month')) as raised_usd,
    sum(rounds.amount_usd) filter (rounds.announced_on <= getvariable('month') and rounds.evidence = 'cited')
    / sum(rounds.amount_usd) filter (rounds.announced_on <= getvariable('month')) as cited_share,
    count(*) filter (rounds.announced_on > getvariable('month')) as later_rounds,
    sum(rounds.amount_usd) filter (rounds.announced_on > getvariable('month')) as later_usd
from audit.universe_rounds as held
inner join marts.fct_funding_rounds as rounds on held.round_id = rounds.round_id
where held.universe = getvariable('universe')
group by rounds.size_band
order by min(rounds.amount_usd) nulls last;

-- A row a list of rounds, with what of it no market map knows.
create or replace temp view outside_maps as
select
    any_value(files.title) as list,
    count(distinct rounds.company_id) as listed_companies,
    count(distinct rounds.company_id) filter (not companies.is_mapped) as companies_outside,
    count(*) filter (not companies.is_mapped) as rounds_outside,
    coalesce(sum(rounds.amount_usd) filter (not companies.is_mapped), 0) as outside_usd
from marts.fct_funding_rounds as rounds
inner join marts.dim_companies as companies on rounds.company_id = companies.company_id
inner join (select distinct file, source, title from audit.source_files) as files
    on split_part(rounds.source_row_id, '#', 1) = files.file
group by files.source
order by outside_usd desc, list;
