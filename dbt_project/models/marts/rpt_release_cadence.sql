-- Each list is a series of its own. Lists hold different populations (every upload, or notable models
-- only), so their counts don't add up, and where one ends and another begins nothing has slowed down.
with releases as (
    select * from {{ ref('fct_model_releases') }}
),

listings as (
    select * from {{ ref('fct_model_listings') }}
),

spans as (
    select * from {{ ref('int_list_spans') }}
),

as_of as (
    select as_of from {{ ref('int_as_of') }}
),

covered as (
    select distinct
        spans.source,
        days.calendar_day as released_on
    from {{ ref('int_calendar_days') }} as days
    inner join spans on days.calendar_day between spans.first_on and spans.last_on
    cross join as_of
    where days.calendar_day <= as_of.as_of
),

last_covered as (
    select
        source,
        max(released_on) as last_on
    from covered
    group by source
),

listed as (
    select
        listings.source,
        listings.first_seen_on,
        releases.released_on,
        releases.date_precision,
        releases.release_form
    from listings
    inner join releases on listings.model_id = releases.model_id
),

-- Only releases dated to the day can be counted by day; the others are counted as known.
dated as (
    select
        source,
        released_on,
        sum(case when date_precision = 'day' then 1 else 0 end) as releases,
        sum(case when date_precision = 'day' and release_form = 'original' then 1 else 0 end) as original_releases,
        count(*) as known_models,
        0 as undated_models
    from listed
    where released_on is not null
    group by source, released_on
),

-- Models without a date count from the list's first snapshot that holds them, at the latest on its last day.
undated as (
    select
        listed.source,
        least(listed.first_seen_on, last_covered.last_on) as released_on,
        0 as releases,
        0 as original_releases,
        0 as known_models,
        count(*) as undated_models
    from listed
    inner join last_covered on listed.source = last_covered.source
    where listed.released_on is null
    group by listed.source, least(listed.first_seen_on, last_covered.last_on)
),

-- The days that a row of the report compares: its own, thirty days before and half a year before.
compared as (
    {% for part, interval in [('day', 0), ('day', -30), ('month', -6)] %}
    select
        source,
        cast({{ dbt.dateadd(part, interval, 'released_on') }} as date) as released_on
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
        source,
        released_on,
        0 as releases,
        0 as original_releases,
        0 as known_models,
        0 as undated_models
    from compared
),

daily as (
    select
        source,
        released_on,
        sum(releases) as releases,
        sum(original_releases) as original_releases,
        sum(known_models) as known_models,
        sum(undated_models) as undated_models
    from events
    group by source, released_on
),

running as (
    select
        source,
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
    window
        to_date as (
            partition by source order by released_on nulls last rows between unbounded preceding and current row
        )
)

select
    covered.source,
    covered.released_on,
    cast(running.releases as int) as releases,
    (running.releases_to_date - month_before.releases_to_date) / cast(30 as double) as releases_per_day_30d,
    cast(running.max_in_day_to_date as int) as max_in_day_to_date,
    (running.known_to_date - half_year_before.known_to_date) / nullif(cast(running.known_to_date as double), 0)
        as share_under_6_months,
    cast(running.original_releases as int) as original_releases,
    (running.original_releases_to_date - month_before.original_releases_to_date) / cast(30 as double)
        as original_releases_per_day_30d,
    cast(running.max_original_in_day_to_date as int) as max_original_in_day_to_date,
    cast(running.releases_to_date as int) as releases_to_date,
    cast(running.known_to_date as int) as known_to_date,
    cast(running.undated_to_date as int) as undated_to_date
from covered
inner join running
    on
        covered.source = running.source
        and covered.released_on = running.released_on
inner join running as month_before
    on
        covered.source = month_before.source
        and cast({{ dbt.dateadd('day', -30, 'covered.released_on') }} as date) = month_before.released_on
inner join running as half_year_before
    on
        covered.source = half_year_before.source
        and cast({{ dbt.dateadd('month', -6, 'covered.released_on') }} as date) = half_year_before.released_on
