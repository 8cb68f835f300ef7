-- Names that differ by so few letters that they may be one company. Nothing is merged on this
-- ground: a true pair belongs in the seed `aliases`.
with companies as (
    select
        company_id,
        company
    from {{ ref('dim_companies') }}
    where length(company_id) > 4
)

select
    one.company_id,
    one.company,
    other.company_id as other_company_id,
    other.company as other_company,
    cast(levenshtein(one.company_id, other.company_id) as int) as letters_apart
from companies as one
inner join companies as other
    on
        one.company_id < other.company_id
        and substring(one.company_id, 1, 2) = substring(other.company_id, 1, 2)
where levenshtein(one.company_id, other.company_id) <= {{ var('near_match_letters') }}
