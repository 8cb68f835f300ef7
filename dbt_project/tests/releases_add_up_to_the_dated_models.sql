-- The cadence report counts the models that fct_model_releases holds: those dated to a day that it covers
-- by day, and at its end all that are dated to a day, or at all, by then. No tolerance.
with cadence as (
    select
        sum(releases) as releases,
        sum(original_releases) as original_releases,
        max(releases_to_date) as releases_to_date,
        max(known_to_date) as known_to_date,
        max(released_on) as last_on
    from {{ ref('rpt_release_cadence') }}
),

covered as (
    select released_on as covered_on from {{ ref('rpt_release_cadence') }}
),

known as (
    select
        fct_model_releases.release_form,
        fct_model_releases.date_precision,
        covered.covered_on
    from {{ ref('fct_model_releases') }} as fct_model_releases
    inner join cadence on fct_model_releases.released_on <= cadence.last_on
    left join covered on fct_model_releases.released_on = covered.covered_on
),

releases as (
    select
        sum(case when date_precision = 'day' and covered_on is not null then 1 else 0 end) as on_covered_days,
        sum(case when date_precision = 'day' and covered_on is not null and release_form = 'original' then 1 else 0 end)
            as originals,
        sum(case when date_precision = 'day' then 1 else 0 end) as dated_to_the_day,
        count(*) as dated
    from known
)

select
    releases.on_covered_days,
    cadence.releases,
    releases.originals,
    cadence.original_releases,
    releases.dated_to_the_day,
    cadence.releases_to_date,
    releases.dated,
    cadence.known_to_date
from releases
cross join cadence
where
    coalesce(releases.on_covered_days, 0) <> coalesce(cadence.releases, 0)
    or coalesce(releases.originals, 0) <> coalesce(cadence.original_releases, 0)
    or coalesce(releases.dated_to_the_day, 0) <> coalesce(cadence.releases_to_date, 0)
    or releases.dated <> coalesce(cadence.known_to_date, 0)
