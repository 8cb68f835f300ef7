-- Rows that were taken for one round and contradict each other: which row is told, which is only kept as
-- evidence. Dates disagree when their periods don't overlap.
with matched as (
    select * from {{ ref('int_funding_rounds_matched') }}
    where part_in_round <> 'leads its round'
),

rounds as (
    select * from {{ ref('int_funding_rounds_resolved') }}
),

stated as (
    select * from {{ ref('int_funding_rounds_identified') }}
),

compared as (
    select
        rounds.round_id,
        rounds.company_id,
        rounds.source_row_id as told_row_id,
        stated.source_row_id as other_row_id,
        matched.part_in_round,
        rounds.announced_text as told_date,
        stated.announced_text as other_date,
        case
            when
                rounds.announced_not_before <= stated.announced_on
                and stated.announced_not_before <= rounds.announced_on
                then 0
            else abs({{ dbt.datediff('rounds.announced_on', 'stated.announced_on', 'day') }})
        end as days_apart,
        rounds.round_label as told_label,
        stated.round_label as other_label,
        coalesce(rounds.round_stage <> stated.round_stage, false)
        or coalesce(rounds.round_part, '') <> coalesce(stated.round_part, '') as is_of_other_label,
        rounds.kind as told_kind,
        stated.kind as other_kind,
        rounds.amount_text as told_amount,
        stated.amount_text as other_amount,
        rounds.amount_usd as told_amount_usd,
        stated.amount_usd as other_amount_usd,
        stated.amount_usd - rounds.amount_usd as difference_usd,
        (stated.amount_usd - rounds.amount_usd) / nullif(rounds.amount_usd, 0) as difference_share
    from matched
    inner join rounds on matched.leading_row_id = rounds.source_row_id
    inner join stated on matched.source_row_id = stated.source_row_id
),

disagreeing as (
    select
        *,
        case when days_apart > 0 then 'date, ' else '' end
        || case
            when abs(difference_usd) >= 1 or (told_amount_usd is null) <> (other_amount_usd is null) then 'amount, '
            else ''
        end
        || case when is_of_other_label then 'label, ' else '' end
        || case when told_kind <> other_kind then 'kind, ' else '' end as facts
    from compared
)

select
    round_id,
    company_id,
    told_row_id,
    other_row_id,
    part_in_round,
    substring(facts, 1, length(facts) - 2) as disagrees_on,
    told_date,
    other_date,
    cast(days_apart as int) as days_apart,
    told_label,
    other_label,
    told_kind,
    other_kind,
    told_amount,
    other_amount,
    told_amount_usd,
    other_amount_usd,
    difference_usd,
    difference_share
from disagreeing
where facts <> ''
