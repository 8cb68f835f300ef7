-- Equity rounds up to the day the marts speak of, with the company they went to.
with rounds as (
    select * from {{ ref('fct_funding_rounds') }}
    where kind = 'equity'
),

companies as (
    select * from {{ ref('int_companies_resolved') }}
)

select
    rounds.round_id,
    rounds.company_id,
    companies.company,
    companies.layer,
    companies.alternative_layer,
    companies.founded_year,
    companies.is_genai_native,
    companies.model_access,
    rounds.announced_on,
    cast({{ dbt.last_day('rounds.announced_on', 'month') }} as date) as as_of_month,
    cast({{ dbt.date_trunc('quarter', 'rounds.announced_on') }} as date) as quarter_start,
    rounds.amount_usd,
    rounds.is_mega_round,
    rounds.evidence
from rounds
inner join companies on rounds.company_id = companies.company_id
