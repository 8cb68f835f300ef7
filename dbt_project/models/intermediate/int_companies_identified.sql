-- Rows of the market maps with the company that they describe.
select
    described.*,
    company_ids.company_id
from {{ ref('int_companies_described') }} as described
inner join {{ ref('int_company_ids') }} as company_ids on described.root = company_ids.root
