with companies as (
    select * from {{ ref('int_companies_resolved') }}
)

select
    company_id,
    company,
    founded_year,
    hq_country,
    layer,
    alternative_layer,
    category,
    is_genai_native,
    model_access,
    founded_cohort,
    domain,
    source_row_id
from companies
