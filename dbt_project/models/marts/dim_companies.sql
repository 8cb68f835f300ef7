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
    genai_fit,
    is_mapped,
    model_access,
    domain,
    source_row_id
from companies
