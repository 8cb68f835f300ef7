-- What judged rounds would add to the served file, as views of one connection; served_comparison.py
-- makes them. Estimates: a build decides, by the dbt project's own rules.

-- A round may be told again this many days later, or with an amount this much different.
set variable near_days = 45;
set variable near_share = 0.1;

create or replace temp table placed as
with stated as (
    select
        _row_id as row_id, company_name, company_key, round_name, round_stage, kind_code,
        announced_day,
        case
            when chosen_amount_currency = 'USD' then (chosen_amount_low + chosen_amount_high) / 2
        end as usd
    from work.landing.judged
    where reject_rule is null
),

named as (
    select
        stated.*,
        coalesce(names.company_id, stated.company_key) as company_id,
        coalesce(companies.company, stated.company_name) as company,
        coalesce(companies.layer, 'unknown') as layer,
        coalesce(companies.is_mapped, false) as is_on_map,
        coalesce(year(stated.announced_day) + 1 < companies.founded_year, false)
            as is_before_founding
    from stated
    left join served.audit.company_names as names
        on stated.company_key = names.name_key and names.is_likeliest
    left join served.marts.dim_companies as companies on names.company_id = companies.company_id
),

told_already as (
    select distinct named.row_id
    from named
    inner join served.marts.fct_funding_rounds as rounds
        on named.company_id = rounds.company_id
        and abs(named.announced_day - rounds.announced_on) <= getvariable('near_days')
        and abs(named.usd - rounds.amount_usd) <= getvariable('near_share') * rounds.amount_usd
),

neighbours as (
    select
        row_id,
        announced_day - lag(announced_day) over in_time <= getvariable('near_days')
        and abs(usd - lag(usd) over in_time) <= getvariable('near_share') * usd
        and coalesce(round_stage = lag(round_stage) over in_time, true) as is_near
    from named
    window in_time as (partition by company_id order by announced_day, usd, row_id)
)

select
    named.*,
    is_on_map and not is_before_founding as is_mapped,
    told_already.row_id is not null as is_told_already,
    told_already.row_id is null and coalesce(is_near, false) as is_repeated
from named
inner join neighbours using (row_id)
left join told_already using (row_id);

create or replace temp view counts as
select
    count(distinct company_id) as companies,
    count(distinct company_id) filter (is_mapped) as mapped_companies,
    count(*) filter (not is_mapped) as rounds_outside,
    coalesce(sum(usd) filter (not is_mapped), 0) as usd_outside,
    count(*) filter (is_mapped) as rounds_inside,
    coalesce(sum(usd) filter (is_mapped), 0) as usd_inside,
    count(*) filter (is_told_already) as rounds_told_already,
    coalesce(sum(usd) filter (is_told_already), 0) as usd_told_already,
    count(*) filter (is_repeated) as rounds_repeated,
    coalesce(sum(usd) filter (is_repeated), 0) as usd_repeated,
    count(*) filter (is_before_founding) as rounds_before_founding
from placed;

create or replace temp view largest_repeats as
select
    company, round_name as round, announced_day::text as announced_on,
    round(usd)::bigint as amount_usd
from placed
where is_told_already or is_repeated
order by usd desc nulls last, row_id
limit 3;

-- Equity that nobody has told yet, added to what the headline universe held in its last month.
create or replace temp view moved_shares as
with headline as (
    select
        universe, title, membership,
        coalesce(last_complete_month, (
            select max(as_of_month) from served.marts.rpt_layer_share
            where rpt_layer_share.universe = dim_universes.universe
        )) as as_of_month
    from served.marts.dim_universes
    where is_headline
),

added as (
    select company, company_id, layer, sum(usd) as usd
    from placed
    cross join headline
    where
        kind_code = 'equity' and usd > 0 and announced_day <= as_of_month
        and not (is_told_already or is_repeated)
        and (is_mapped or membership = 'listed')
    group by all
),

held as (
    select layer as id, titles.title as name, raised_usd
    from served.marts.rpt_layer_share
    inner join headline using (universe, as_of_month)
    inner join served.marts.dim_layers as titles using (layer)
    union all
    select company_id, company, raised_usd
    from served.marts.rpt_company_share
    inner join headline using (universe, as_of_month)
    where company_id <> 'all others'
),

grown as (
    select layer as id, any_value(title) as name, sum(usd) as usd
    from added inner join served.marts.dim_layers using (layer) group by layer
    union all
    select company_id, any_value(company), sum(usd) from added group by company_id
),

totals as (
    select
        (select raised_usd from served.marts.rpt_concentration
         inner join headline using (universe, as_of_month) where layer = 'all') as before_usd,
        (select coalesce(sum(usd), 0) from added) as added_usd
),

shares as (
    select
        coalesce(held.name, grown.name) as name,
        coalesce(held.raised_usd, 0) / before_usd as share_before,
        (coalesce(held.raised_usd, 0) + coalesce(grown.usd, 0)) / (before_usd + added_usd)
            as share_after
    from held
    full join grown using (id)
    cross join totals
)

select name, share_before, share_after, title as universe, as_of_month::text as as_of_month
from shares
cross join headline
where abs(share_after - share_before) >= 0.01
order by abs(share_after - share_before) desc, name;
