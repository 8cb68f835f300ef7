with round_investors as (
    select * from {{ ref('int_round_investors') }}
)

select
    investor_id,
    min(investor) as investor,
    cast(count(*) as int) as rounds,
    cast(sum(case when is_lead then 1 else 0 end) as int) as rounds_led,
    max(case when is_strategic then 1 else 0 end) = 1 as is_strategic
from round_investors
group by investor_id
