-- Which company each name of the lists may be, the likeliest first. A name with a website is the company
-- of that website. A bare name is a company of its name, else one that it is an alias of, else one that
-- differs by general words and agrees in another fact, else one that it shares a round with, else itself.
{% set passes = 2 %}

with profiles as (
    select
        profiles.*,
        sites.company_host
    from {{ ref('int_company_profiles') }} as profiles
    left join {{ ref('int_company_sites') }} as sites on profiles.host = sites.host
),

mapped as (
    {{ current_rows('companies') }}
),

mentions as (
    select * from {{ ref('int_company_mentions') }}
),

alias_rows as (
    {{ split_rows('mapped', ['company_key', 'domain_host'], ['aliases_keys']) }}
),

bare as (
    select * from profiles
    where host is null
),

-- A company with a website, of which all its sites tell.
sited as (
    select
        'site ' || company_host as root,
        company_host,
        min(founded_year) as founded_year,
        min(hq_country_code) as hq_country_code,
        max(case when is_mapped then 1 else 0 end) as map_mark
    from profiles
    where host is not null
    group by company_host
),

site_names as (
    select distinct
        profiles.name_key,
        profiles.core_key,
        sited.*
    from profiles
    inner join sited on profiles.company_host = sited.company_host
),

bare_of_sites as (
    select
        bare.profile_id,
        site_names.root,
        row_number() over (
            partition by bare.profile_id order by site_names.map_mark desc, site_names.root
        ) as choice
    from bare
    inner join site_names on bare.name_key = site_names.name_key
    where not {{ are_founded_apart('bare', 'site_names') }}
),

-- A company that a list describes, without a website.
described as (
    select
        'name ' || bare.name_key as root,
        bare.name_key,
        bare.core_key,
        bare.founded_year,
        bare.hq_country_code,
        case when bare.is_mapped then 1 else 0 end as map_mark
    from bare
    left join bare_of_sites on bare.profile_id = bare_of_sites.profile_id
    where
        bare_of_sites.profile_id is null
        and (
            bare.is_mapped
            or bare.founded_year is not null
            or bare.hq_country_code is not null
        )
),

known as (
    select
        name_key,
        core_key,
        root,
        founded_year,
        hq_country_code,
        map_mark
    from site_names

    union all

    select
        name_key,
        core_key,
        root,
        founded_year,
        hq_country_code,
        map_mark
    from described
),

aliases as (
    select distinct
        alias_rows.aliases_keys as name_key,
        known.root,
        known.founded_year,
        known.hq_country_code,
        known.map_mark
    from alias_rows
    inner join mentions
        on
            alias_rows.company_key = mentions.company_key
            and coalesce(alias_rows.domain_host, '') = coalesce(mentions.domain_host, '')
    inner join profiles on mentions.profile_id = profiles.profile_id
    left join bare_of_sites
        on
            profiles.profile_id = bare_of_sites.profile_id
            and bare_of_sites.choice = 1
    inner join known
        on
            profiles.name_key = known.name_key
            and coalesce(
                'site ' || profiles.company_host, bare_of_sites.root, 'name ' || profiles.name_key
            ) = known.root
    where alias_rows.aliases_keys <> ''
),

-- A bare name may be another name of a known company; one that is on a market map itself needs the year.
others as (
    select bare.*
    from bare
    left join bare_of_sites on bare.profile_id = bare_of_sites.profile_id
    where bare_of_sites.profile_id is null
),

