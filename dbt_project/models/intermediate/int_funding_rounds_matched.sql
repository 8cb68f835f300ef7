{% set passes = 3 %}

-- Which rows speak of the same round, and which of them leads it. Within one source only a row that
-- repeats another's label, day and amount is a duplicate; two sources speak of one round when company
-- and kind are the same and dates and amounts differ little.
with rounds as (
    select * from {{ ref('int_funding_rounds_in_usd') }}
),

-- The better-known row leads: with an amount, then cited, then dated to the day. Where rows stand in
-- their file must not decide, so the row itself comes last.
ranked as (
    select
        *,
        row_number() over (
            partition by company_id
            order by
                case when amount_usd is null then 1 else 0 end,
                case when evidence = 'cited' then 0 else 1 end,
                case date_precision when 'day' then 0 when 'month' then 1 when 'quarter' then 2 else 3 end,
                snapshot_on desc,
                length(concat(
                    coalesce(lead_investors_keys, ''), coalesce(other_investors_keys, ''), coalesce(valuation_text, '')
                )) desc,
                amount_text,
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

-- In each pass a row joins the nearest row that certainly leads, one that could join no other itself;
-- and a leading row takes at most one row from each other source, so that two like rounds of one month
-- don't vanish into one, not even by way of a third row. The next pass serves the rows left over.
{% for pass in range(1, passes + 1) %}
open_{{ pass }} as (
    {% if pass == 1 %}
    select * from candidates
    {% else %}
    select candidates.*
    from open_{{ pass - 1 }} as candidates
    left join joined_{{ pass - 1 }} as weaker on candidates.source_row_id = weaker.source_row_id
    left join joined_{{ pass - 1 }} as better on candidates.better_row_id = better.source_row_id
    left join joined_{{ pass - 1 }} as rival
        on
            candidates.better_row_id = rival.better_row_id
            and candidates.source = rival.source
    where
        weaker.source_row_id is null
        and better.source_row_id is null
        and rival.source_row_id is null
    {% endif %}
),

followers_{{ pass }} as (
    select distinct source_row_id from open_{{ pass }}
),

nearest_{{ pass }} as (
    select
        candidates.*,
        row_number() over (
            partition by candidates.source_row_id order by candidates.days_apart, candidates.better_rank
        ) as choice
    from open_{{ pass }} as candidates
    left join followers_{{ pass }} as followers on candidates.better_row_id = followers.source_row_id
    where followers.source_row_id is null
),

taken_{{ pass }} as (
    select
        *,
        row_number() over (partition by better_row_id, source order by days_apart, source_row_id) as turn
    from nearest_{{ pass }}
    where choice = 1
),

joined_{{ pass }} as (
    select
        source_row_id,
        source,
        better_row_id
    from taken_{{ pass }}
    where turn = 1
),

{% endfor %}
joined_to as (
    {% for pass in range(1, passes + 1) %}
    select
        source_row_id,
        better_row_id
    from joined_{{ pass }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

led as (
    select
        distinct_rows.source_row_id,
        coalesce(joined_to.better_row_id, distinct_rows.source_row_id) as leading_row_id
    from distinct_rows
    left join joined_to on distinct_rows.source_row_id = joined_to.source_row_id
)

select
    repeated.source_row_id,
    led.leading_row_id,
    case
        when repeated.source_row_id = led.leading_row_id then 'leads its round'
        when repeated.source_row_id <> repeated.first_row_id then 'repeats a row of its source'
        else 'another source for the round'
    end as part_in_round
from repeated
inner join led on repeated.first_row_id = led.source_row_id
