-- Which rows speak of the same round. Within one source only a row that repeats another's
-- label, day and amount is a duplicate; two sources speak of one round when company and kind are the same and dates
-- and amounts differ little. Every row gets the row that leads its round.
with rounds as (
    select * from {{ ref('int_funding_rounds_in_usd') }}
),

-- The better-known row leads: cited, then dated to the day, then with an amount.
ranked as (
    select
        *,
        row_number() over (
            partition by company_id
            order by
                case when evidence = 'cited' then 0 else 1 end,
                case date_precision when 'day' then 0 when 'month' then 1 when 'quarter' then 2 else 3 end,
                case when amount_usd is null then 1 else 0 end,
                snapshot_on desc,
                source_row_id
        ) as quality_rank
    from rounds
),

repeated as (
    select
        *,
        first_value(source_row_id) over (
            partition by
                source, company_id, kind, coalesce(round_label_key, ''), announced_on, date_precision,
                coalesce(amount_usd, -1)
            order by quality_rank
        ) as first_row_id
    from ranked
),

distinct_rows as (
    select * from repeated
    where source_row_id = first_row_id
),

candidates as (
    select
        weaker.source_row_id,
        weaker.source,
        better.source_row_id as better_row_id,
        better.source as better_source,
        better.quality_rank as better_rank,
        abs({{ dbt.datediff('better.announced_on', 'weaker.announced_on', 'day') }}) as days_apart
    from distinct_rows as weaker
    inner join distinct_rows as better
        on
            weaker.company_id = better.company_id
            and weaker.kind = better.kind
            and weaker.source <> better.source
            and weaker.quality_rank > better.quality_rank
    where
        weaker.announced_not_before
        <= {{ dbt.dateadd('day', var('same_round_days'), 'better.announced_on') }}
        and better.announced_not_before
        <= {{ dbt.dateadd('day', var('same_round_days'), 'weaker.announced_on') }}
        and (
            abs(weaker.amount_usd - better.amount_usd)
            <= {{ var('same_round_amount_tolerance') }} * better.amount_usd
            or (
                (weaker.amount_usd is null or better.amount_usd is null)
                and weaker.round_label_key = better.round_label_key
            )
        )
),

-- A row joins the nearest better row, and a row takes at most one row from each other source, so
-- that two like rounds of one month don't vanish into one.
nearest as (
    select
        *,
        row_number() over (partition by source_row_id order by days_apart, better_rank) as choice
    from candidates
),

taken as (
    select
        *,
        row_number() over (partition by better_row_id, source order by days_apart, source_row_id) as turn
    from nearest
    where choice = 1
),

joined_to as (
    select
        source_row_id,
        better_row_id,
        days_apart
    from taken
    where turn = 1
),

-- The row that was joined may itself have joined a better one; with the best row always first, two
-- steps reach it for up to three sources.
led as (
    select
        distinct_rows.source_row_id,
        distinct_rows.source,
        coalesce(second_step.better_row_id, first_step.better_row_id, distinct_rows.source_row_id) as led_by_row_id,
        case
            when second_step.better_row_id is not null then 2
            when first_step.better_row_id is not null then 1
            else 0
        end as steps,
        coalesce(first_step.days_apart, 0) as days_apart
    from distinct_rows
    left join joined_to as first_step on distinct_rows.source_row_id = first_step.source_row_id
    left join joined_to as second_step on first_step.better_row_id = second_step.source_row_id
),

-- A row between two others may not bring two rounds of one source together: the one that is nearer
-- to the leading row stays, the other leads itself.
settled as (
    select
        source_row_id,
        case
            when row_number() over (
                partition by led_by_row_id, source order by steps, days_apart, source_row_id
            ) = 1 then led_by_row_id
            else source_row_id
        end as leading_row_id
    from led
)

select
    repeated.source_row_id,
    settled.leading_row_id,
    case
        when repeated.source_row_id = settled.leading_row_id then 'leads its round'
        when repeated.source_row_id <> repeated.first_row_id then 'repeats a row of its source'
        else 'another source for the round'
    end as part_in_round
from repeated
inner join settled on repeated.first_row_id = settled.source_row_id
