-- Investors of each round, once each, from all the rows that speak of it: a name among the leads and
-- among the others is one investor.
with rounds as (
    select
        resolved.round_id,
        stated.lead_investors_keys,
        stated.lead_investors_names,
        stated.other_investors_keys,
        stated.other_investors_names,
        stated.strategic_investors_keys,
        stated.strategic_investors_names
    from {{ ref('stg_funding_rounds') }} as stated
    inner join {{ ref('int_funding_rounds_matched') }} as matched on stated.source_row_id = matched.source_row_id
    inner join {{ ref('int_funding_rounds_resolved') }} as resolved
        on matched.leading_row_id = resolved.source_row_id
),

aliases as (
    select * from {{ ref('aliases') }}
    where entity = 'investor'
),

leads as (
    {{ split_rows('rounds', ['round_id'], ['lead_investors_keys', 'lead_investors_names']) }}
),

others as (
    {{ split_rows('rounds', ['round_id'], ['other_investors_keys', 'other_investors_names']) }}
),

strategics as (
    {{ split_rows('rounds', ['round_id'], ['strategic_investors_keys', 'strategic_investors_names']) }}
),

named as (
    select
        round_id,
        lead_investors_keys as investor_key,
        lead_investors_names as investor,
        1 as lead_mark,
        0 as strategic_mark
    from leads

    union all

    select
        round_id,
        other_investors_keys as investor_key,
        other_investors_names as investor,
        0 as lead_mark,
        0 as strategic_mark
    from others

    union all

    select
        round_id,
        strategic_investors_keys as investor_key,
        strategic_investors_names as investor,
        0 as lead_mark,
        1 as strategic_mark
    from strategics
),

resolved as (
    select
        named.round_id,
        coalesce(aliases.name_key, named.investor_key) as investor_id,
        coalesce(aliases.name, named.investor) as investor,
        named.lead_mark,
        named.strategic_mark
    from named
    left join aliases on named.investor_key = aliases.alias_key
    where named.investor_key <> ''
)

select
    round_id,
    investor_id,
    min(investor) as investor,
    max(lead_mark) = 1 as is_lead,
    max(strategic_mark) = 1 as is_strategic
from resolved
group by round_id, investor_id
