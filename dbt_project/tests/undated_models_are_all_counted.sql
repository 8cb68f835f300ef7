-- Models without a date are outside every rate of the cadence report, so it must say of each list how many
-- they are: on its last day, all of them. No tolerance.
with undated as (
    select
        listings.source,
        count(*) as models
    from {{ ref('fct_model_listings') }} as listings
    inner join {{ ref('fct_model_releases') }} as releases on listings.model_id = releases.model_id
    where releases.released_on is null
    group by listings.source
),

cadence as (
    select
        source,
        max(undated_to_date) as undated_to_date
    from {{ ref('rpt_release_cadence') }}
    group by source
)

select
    cadence.source,
    undated.models,
    cadence.undated_to_date
from cadence
left join undated on cadence.source = undated.source
where coalesce(undated.models, 0) <> cadence.undated_to_date
