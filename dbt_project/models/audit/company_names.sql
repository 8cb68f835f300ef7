with names as (
    select * from {{ ref('int_company_names') }}
)

select
    name_key,
    name_text as name,
    company_id,
    known_from,
    is_likeliest
from names
