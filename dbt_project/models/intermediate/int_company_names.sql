with mapped as (
    select stg_companies.*
    from {{ ref('stg_companies') }} as stg_companies
    inner join {{ ref('int_current_snapshots') }} as current_snapshots
        on
            current_snapshots.kind = 'companies'
            and stg_companies.source = current_snapshots.source
            and stg_companies.snapshot_on = current_snapshots.snapshot_on
),

raised as (
    select
        stg_funding_rounds.company,
        stg_funding_rounds.company_key
    from {{ ref('stg_funding_rounds') }} as stg_funding_rounds
    inner join {{ ref('int_current_snapshots') }} as current_snapshots
        on
            current_snapshots.kind = 'funding_rounds'
            and stg_funding_rounds.source = current_snapshots.source
            and stg_funding_rounds.snapshot_on = current_snapshots.snapshot_on
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
