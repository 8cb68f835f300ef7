with round_investors as (
    select * from {{ ref('int_round_investors') }}
),

rounds as (
    select round_id from {{ ref('fct_funding_rounds') }}
)

select
    round_investors.round_id,
    round_investors.investor_id,
    round_investors.is_lead,
    round_investors.is_strategic
from round_investors
inner join rounds on round_investors.round_id = rounds.round_id
