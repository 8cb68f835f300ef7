{#- A rate serves until the next one, and for ten days at most: long enough for holidays, too short
    to price a currency that is no longer quoted. -#}
{% set longest_gap_days = 10 %}

with stated as (
    select
        rates.*,
        row_number() over (partition by rates.currency, rates.rate_date order by rates.source) as choice
    from {{ ref('stg_exchange_rates') }} as rates
    inner join {{ ref('int_current_snapshots') }} as current_snapshots
        on
            current_snapshots.kind = 'exchange_rates'
            and rates.source = current_snapshots.source
            and rates.snapshot_on = current_snapshots.snapshot_on
),

-- Where two sources quote a currency on one day, the first by name is taken.
rates as (
    select * from stated
    where choice = 1
),

dollars as (
    select
        rate_date,
        units_per_eur as usd_per_eur
    from rates
    where currency = 'USD'
),

priced as (
    select
        rates.currency,
        rates.rate_date,
        dollars.usd_per_eur / rates.units_per_eur as usd_per_unit
    from rates
    inner join dollars on rates.rate_date = dollars.rate_date
    where rates.currency <> 'USD'

    union all

    select
        'EUR' as currency,
        rate_date,
        usd_per_eur as usd_per_unit
    from dollars
),

spans as (
    select
        currency,
        rate_date as valid_from,
        usd_per_unit,
        lead(rate_date) over (partition by currency order by rate_date) as next_rate_date,
        {{ dbt.dateadd('day', longest_gap_days, 'rate_date') }} as last_day
    from priced
)

select
    currency,
    valid_from,
    case
        when next_rate_date is null or next_rate_date > cast(last_day as date) then cast(last_day as date)
        else next_rate_date
    end as valid_until,
    usd_per_unit
from spans
