with rounds as (
    select * from {{ ref('int_universe_rounds') }}
),

universe_quarters as (
    select * from {{ ref('int_universe_quarters') }}
),

benchmarks as (
    select * from {{ ref('int_benchmark_round_sizes') }}
),

-- A quarter is told as of its own end.
banded as (
    select
        universe,
        quarter_start,
        {{ size_band('amount_usd') }} as size_band,
        amount_usd
    from rounds
    where counts_from <= {{ dbt.last_day('quarter_start', 'quarter') }}
),

counted as (
    select
        universe,
        quarter_start,
        size_band,
        count(*) as rounds,
        sum(amount_usd) as raised_usd
    from banded
    group by universe, quarter_start, size_band
),

-- Shares are of the disclosed rounds: an undisclosed one could be in any band.
disclosed as (
    select
        universe,
        quarter_start,
        sum(rounds) as rounds,
        sum(raised_usd) as raised_usd
    from counted
    where size_band <> 'undisclosed'
    group by universe, quarter_start
),

own as (
    select
        counted.quarter_start,
        counted.size_band,
        counted.universe,
        counted.rounds,
        case when counted.size_band <> 'undisclosed' then counted.rounds / cast(disclosed.rounds as double) end
            as share_of_rounds,
        case when counted.size_band <> 'undisclosed' then counted.raised_usd / disclosed.raised_usd end
            as share_of_usd,
        universe_quarters.is_complete,
        cast(null as {{ dbt.type_string() }}) as source_row_id
    from counted
    inner join universe_quarters
        on
            counted.universe = universe_quarters.universe
            and counted.quarter_start = universe_quarters.quarter_start
    left join disclosed
        on
            counted.universe = disclosed.universe
            and counted.quarter_start = disclosed.quarter_start
)

select
    quarter_start,
    size_band,
    universe,
    cast(rounds as int) as rounds,
    share_of_rounds,
    share_of_usd,
    is_complete,
    source_row_id
from own

union all

select
    quarter_start,
    size_band,
    universe,
    cast(null as int) as rounds,
    share_of_rounds,
    cast(null as double) as share_of_usd,
    true as is_complete,
    source_row_id
from benchmarks
