-- A claim that the data used to support, or contradict, and no longer do: both values are shown.
-- A warning, because the data may well be right.
{{ config(severity = 'warn') }}

with claims as (
    select * from {{ ref('claims') }}
)

select
    claim_id,
    claimed_value,
    computed_value,
    expected_verdict,
    verdict
from claims
where
    expected_verdict is not null
    and expected_verdict <> verdict
    and {{ dated_by_as_of('as_of') }}
