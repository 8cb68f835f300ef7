-- A rate serves until the next one, and for some days at most.
with stated as (
    {{ current_rows('exchange_rates') }}
),

numbered as (
    select
        *,
        row_number() over (partition by currency, rate_date order by source) as choice
    from stated
),

-- Where two sources quote a currency on one day, the first by name is taken.
rates as (
    select * from numbered
    where choice = 1
),

dollars as (
    select
        rate_date,
        units_per_eur as usd_per_eur,
        source_row_id
    from rates
    where currency = 'USD'
),

priced as (
    select
        rates.currency,
        rates.rate_date,
        dollars.usd_per_eur / rates.units_per_eur as usd_per_unit,
        rates.source_row_id,
        dollars.source_row_id as usd_source_row_id
    from rates
    inner join dollars on rates.rate_date = dollars.rate_date
    where rates.currency <> 'USD'

    union all

    select
        'EUR' as currency,
        rate_date,
        usd_per_eur as usd_per_unit,
        source_row_id,
        source_row_id as usd_source_row_id
    from dollars
),

spans as (
    select
        currency,
        rate_date as valid_from,
        usd_per_unit,
        source_row_id,
        usd_source_row_id,
        lead(rate_date) over (partition by currency order by rate_date) as next_rate_date,
        {{ dbt.dateadd('day', longest_rate_days(), 'rate_date') }} as last_day
    from priced
)

select
    currency,
    valid_from,
    case
        when next_rate_date is null or next_rate_date > cast(last_day as date) then cast(last_day as date)
        else next_rate_date
    end as valid_until,
    usd_per_unit,
    source_row_id,
    usd_source_row_id
from spans
