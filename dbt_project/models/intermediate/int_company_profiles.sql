-- What all lists together say of a company under one name and, where they state one, one website.
with mentions as (
    select * from {{ ref('int_company_mentions') }}
)

select
    profile_id,
    name_key,
    host,
    min(core_key) as core_key,
    min(name_text) as name_text,
    min(founded_year) as founded_year,
    min(hq_country_code) as hq_country_code,
    max(map_mark) = 1 as is_mapped,
    min(first_round_on) as first_round_on,
    max(last_round_on) as last_round_on
from mentions
group by
    profile_id,
    name_key,
    host
