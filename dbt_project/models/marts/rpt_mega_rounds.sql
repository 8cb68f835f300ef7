with rounds as (
    select * from {{ ref('int_universe_rounds') }}
    where amount_usd is not null
),

universe_quarters as (
    select * from {{ ref('int_universe_quarters') }}
),

-- A quarter is told as of its own end.
counted as (
    select
        rounds.universe,
        rounds.quarter_start,
        count(*) as disclosed_rounds,
        sum(rounds.amount_usd) as raised_usd,
        sum(case when rounds.amount_usd >= {{ var('mega_round_usd') }} then 1 else 0 end) as mega_rounds,
        sum(case when rounds.amount_usd >= {{ var('mega_round_usd') }} then rounds.amount_usd else 0 end) as mega_usd
    from rounds
    where rounds.counts_from <= {{ dbt.last_day('rounds.quarter_start', 'quarter') }}
    group by rounds.universe, rounds.quarter_start
)

select
    universe_quarters.quarter_start,
    universe_quarters.universe,
    cast(coalesce(counted.mega_rounds, 0) as int) as rounds,
    coalesce(counted.mega_usd, 0) as raised_usd,
    counted.mega_usd / counted.raised_usd as share_of_all,
    cast(coalesce(counted.disclosed_rounds, 0) as int) as disclosed_rounds,
    counted.mega_rounds / cast(counted.disclosed_rounds as double) as share_of_rounds,
    counted.raised_usd / counted.disclosed_rounds as average_round_usd,
    case when counted.mega_rounds > 0 then counted.mega_usd / counted.mega_rounds end as average_mega_round_usd,
    case
        when counted.mega_rounds > 0
            then (counted.mega_usd / counted.mega_rounds) / (counted.raised_usd / counted.disclosed_rounds)
    end as times_average_round,
    universe_quarters.is_complete
from universe_quarters
left join counted
    on
        universe_quarters.universe = counted.universe
        and universe_quarters.quarter_start = counted.quarter_start
