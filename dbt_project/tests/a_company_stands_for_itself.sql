-- The name that a company goes by may not stand for another company: a chain of names, whose last part
-- would be left out. It takes the seed and the market maps together to make one. No tolerance.
with names as (
    select * from {{ ref('int_company_names') }}
)

select distinct
    names.company_id,
    own_names.company_id as stands_for
from names
inner join names as own_names on names.company_id = own_names.name_key
where own_names.company_id <> names.company_id
