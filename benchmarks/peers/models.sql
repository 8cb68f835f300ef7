-- What an analyst would write in DuckDB for the marts of models, from the releases that the build has
-- resolved: views `releases`, `models`, `listings`, `spans` and `today` (benchmarks/peers/__init__.py).

create table model_lineage as
with recursive descended as (
    select model_id, model_id as root_model_id, 0 as generations_from_root
    from releases
    where base_model_id is null
    union all
    select r.model_id, d.root_model_id, d.generations_from_root + 1
    from releases as r inner join descended as d on r.base_model_id = d.model_id
)
select d.*, r.base_model_id, m.model, roots.model as root_model
from descended as d
inner join releases as r using (model_id)
inner join models as m using (model_id)
inner join models as roots on d.root_model_id = roots.model_id;

create table base_models as
select
    root_model_id, root_model, count(*) as models,
    count(*) filter (generations_from_root > 0) as descendants,
    max(generations_from_root) as most_generations,
    count(*) / sum(count(*)) over () as share_of_models
from model_lineage group by all;

create table releases_by_organisation_type as
select
    last_day(released_on) as released_month, organisation_type, count(*) as releases,
    count(*) filter (release_form = 'original') as original_releases
from releases where released_on is not null group by all;

create table release_cadence as
with covered as (
    select source, unnest(generate_series(first_on, least(last_on, as_of), interval 1 day))::date as day
    from spans cross join today
),
listed as (
    select
        l.source, r.date_precision, r.release_form, r.released_on,
        coalesce(r.released_on, least(l.first_seen_on, c.day)) as day
    from listings as l
    inner join releases as r using (model_id)
    inner join (select source, max(day) as day from covered group by all) as c using (source)
),
daily as (
    select
        source, day,
        count(*) filter (date_precision = 'day') as releases,
        count(*) filter (date_precision = 'day' and release_form = 'original') as original_releases,
        count(released_on) as known_models,
        count(*) - count(released_on) as undated_models
    from listed group by all
),
running as (
    select
        source, day,
        max(releases) over to_date as max_in_day_to_date,
        max(original_releases) over to_date as max_original_in_day_to_date,
        sum(releases) over to_date as releases_to_date,
        sum(original_releases) over to_date as original_releases_to_date,
        sum(known_models) over to_date as known_to_date,
        sum(undated_models) over to_date as undated_to_date
    from daily
    window to_date as (partition by source order by day)
)
select
    c.source, c.day as released_on, coalesce(d.releases, 0) as releases,
    (r.releases_to_date - coalesce(m.releases_to_date, 0)) / 30 as releases_per_day_30d,
    r.max_in_day_to_date,
    (r.known_to_date - coalesce(h.known_to_date, 0)) / r.known_to_date as share_under_6_months,
    coalesce(d.original_releases, 0) as original_releases,
    (r.original_releases_to_date - coalesce(m.original_releases_to_date, 0)) / 30
        as original_releases_per_day_30d,
    r.max_original_in_day_to_date, r.releases_to_date, r.known_to_date, r.undated_to_date
from covered as c
asof join running as r on c.source = r.source and c.day >= r.day
asof left join running as m on c.source = m.source and c.day - interval 30 day >= m.day
asof left join running as h on c.source = h.source and c.day - interval 6 month >= h.day
left join daily as d on c.source = d.source and c.day = d.day;
