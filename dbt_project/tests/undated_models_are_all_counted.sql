-- Models that no list dates are outside every rate of the cadence report, so it must say how many they
-- are: on its last day, all of them. No tolerance.
with undated as (
    select count(*) as models
    from {{ ref('fct_model_releases') }}
    where released_on is null
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
