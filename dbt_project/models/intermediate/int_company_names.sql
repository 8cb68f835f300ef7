with mapped as (
    {{ current_rows('companies') }}
),

raised as (
    {{ current_rows('funding_rounds') }}
),

seeded as (
    select * from {{ ref('aliases') }}
    where entity = 'company'
),

map_aliases as (
    {{ split_rows('mapped', ['company_key'], ['aliases_keys', 'aliases_names']) }}
),

-- Where a name is claimed twice, the seed decides first, then a company's own name in a market
-- map, then an alias in a market map; a name that only the rounds know stands for itself.
claimed as (
    select
        alias_key as name_key,
        alias as name_text,
        name_key as company_id,
        1 as priority,
        'seed' as known_from
    from seeded

    union all

    select
        company_key as name_key,
        company as name_text,
        company_key as company_id,
        2 as priority,
        'market map' as known_from
    from mapped

    union all

    select
        aliases_keys as name_key,
        aliases_names as name_text,
        company_key as company_id,
        3 as priority,
        'market map alias' as known_from
    from map_aliases
    where aliases_keys <> ''

    union all

    select
        company_key as name_key,
        company as name_text,
        company_key as company_id,
        4 as priority,
        'funding rounds' as known_from
    from raised
),

-- A company that the seed calls another's alias takes all its names along.
resolved as (
    select
        claimed.name_key,
        claimed.name_text,
        coalesce(seeded.name_key, claimed.company_id) as company_id,
        claimed.priority,
        claimed.known_from
    from claimed
    left join seeded on claimed.company_id = seeded.alias_key
),

ranked as (
    select
        *,
        row_number() over (partition by name_key order by priority, company_id, name_text) as claim_rank
    from resolved
)

select
    name_key,
    name_text,
    company_id,
    known_from
from ranked
where claim_rank = 1
