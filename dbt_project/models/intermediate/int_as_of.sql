-- The last day the marts speak of: the variable `as_of`, or the newest event in the data.
with rounds as (
    select max(announced_on) as newest_on from {{ ref('int_funding_rounds_resolved') }}
),

releases as (
    select max(released_on) as newest_on from {{ ref('int_open_models_resolved') }}
),

newest as (
    select newest_on from rounds
    union all
    select newest_on from releases
)

select max({% if var('as_of') %}cast('{{ var("as_of") }}' as date){% else %}newest_on{% endif %}) as as_of
from newest
