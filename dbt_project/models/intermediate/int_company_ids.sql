-- The key of each company: its name, and where several have one name, for all but the best known of
-- them also what tells it from that one.
with matches as (
    select * from {{ ref('int_company_matches') }}
    where choice = 1
),

profiles as (
    select * from {{ ref('int_company_profiles') }}
),

described as (
    select * from {{ ref('int_companies_described') }}
    where description_rank = 1
),

roots as (
    select
        matches.root,
        min(profiles.name_key) as first_name_key,
        max(case when profiles.is_mapped then 1 else 0 end) as map_mark
    from matches
    inner join profiles on matches.profile_id = profiles.profile_id
    group by matches.root
),

named as (
    select
        roots.root,
        roots.map_mark,
        described.founded_year,
        case when described.root is null then 0 else 1 end as description_mark,
        case
            when described.root is not null then described.name_key
            when roots.root like 'name %' then substring(roots.root, 6)
            else roots.first_name_key
        end as name_key
    from roots
    left join described on roots.root = described.root
),

ranked as (
    select
        *,
        row_number() over (
            partition by name_key order by map_mark desc, description_mark desc, root
        ) as rank_of_name
    from named
)

select
    root,
    name_key,
    case
        when rank_of_name = 1 then name_key
        when root like 'site %' then concat(name_key, '-', substring(root, 6))
        else concat(name_key, '-', coalesce(cast(founded_year as {{ dbt.type_string() }}), 'other'))
    end as company_id
from ranked
