-- Rounds of one company that may be one, and why they were not made one: told with the dollars that would
-- then be counted twice, the most first. Pairs that somebody judged to be two say why.
with pairs as (
    select * from {{ ref('int_round_pairs') }}
),

matched as (
    select * from {{ ref('int_funding_rounds_matched') }}
),

rounds as (
    select * from {{ ref('int_funding_rounds_resolved') }}
),

judged as (
    select * from {{ ref('distinct_rounds') }}
),

apart as (
    select
        case when one.announced_on > other.announced_on then other.round_id else one.round_id end as round_id,
        case when one.announced_on > other.announced_on then one.round_id else other.round_id end as other_round_id,
        case
            when one.amount_usd is null or other.amount_usd is null then 0
            else least(one.amount_usd, other.amount_usd)
        end as at_stake_usd,
        coalesce(pairs.possible_by, 'they agree, but others agree better') as reason,
        row_number() over (
            partition by least(one.round_id, other.round_id), greatest(one.round_id, other.round_id)
            order by
                case when pairs.possible_by is null then 0 else 1 end,
                pairs.days_apart,
                pairs.amount_ratio desc,
                pairs.source_row_id,
                pairs.other_row_id
        ) as nearness
    from pairs
    inner join matched as matched_one on pairs.source_row_id = matched_one.source_row_id
    inner join matched as matched_other on pairs.other_row_id = matched_other.source_row_id
    inner join rounds as one on matched_one.leading_row_id = one.source_row_id
    inner join rounds as other on matched_other.leading_row_id = other.source_row_id
    where one.round_id <> other.round_id
)

select
    cast(
        row_number() over (
            order by
                apart.at_stake_usd desc,
                apart.round_id,
                apart.other_round_id
        ) as int
    ) as rank_by_usd,
    apart.round_id,
    apart.other_round_id,
    one.company_id,
    one.source_row_id,
    other.source_row_id as other_row_id,
    one.announced_text as announced,
    other.announced_text as other_announced,
    one.round_label,
    other.round_label as other_round_label,
    one.amount_text as amount,
    other.amount_text as other_amount,
    apart.reason,
    cast(apart.at_stake_usd as double) as at_stake_usd,
    judged.reason as told_apart_by
from apart
inner join rounds as one on apart.round_id = one.round_id
inner join rounds as other on apart.other_round_id = other.round_id
left join judged
    on
        one.company_id = judged.company_id
        and one.announced_on = judged.announced_on
        and other.announced_on = judged.other_announced_on
where apart.nearness = 1
