with rounds as (
    select * from {{ ref('int_equity_rounds') }}
    where amount_usd is not null
),

quarters as (
    select distinct quarter_start from {{ ref('dim_months') }}
),

counted as (
    select
        quarter_start,
        count(*) as disclosed_rounds,
        sum(amount_usd) as raised_usd,
        sum(case when is_mega_round then 1 else 0 end) as mega_rounds,
        sum(case when is_mega_round then amount_usd else 0 end) as mega_usd
    from rounds
    group by quarter_start
)

select
    quarters.quarter_start,
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
    end as times_average_round
from quarters
left join counted on quarters.quarter_start = counted.quarter_start
