-- Which rows speak of the same round, and which of them leads it. First the rows of each list that tell
-- one round again, then one such group of each list with those of other lists.
{% set passes = 3 %}

with rounds as (
    select * from {{ ref('int_funding_rounds_identified') }}
),

-- The better-known row leads: with an amount, of a kind that is stated, then cited, then dated to the
-- day; of rows as well known, the one that claims less. Neither where rows stand in their file nor what a
-- list is called may decide: the row comes last.
ranked as (
    select
        source_row_id,
        source,
        row_number() over (
            partition by company_id
            order by
                case when amount_usd is null then 1 else 0 end,
                case kind_basis when 'stated' then 0 when 'named' then 1 else 2 end,
                case when evidence = 'cited' then 0 else 1 end,
                case date_precision when 'day' then 0 when 'month' then 1 when 'quarter' then 2 else 3 end,
                snapshot_on desc,
                length_of_details desc,
                amount_usd nulls last,
                announced_on,
                kind,
                amount_text nulls last,
                round_label_key nulls last,
                coalesce(source_url, ''),
                coalesce(valuation_text, ''),
                source_row_id
        ) as quality_rank
    from rounds
),

pairs as (
    select * from {{ ref('int_round_pairs') }}
    where same_by is not null
),

directed as (
    {% for one, other in [('source_row_id', 'other_row_id'), ('other_row_id', 'source_row_id')] %}
    select
        {{ one }} as worse_row_id,
        {{ other }} as better_row_id,
        is_of_one_source,
        days_apart,
        case when amount_ratio >= 0.98 then 0 when amount_ratio is null then 1 else 2 end
        + case when is_of_one_stage then 0 when is_stage_unknown then 1 else 2 end as difference
    from pairs
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- The worse row of a pair may join the better one.
joinable as (
    select
        worse.source_row_id,
        worse.source,
        worse.quality_rank,
        better.source_row_id as better_row_id,
        better.quality_rank as better_rank,
        directed.is_of_one_source,
        directed.days_apart,
        directed.difference
    from directed
    inner join ranked as worse on directed.worse_row_id = worse.source_row_id
    inner join ranked as better on directed.better_row_id = better.source_row_id
    where worse.quality_rank > better.quality_rank
),

repeats_0 as (
    select * from joinable
    where is_of_one_source
),

{{ joined_rows('repeats', passes) }}

grouped as (
    select
        ranked.source_row_id,
        ranked.source,
        firsts.source_row_id as first_row_id,
        firsts.quality_rank as first_rank
    from ranked
    left join repeats on ranked.source_row_id = repeats.source_row_id
    inner join ranked as firsts on coalesce(repeats.better_row_id, ranked.source_row_id) = firsts.source_row_id
),

-- Groups are as near as the nearest of their rows.
sources_0 as (
    select
        worse.first_row_id as source_row_id,
        worse.source,
        worse.first_rank as quality_rank,
        better.first_row_id as better_row_id,
        better.first_rank as better_rank,
        min(directed.days_apart) as days_apart,
        min(directed.difference) as difference
    from directed
    inner join grouped as worse on directed.worse_row_id = worse.source_row_id
    inner join grouped as better on directed.better_row_id = better.source_row_id
    where
        not directed.is_of_one_source
        and worse.first_rank > better.first_rank
    group by
        worse.first_row_id,
        worse.source,
        worse.first_rank,
        better.first_row_id,
        better.first_rank
),

{{ joined_rows('sources', passes, one_of_each_source=true) }}

led as (
    select
        grouped.source_row_id,
        grouped.first_row_id,
        coalesce(sources.better_row_id, grouped.first_row_id) as leading_row_id
    from grouped
    left join sources on grouped.first_row_id = sources.source_row_id
)

select
    source_row_id,
    leading_row_id,
    case
        when source_row_id = leading_row_id then 'leads its round'
        when source_row_id <> first_row_id then 'repeats a row of its source'
        else 'another source for the round'
    end as part_in_round
from led
