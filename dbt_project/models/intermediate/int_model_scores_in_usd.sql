-- Published scores and training costs, in US dollars at the rate of the day they speak of.
with scores as (
    {{ current_rows('model_scores') }}
),

rates as (
    select * from {{ ref('int_exchange_rates_to_usd') }}
)

select
    scores.model_key as model_id,
    scores.model,
    scores.organisation,
    scores.access,
    scores.parameters_max_bn,
    scores.released_on,
    scores.benchmark,
    scores.as_of,
    scores.score,
    scores.reference_model_key as reference_model_id,
    scores.reference_model,
    {{ midpoint('scores.training_cost') }}
    * case when scores.training_cost_currency = 'USD' then 1.0 else rates.usd_per_unit end as training_cost_usd,
    scores.evidence,
    scores.source_url,
    scores.source_row_id
from scores
left join rates
    on
        scores.training_cost_currency = rates.currency
        and scores.as_of >= rates.valid_from
        and scores.as_of < rates.valid_until
where
    {{ dated_by_as_of('scores.as_of') }}
    and {{ dated_by_as_of('scores.released_on') }}
