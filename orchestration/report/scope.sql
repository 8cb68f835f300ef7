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
