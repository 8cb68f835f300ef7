-- What an analyst would write in DuckDB for three marts in all universes, from the resolved equity
-- rounds: views `rounds`, `universes`, `months` and `layers` (benchmarks/peers/__init__.py).

create view calendar as select as_of_month as month from months;

create table members as
select
    u.universe, r.round_id, r.company_id, r.layer, r.model_access, r.evidence, r.amount_usd,
    r.as_of_month as month, r.announced_on, u.without_largest_round
from universes as u
inner join rounds as r on
    (u.membership = 'listed' or r.is_mapped)
    and coalesce(r.founded_year >= u.founded_from_year, u.founded_from_year is null)
    and coalesce(r.founded_year <= u.founded_to_year, u.founded_to_year is null)
    and (u.genai_fit is null or r.genai_fit <> 'adjacent')
    and (u.evidence is null or u.evidence = r.evidence)
    and (u.smallest_round_usd is null or r.amount_usd >= u.smallest_round_usd)
    and not list_contains(string_split(coalesce(u.left_out_layers, ''), ';'), r.layer);

-- The largest round of its time counts from the month in which a larger one is known.
create table counted as
with largest as (
    from members
    where without_largest_round and amount_usd is not null
    qualify row_number() over (partition by universe, month order by amount_usd desc, announced_on, round_id) = 1
),
records as (
    from largest
    qualify coalesce(amount_usd > max(amount_usd) over (
        partition by universe order by month rows between unbounded preceding and 1 preceding
    ), true)
),
overtaken as (
    select universe, round_id, lead(month) over (partition by universe order by month) as until
    from records
)
select m.* replace (if(o.round_id is null, m.month, o.until) as month)
from members as m left join overtaken as o using (universe, round_id)
where o.round_id is null or o.until is not null;

create table held as
with monthly as (
    select universe, layer, company_id, model_access, month, sum(amount_usd) as raised
    from counted where amount_usd > 0 group by all
),
running as (
    select
        * exclude raised,
        sum(raised) over (partition by universe, company_id order by month) as held,
        lead(month) over (partition by universe, company_id order by month) as until
    from monthly
)
select universe, layer, company_id, model_access, calendar.month, held
from running inner join calendar on
    calendar.month >= running.month and (calendar.month < running.until or running.until is null);

create table layer_share as
with money as (
    select universe, layer, month, sum(held) as raised_usd, count(*) as companies from held group by all
),
monthly as (
    select
        universe, layer, month, count(*) as rounds, count(*) filter (amount_usd is null) as undisclosed_rounds,
        sum(amount_usd) filter (evidence = 'cited') as cited_usd
    from counted group by all
),
grid as (
    select
        calendar.month, universes.universe, layers.layer,
        coalesce(money.raised_usd, 0) as raised_usd, coalesce(money.companies, 0) as companies,
        coalesce(sum(monthly.rounds) over to_date, 0) as rounds,
        coalesce(sum(monthly.undisclosed_rounds) over to_date, 0) as undisclosed_rounds,
        coalesce(sum(monthly.cited_usd) over to_date, 0) as cited_usd
    from calendar cross join universes cross join layers
    left join money on (money.universe, money.layer, money.month) = (universes.universe, layers.layer, calendar.month)
    left join monthly
        on (monthly.universe, monthly.layer, monthly.month) = (universes.universe, layers.layer, calendar.month)
    window to_date as (partition by universes.universe, layers.layer order by calendar.month)
)
select
    month as as_of_month, universe, layer, raised_usd,
    raised_usd / sum(raised_usd) over (partition by month, universe) as share,
    companies, rounds, undisclosed_rounds, cited_usd / nullif(raised_usd, 0) as cited_share
from grid
qualify sum(raised_usd) over (partition by month, universe) > 0;

create table ranked as
select
    *,
    row_number() over scope as place,
    rank() over scope as company_rank,
    sum(held) over (partition by universe, layer, month) as scope_usd
from (from held union all by name select * replace ('all' as layer) from held)
window scope as (partition by universe, layer, month order by held desc);

create table concentration as
select
    month as as_of_month, universe, layer, any_value(scope_usd) as raised_usd, count(*) as companies,
    10000 * sum(held * held) / pow(any_value(scope_usd), 2) as hhi,
    sum(held) filter (place <= 1) / any_value(scope_usd) as top_1_share,
    sum(held) filter (place <= 3) / any_value(scope_usd) as top_3_share,
    sum(held) filter (place <= 5) / any_value(scope_usd) as top_5_share,
    sum(held) filter (place <= 10) / any_value(scope_usd) as top_10_share,
    (count(*) + 1 - 2 * sum(held * place) / any_value(scope_usd)) / count(*) as gini,
    pow(any_value(scope_usd), 2) / sum(held * held) as effective_companies,
    coalesce(sum(held) filter (model_access = 'closed'), 0) / any_value(scope_usd) as closed_share,
    coalesce(sum(held) filter (model_access = 'open'), 0) / any_value(scope_usd) as open_share
from ranked group by all;

create table company_share as
with named as (
    select distinct universe, company_id from ranked where layer <> 'all' and company_rank <= 50
),
shown as (
    from ranked semi join named using (universe, company_id) where layer <> 'all'
)
select
    s.month as as_of_month, s.universe, s.company_id, s.held as raised_usd,
    s.held / a.raised_usd as share_of_all, s.held / s.scope_usd as share_of_layer, s.company_rank as rank_in_layer
from shown as s
inner join concentration as a on (a.as_of_month, a.universe, a.layer) = (s.month, s.universe, 'all')
union all
select
    a.as_of_month, a.universe, 'all others', a.raised_usd - s.raised_usd,
    (a.raised_usd - s.raised_usd) / a.raised_usd, null, null
from concentration as a
inner join (
    select month, universe, sum(held) as raised_usd, count(*) as companies from shown group by all
) as s on (a.as_of_month, a.universe) = (s.month, s.universe)
where a.layer = 'all' and a.companies > s.companies;
