-- The equity rounds of each universe: the one place that applies a universe's rule. A universe without
-- the largest round lacks, in every month, the largest one known by then; once another is larger, the
-- old one counts again. So it counts from a later month than that of its announcement.
with universes as (
    select * from {{ ref('universes') }}
),

rounds as (
    select * from {{ ref('int_equity_rounds') }}
),

members as (
    select
        universes.universe,
        universes.without_largest_round,
        rounds.*
    from universes
    inner join rounds
        on
            (universes.membership = 'listed' or rounds.is_mapped)
            and (universes.founded_from_year is null or universes.founded_from_year <= rounds.founded_year)
            and (universes.founded_to_year is null or universes.founded_to_year >= rounds.founded_year)
            and (universes.genai_fit is null or rounds.genai_fit <> 'adjacent')
            and (universes.evidence is null or universes.evidence = rounds.evidence)
            and (universes.smallest_round_usd is null or universes.smallest_round_usd <= rounds.amount_usd)
    where not {{ leaves_out('universes.left_out_layers', 'rounds.layer') }}
),

-- Of equal rounds the first one announced is the largest.
ranked as (
    select
        universe,
        round_id,
        as_of_month,
        announced_on,
        amount_usd,
        row_number() over (
            partition by universe, as_of_month order by amount_usd desc, announced_on, round_id
        ) as rank_in_month
    from members
    where
        without_largest_round
        and amount_usd is not null
),

largest_to_date as (
    select
        *,
        max(amount_usd) over (
            partition by universe order by as_of_month
            rows between unbounded preceding and 1 preceding
        ) as largest_before_usd
    from ranked
    where rank_in_month = 1
),

overtaken as (
    select
        universe,
        round_id,
        lead(as_of_month) over (partition by universe order by as_of_month) as overtaken_in_month,
        lead(announced_on) over (partition by universe order by as_of_month) as overtaken_on
    from largest_to_date
    where
        largest_before_usd is null
        or amount_usd > largest_before_usd
)

select
    members.universe,
    members.round_id,
    members.company_id,
    members.layer,
    members.alternative_layer,
    members.model_access,
    members.founded_year,
    members.as_of_month,
    members.quarter_start,
    case when overtaken.round_id is null then members.as_of_month else overtaken.overtaken_in_month end
        as counts_from,
    case when overtaken.round_id is null then members.announced_on else overtaken.overtaken_on end as counts_on,
    members.amount_usd,
    members.evidence
from members
left join overtaken
    on
        members.universe = overtaken.universe
        and members.round_id = overtaken.round_id
where
    overtaken.round_id is null
    or overtaken.overtaken_in_month is not null
