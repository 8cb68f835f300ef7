with releases as (
    select * from {{ ref('fct_model_releases') }}
    where released_on is not null
)

select
    cast({{ dbt.last_day('released_on', 'month') }} as date) as released_month,
    organisation_type,
    cast(count(*) as int) as releases,
    cast(sum(case when release_form = 'original' then 1 else 0 end) as int) as original_releases
from releases
group by cast({{ dbt.last_day('released_on', 'month') }} as date), organisation_type