other_names as (
    select
        others.profile_id,
        aliases.root,
        aliases.map_mark,
        2 as rank_of_claim,
        'alias' as matched_by
    from others
    inner join aliases on others.name_key = aliases.name_key
    where
        not {{ are_founded_apart('others', 'aliases') }}
        and coalesce(others.hq_country_code = aliases.hq_country_code, true)
        and (
            not others.is_mapped
            or others.founded_year = aliases.founded_year
        )

    union all

    -- "Acme AI" with rounds after the founding of Acme, or a name with a general word of one country, and
    -- of one year where both are known; on a market map it needs the year.
    select
        others.profile_id,
        known.root,
        known.map_mark,
        3 as rank_of_claim,
        'general words' as matched_by
    from others
    inner join known
        on
            others.core_key = known.name_key
            and others.name_key <> known.name_key
    where
        (
            not others.is_mapped
            and others.last_round_on >= {{ first_plausible_day('known.founded_year') }}
            and {{ ends_as_an_address('others') }}
        )
        or {{ agree_in_country_and_year('others', 'known') }}

    union all

    -- "Acme" of the country and year of Acme Technologies, which has a website.
    select
        others.profile_id,
        known.root,
        known.map_mark,
        4 as rank_of_claim,
        'general words' as matched_by
    from others
    inner join known on others.name_key = known.core_key
    where
        others.name_key <> known.name_key
        and known.root like 'site %'
        and {{ agree_in_country_and_year('others', 'known') }}
),

best_other_names as (
    select
        *,
        row_number() over (partition by profile_id order by rank_of_claim, map_mark desc, root) as choice
    from other_names
),

alone as (
    select
        profiles.profile_id,
        profiles.name_key,
        profiles.host,
        profiles.is_mapped,
        case
            when profiles.host is not null then 'site ' || profiles.company_host
            else coalesce(bare_of_sites.root, best_other_names.root, 'name ' || profiles.name_key)
        end as root,
        case
            when profiles.host is not null then 'website'
            when bare_of_sites.root is not null then 'name'
            else coalesce(best_other_names.matched_by, 'name')
        end as matched_by
    from profiles
    left join bare_of_sites
        on
            profiles.profile_id = bare_of_sites.profile_id
            and bare_of_sites.choice = 1
    left join best_other_names
        on
            profiles.profile_id = best_other_names.profile_id
            and best_other_names.choice = 1
),

-- What stands for itself, and isn't mapped, joins what it shares a round with: a company that is
-- known, else the first name of all that share rounds.
shared as (
    select
        name_key,
        other_name_key
    from {{ ref('int_company_shared_rounds') }}

    union

    select
        other_name_key as name_key,
        name_key as other_name_key
    from {{ ref('int_company_shared_rounds') }}
),

known_roots as (
    select
        root,
        min(founded_year) as founded_year
    from known
    group by root
),

together_0 as (
    select
        alone.*,
        case when known_roots.root is null then 1 else 0 end as is_unknown
    from alone
    left join known_roots on alone.root = known_roots.root
),

{% for pass in range(1, passes + 1) %}
offered_{{ pass }} as (
    select
        one.profile_id,
        other.root,
        other.is_unknown,
        row_number() over (partition by one.profile_id order by other.is_unknown, other.root) as choice
    from together_{{ pass - 1 }} as one
    inner join shared on one.name_key = shared.name_key
    inner join together_{{ pass - 1 }} as other on shared.other_name_key = other.name_key
    where
        one.is_unknown = 1
        and one.host is null
        and other.host is null
        and (
            other.is_unknown = 0
            or other.root < one.root
        )
),

together_{{ pass }} as (
    select
        one.profile_id,
        one.name_key,
        one.host,
        one.is_mapped,
        coalesce(offered.root, one.root) as root,
        case when offered.root is null then one.matched_by else 'shared round' end as matched_by,
        coalesce(offered.is_unknown, one.is_unknown) as is_unknown
    from together_{{ pass - 1 }} as one
    left join offered_{{ pass }} as offered
        on
            one.profile_id = offered.profile_id
            and offered.choice = 1
),

{% endfor %}
chosen as (
    select
        profile_id,
        root,
        matched_by,
        1 as choice
    from together_{{ passes }}

    union all

    select
        profile_id,
        root,
        'name' as matched_by,
        choice
    from bare_of_sites
    where choice > 1
)

select
    chosen.profile_id,
    chosen.choice,
    chosen.root,
    chosen.matched_by,
    known_roots.founded_year
from chosen
left join known_roots on chosen.root = known_roots.root
