-- Equity rounds as each variant of the sensitivity analysis counts them: the same rounds with some
-- left out, or with companies in another defensible layer.
with rounds as (
    select * from {{ ref('int_equity_rounds') }}
),

variants as (
    select 'none' as exclusion
    union all
    select 'infrastructure' as exclusion
    union all
    select 'largest_round' as exclusion
    union all
    select 'not_genai_native' as exclusion
    union all
    select 'alternative_layers' as exclusion
    union all
    select 'recalled' as exclusion
)

select
    variants.exclusion,
    rounds.round_id,
    rounds.as_of_month,
    rounds.founded_year,
    case
        when variants.exclusion = 'alternative_layers' then coalesce(rounds.alternative_layer, rounds.layer)
        else rounds.layer
    end in ('model_platform', 'mlops') as is_model_or_mlops,
    rounds.amount_usd
from rounds
cross join variants
where
    not (variants.exclusion = 'infrastructure' and rounds.layer = 'infrastructure')
    and not (variants.exclusion = 'not_genai_native' and coalesce(not rounds.is_genai_native, false))
    and not (variants.exclusion = 'recalled' and rounds.evidence = 'recalled')
