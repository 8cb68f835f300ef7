-- The cadence report counts the models that fct_model_releases holds: those dated to the day by day, and
-- at its end all that have a date. No tolerance.
with releases as (
    select
        sum(case when date_precision = 'day' then 1 else 0 end) as dated_to_the_day,
        sum(case when date_precision = 'day' and not is_quantised_copy then 1 else 0 end) as originals,
        count(released_on) as dated
    from {{ ref('fct_model_releases') }}
),

cadence as (
    select
        sum(releases) as releases,
        sum(original_releases) as original_releases,
        max(releases_to_date) as releases_to_date,
        max(known_to_date) as known_to_date
    from {{ ref('rpt_release_cadence') }}
)

select
    releases.dated_to_the_day,
    cadence.releases,
    cadence.releases_to_date,
    releases.originals,
    cadence.original_releases,
    releases.dated,
    cadence.known_to_date
from releases
cross join cadence
where
    coalesce(releases.dated_to_the_day, 0) <> coalesce(cadence.releases, 0)
    or coalesce(releases.dated_to_the_day, 0) <> coalesce(cadence.releases_to_date, 0)
    or coalesce(releases.originals, 0) <> coalesce(cadence.original_releases, 0)
    or releases.dated <> coalesce(cadence.known_to_date, 0)
