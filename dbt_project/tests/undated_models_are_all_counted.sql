-- Models that no list dates are outside every rate of the cadence report, so it must say how many they
-- are: by its last day, all those that a list knew by the day the marts speak of. No tolerance.
with undated as (
    select count(*) as models
    from {{ ref('fct_model_releases') }} as releases
    inner join {{ ref('dim_models') }} as models on releases.model_id = models.model_id
    cross join {{ ref('int_as_of') }} as as_of
    where
        releases.released_on is null
        and models.first_seen_on <= as_of.as_of
),

cadence as (
    select
        count(*) as days,
        max(undated_to_date) as undated_to_date
    from {{ ref('rpt_release_cadence') }}
)

select
    undated.models,
    cadence.undated_to_date
from undated
cross join cadence
where
    cadence.days > 0
    and undated.models <> cadence.undated_to_date
