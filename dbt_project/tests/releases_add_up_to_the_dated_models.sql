-- The cadence report counts the models that each list holds: those dated to a day that it covers by day, and
-- at its end all that are dated to a day, or at all, by then. No tolerance.
with cadence as (
    select
        source,
        sum(releases) as releases,
        sum(original_releases) as original_releases,
        max(releases_to_date) as releases_to_date,
        max(known_to_date) as known_to_date,
        max(released_on) as last_on
    from {{ ref('rpt_release_cadence') }}
    group by source
),

known as (
    select
        cadence.source,
        releases.release_form,
        releases.date_precision,
        covered.released_on as covered_on
    from cadence
    inner join {{ ref('fct_model_listings') }} as listings on cadence.source = listings.source
    inner join {{ ref('fct_model_releases') }} as releases
        on
            listings.model_id = releases.model_id
            and cadence.last_on >= releases.released_on
    left join {{ ref('rpt_release_cadence') }} as covered
        on
            listings.source = covered.source
            and releases.released_on = covered.released_on
),

counted as (
    select
        source,
        sum(case when date_precision = 'day' and covered_on is not null then 1 else 0 end) as on_covered_days,
        sum(case when date_precision = 'day' and covered_on is not null and release_form = 'original' then 1 else 0 end)
            as originals,
        sum(case when date_precision = 'day' then 1 else 0 end) as dated_to_the_day,
        count(*) as dated
    from known
    group by source
)

select
    cadence.source,
    counted.on_covered_days,
    cadence.releases,
    counted.originals,
    cadence.original_releases,
    counted.dated_to_the_day,
    cadence.releases_to_date,
    counted.dated,
    cadence.known_to_date
from cadence
left join counted on cadence.source = counted.source
where
    coalesce(counted.on_covered_days, 0) <> cadence.releases
    or coalesce(counted.originals, 0) <> cadence.original_releases
    or coalesce(counted.dated_to_the_day, 0) <> cadence.releases_to_date
    or coalesce(counted.dated, 0) <> cadence.known_to_date
