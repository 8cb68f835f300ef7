with releases as (
    select * from {{ ref('fct_model_releases') }}
    where released_on is not null
),

-- Models that no list dates, by the first snapshot that holds them.
undated as (
    select
        dim_models.first_seen_on,
        count(*) as models
    from {{ ref('fct_model_releases') }} as fct_model_releases
    inner join {{ ref('dim_models') }} as dim_models on fct_model_releases.model_id = dim_models.model_id
    where fct_model_releases.released_on is null
    group by dim_models.first_seen_on
),

days as (
    select calendar_day from {{ ref('int_calendar_days') }}
),

-- The last day that the lists speak of: of the newest release, or of a list that is newer.
span as (
    select
        min(released_on) as first_on,
        max(last_on) as last_on
    from (
        select
            released_on,
            released_on as last_on
        from releases

        union all

        select
            first_seen_on as released_on,
            first_seen_on as last_on
        from undated
    ) as spoken_of
),

-- Only releases dated to the day can be counted by day; the others are counted as known.
daily as (
    select
        released_on,
        sum(case when date_precision = 'day' then 1 else 0 end) as releases,
        sum(case when date_precision = 'day' and not is_quantised_copy then 1 else 0 end) as original_releases,
        count(*) as known_releases
    from releases
    group by released_on
),

filled as (
    select
        days.calendar_day as released_on,
        coalesce(daily.releases, 0) as releases,
        coalesce(daily.original_releases, 0) as original_releases,
        coalesce(daily.known_releases, 0) as known_releases,
        coalesce(undated.models, 0) as undated_models
    from days
    inner join span on days.calendar_day between span.first_on and span.last_on
    left join daily on days.calendar_day = daily.released_on
    left join undated on days.calendar_day = undated.first_seen_on
),

running as (
    select
        released_on,
        releases,
        original_releases,
        sum(releases) over last_30_days / 30.0 as releases_per_day_30d,
        sum(original_releases) over last_30_days / 30.0 as original_releases_per_day_30d,
        max(releases) over to_date as max_in_day_to_date,
        max(original_releases) over to_date as max_original_in_day_to_date,
        sum(releases) over to_date as releases_to_date,
        sum(known_releases) over to_date as known_to_date,
        sum(undated_models) over to_date as undated_to_date
    from filled
    window
        last_30_days as (order by released_on rows between 29 preceding and current row),
        to_date as (order by released_on rows between unbounded preceding and current row)
),

-- Models known six months before each day are the ones that are no longer young on it.
aged as (
    select
        running.*,
        coalesce(six_months_before.known_to_date, 0) as older_to_date
    from running
    left join running as six_months_before
        on
            cast({{ dbt.dateadd('month', -6, 'running.released_on') }} as date)
            = six_months_before.released_on
)

select
    released_on,
    cast(releases as int) as releases,
    releases_per_day_30d,
    cast(max_in_day_to_date as int) as max_in_day_to_date,
    (known_to_date - older_to_date) / nullif(cast(known_to_date as double), 0) as share_under_6_months,
    cast(original_releases as int) as original_releases,
    original_releases_per_day_30d,
    cast(max_original_in_day_to_date as int) as max_original_in_day_to_date,
    cast(releases_to_date as int) as releases_to_date,
    cast(known_to_date as int) as known_to_date,
    cast(undated_to_date as int) as undated_to_date
from aged
