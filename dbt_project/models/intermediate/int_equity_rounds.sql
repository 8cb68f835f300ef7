-- Equity rounds up to the day the marts speak of, with the company they went to.
with rounds as (
    select * from {{ ref('int_funding_rounds_resolved') }}
    where kind = 'equity'
),

as_of as (
    select as_of from {{ ref('int_as_of') }}
),

companies as (
    select * from {{ ref('int_companies_resolved') }}
)

select
    rounds.round_id,
    rounds.company_id,
    companies.layer,
    companies.alternative_layer,
    companies.founded_year,
    companies.genai_fit,
    companies.is_mapped,
    companies.model_access,
    rounds.announced_on,
    cast({{ dbt.last_day('rounds.announced_on', 'month') }} as date) as as_of_month,
    cast({{ dbt.date_trunc('quarter', 'rounds.announced_on') }} as date) as quarter_start,
    rounds.amount_usd,
    rounds.evidence
from rounds
cross join as_of
inner join companies on rounds.company_id = companies.company_id
where rounds.announced_on <= as_of.as_of
