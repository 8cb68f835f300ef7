-- The exchange rate behind each amount of a raw row that is not in US dollars.
with rounds as (
    {{ current_rows('funding_rounds') }}
),

scores as (
    select * from {{ ref('stg_model_scores') }}
),

rates as (
    select * from {{ ref('int_exchange_rates_to_usd') }}
),

daily_rates as (
    {{ rates_by_day('rates') }}
),

stated as (
    select
        source_row_id,
        'amount' as column_name,
        amount_currency as currency,
        announced_on as priced_on
    from rounds

    union all

    select
        source_row_id,
        'valuation' as column_name,
        valuation_currency as currency,
        announced_on as priced_on
    from rounds

    union all

    select
        source_row_id,
        'training_cost' as column_name,
        training_cost_currency as currency,
        as_of as priced_on
    from scores
)

select
    stated.source_row_id,
    stated.column_name,
    stated.currency,
    stated.priced_on,
    rates.valid_from as rate_date,
    rates.usd_per_unit,
    rates.source_row_id as rate_row_id,
    rates.usd_source_row_id as usd_rate_row_id
from stated
inner join daily_rates as rates
    on
        stated.currency = rates.currency
        and stated.priced_on = rates.rate_day
