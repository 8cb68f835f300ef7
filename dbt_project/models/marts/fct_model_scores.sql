with scores as (
    select scores.*
    from {{ ref('stg_model_scores') }} as scores
),

rates as (
    select * from {{ ref('int_exchange_rates_to_usd') }}
),

priced as (
    select
        scores.*,
        case
            when scores.training_cost_currency = 'USD' then 1.0
            else rates.usd_per_unit
        end as usd_per_unit
    from scores
    left join rates
        on
            scores.training_cost_currency = rates.currency
            and scores.as_of >= rates.valid_from
            and scores.as_of < rates.valid_until
)

select
    model_key as model_id,
    model,
    benchmark,
    as_of,
    score,
    reference_model,
    (training_cost_low + training_cost_high) / 2 * usd_per_unit as training_cost_usd,
    organisation,
    access,
    parameters_max_bn,
    released_on,
    evidence,
    source_url,
    source_row_id
from priced
