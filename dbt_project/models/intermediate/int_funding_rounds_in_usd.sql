with rounds as (
    {{ current_rows('funding_rounds') }}
),

rates as (
    select * from {{ ref('int_exchange_rates_to_usd') }}
),

daily_rates as (
    {{ rates_by_day('rates') }}
),

priced as (
    select
        rounds.*,
        case when rounds.amount_currency = 'USD' then 1.0 else amount_rates.usd_per_unit end as amount_usd_per_unit,
        case
            when rounds.valuation_currency = 'USD' then 1.0
            else valuation_rates.usd_per_unit
        end as valuation_usd_per_unit
    from rounds
    left join daily_rates as amount_rates
        on
            rounds.amount_currency = amount_rates.currency
            and rounds.announced_on = amount_rates.rate_day
    left join daily_rates as valuation_rates
        on
            rounds.valuation_currency = valuation_rates.currency
            and rounds.announced_on = valuation_rates.rate_day
)

select
    source_row_id,
    source,
    snapshot_on,
    company,
    company_key,
    company_core_key,
    domain_host,
    round_label,
    coalesce(lower(round_label), '') as round_label_key,
    round_stage,
    round_part,
    kind,
    kind_basis,
    announced_text,
    announced_on,
    case date_precision
        when 'month' then cast({{ dbt.date_trunc('month', 'announced_on') }} as date)
        when 'quarter' then cast({{ dbt.date_trunc('quarter', 'announced_on') }} as date)
        when 'year' then cast({{ dbt.date_trunc('year', 'announced_on') }} as date)
        else announced_on
    end as announced_not_before,
    date_precision,
    amount_text,
    amount_currency,
    -- A range stands for its midpoint; a single bound ("over", "up to") stands for itself. The
    -- source's own US dollars go before a conversion. Kept to the 4096th of a dollar, a power of two:
    -- sums of such amounts are exact to two trillions, so the same in any order of adding.
    round(
        coalesce(
            (stated_usd_low + stated_usd_high) / 2,
            {{ midpoint('amount') }} * amount_usd_per_unit
        ) * 4096
    ) / 4096 as amount_usd,
    case
        when coalesce(amount_low, amount_high) is null then 'undisclosed'
        when stated_usd_low = stated_usd_high then 'as reported'
        when amount_usd_per_unit is null then 'no exchange rate'
        when amount_low <> amount_high then 'midpoint'
        when amount_qualifier <> 'exact' then amount_qualifier
        else 'as reported'
    end as amount_basis,
    valuation_text,
    valuation_low * valuation_usd_per_unit as valuation_low_usd,
    valuation_high * valuation_usd_per_unit as valuation_high_usd,
    -- How much the row tells beside; what that is, is read from staging where it is needed.
    length(concat(
        coalesce(lead_investors_keys, ''), coalesce(other_investors_keys, ''), coalesce(valuation_text, '')
    )) as length_of_details,
    evidence,
    source_url
from priced
