-- What the lists say of a company under a name and a website as they state them, and which profile,
-- of a name that the seed settles and a website of one's own, that belongs to.
{% set names_of_one_site = 3 %}

with mapped as (
    {{ current_rows('companies') }}
),

raised as (
    select * from {{ ref('int_funding_rounds_in_usd') }}
),

layers as (
    select layer from {{ ref('layers') }}
),

seeded as (
    select * from {{ ref('aliases') }}
    where entity = 'company'
),

stated as (
    select
        mapped.source,
        mapped.company_key,
        mapped.company_core_key,
        mapped.company,
        mapped.domain_host,
        mapped.founded_year,
        mapped.hq_country_code,
        case when coalesce(layers.layer, 'unknown') = 'unknown' then 0 else 1 end as map_mark,
        cast(null as date) as announced_on
    from mapped
    left join layers on mapped.layer = layers.layer

    union all

    select
        source,
        company_key,
        company_core_key,
        company,
        domain_host,
        cast(null as int) as founded_year,
        cast(null as {{ dbt.type_string() }}) as hq_country_code,
        0 as map_mark,
        announced_on
    from raised
),

-- A site that many names share is no company's own, but a directory or a parent.
own_sites as (
    select domain_host
    from stated
    where domain_host is not null
    group by domain_host
    having count(distinct company_core_key) <= {{ names_of_one_site }}
)

select
    concat(stated.company_key, '|', coalesce(stated.domain_host, '')) as mention_id,
    stated.company_key,
    stated.domain_host,
    concat(coalesce(seeded.name_key, stated.company_key), '|', coalesce(own_sites.domain_host, '')) as profile_id,
    coalesce(seeded.name_key, stated.company_key) as name_key,
    own_sites.domain_host as host,
    min(stated.company_core_key) as core_key,
    min(case when seeded.name_key is null then stated.company else seeded.name end) as name_text,
    min(stated.founded_year) as founded_year,
    min(stated.hq_country_code) as hq_country_code,
    max(stated.map_mark) as map_mark,
    min(stated.announced_on) as first_round_on,
    max(stated.announced_on) as last_round_on
from stated
left join seeded on stated.company_key = seeded.alias_key
left join own_sites on stated.domain_host = own_sites.domain_host
group by
    stated.company_key,
    stated.domain_host,
    seeded.name_key,
    own_sites.domain_host
