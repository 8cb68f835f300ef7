-- Rows of several sources that were taken for one round, where date or amount disagree: which row is
-- told, which is only kept as evidence. Dates disagree when their periods don't overlap.
with matched as (
    select * from {{ ref('int_funding_rounds_matched') }}
    where part_in_round = 'another source for the round'
),

rounds as (
    select * from {{ ref('int_funding_rounds_resolved') }}
),

stated as (
    select * from {{ ref('int_funding_rounds_in_usd') }}
),

compared as (
    select
        rounds.round_id,
        rounds.company_id,
        rounds.source_row_id as told_row_id,
        stated.source_row_id as other_row_id,
        rounds.announced_text as told_date,
        stated.announced_text as other_date,
        case
            when
                rounds.announced_not_before <= stated.announced_on
                and stated.announced_not_before <= rounds.announced_on
                then 0
            else abs({{ dbt.datediff('rounds.announced_on', 'stated.announced_on', 'day') }})
        end as days_apart,
        rounds.amount_text as told_amount,
        stated.amount_text as other_amount,
        rounds.amount_usd as told_amount_usd,
        stated.amount_usd as other_amount_usd,
        stated.amount_usd - rounds.amount_usd as difference_usd,
        (stated.amount_usd - rounds.amount_usd) / rounds.amount_usd as difference_share
    from matched
    inner join rounds on matched.leading_row_id = rounds.source_row_id
    inner join stated on matched.source_row_id = stated.source_row_id
)

select
    round_id,
    company_id,
    told_row_id,
    other_row_id,
    told_date,
    other_date,
    cast(days_apart as int) as days_apart,
    told_amount,
    other_amount,
    told_amount_usd,
    other_amount_usd,
    difference_usd,
    difference_share
from compared
where
    days_apart > 0
    or abs(difference_usd) >= 1
    or (told_amount_usd is null) <> (other_amount_usd is null)
