with round_investors as (
    select * from {{ ref('int_round_investors') }}
),

rounds as (
    select round_id from {{ ref('fct_funding_rounds') }}
)

select
    round_investors.investor_id,
    min(round_investors.investor) as investor,
    cast(count(*) as int) as rounds,
    cast(sum(case when round_investors.is_lead then 1 else 0 end) as int) as rounds_led,
    max(case when round_investors.is_strategic then 1 else 0 end) = 1 as is_strategic
from round_investors
inner join rounds on round_investors.round_id = rounds.round_id
group by round_investors.investor_id
