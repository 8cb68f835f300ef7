with releases as (
    select * from {{ ref('fct_model_releases') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

spans as (
    select * from {{ ref('int_list_spans') }}
),

as_of as (
    select as_of from {{ ref('int_as_of') }}
),

covered as (
    select distinct days.calendar_day as released_on
    from {{ ref('int_calendar_days') }} as days
    inner join spans on days.calendar_day between spans.first_on and spans.last_on
    cross join as_of
    where days.calendar_day <= as_of.as_of
),

last_covered as (
    select max(released_on) as last_on from covered
),

-- Only releases dated to the day can be counted by day; the others are counted as known.
dated as (
    select
        released_on,
        sum(case when date_precision = 'day' then 1 else 0 end) as releases,
        sum(case when date_precision = 'day' and release_form = 'original' then 1 else 0 end) as original_releases,
        count(*) as known_models,
        0 as undated_models
    from releases
    where released_on is not null
    group by released_on
),

-- Models that no list dates count from the first snapshot that holds them, at the latest on the last day.
undated as (
    select
        least(models.first_seen_on, last_covered.last_on) as released_on,
        0 as releases,
        0 as original_releases,
        0 as known_models,
        count(*) as undated_models
    from releases
    inner join models on releases.model_id = models.model_id
    cross join last_covered
    where releases.released_on is null
    group by least(models.first_seen_on, last_covered.last_on)
),

-- The days that a row of the report compares: its own, thirty days before and half a year before.
compared as (
    {% for part, interval in [('day', 0), ('day', -30), ('month', -6)] %}
    select cast({{ dbt.dateadd(part, interval, 'released_on') }} as date) as released_on
    from covered
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

events as (
    select * from dated

    union all

    select * from undated

    union all

    select
        released_on,
        0 as releases,
        0 as original_releases,
        0 as known_models,
        0 as undated_models
    from compared
),

daily as (
    select
        released_on,
        sum(releases) as releases,
        sum(original_releases) as original_releases,
        sum(known_models) as known_models,
        sum(undated_models) as undated_models
    from events
    group by released_on
),

running as (
    select
        released_on,
        releases,
        original_releases,
        max(releases) over to_date as max_in_day_to_date,
        max(original_releases) over to_date as max_original_in_day_to_date,
        sum(releases) over to_date as releases_to_date,
        sum(original_releases) over to_date as original_releases_to_date,
        sum(known_models) over to_date as known_to_date,
        sum(undated_models) over to_date as undated_to_date
    from daily
    window to_date as (order by released_on rows between unbounded preceding and current row)
)

select
    covered.released_on,
    cast(running.releases as int) as releases,
    (running.releases_to_date - month_before.releases_to_date) / 30.0 as releases_per_day_30d,
    cast(running.max_in_day_to_date as int) as max_in_day_to_date,
    (running.known_to_date - half_year_before.known_to_date) / nullif(cast(running.known_to_date as double), 0)
        as share_under_6_months,
    cast(running.original_releases as int) as original_releases,
    (running.original_releases_to_date - month_before.original_releases_to_date) / 30.0
        as original_releases_per_day_30d,
    cast(running.max_original_in_day_to_date as int) as max_original_in_day_to_date,
    cast(running.releases_to_date as int) as releases_to_date,
    cast(running.known_to_date as int) as known_to_date,
    cast(running.undated_to_date as int) as undated_to_date
from covered
inner join running on covered.released_on = running.released_on
inner join running as month_before
    on cast({{ dbt.dateadd('day', -30, 'covered.released_on') }} as date) = month_before.released_on
inner join running as half_year_before
    on cast({{ dbt.dateadd('month', -6, 'covered.released_on') }} as date) = half_year_before.released_on
