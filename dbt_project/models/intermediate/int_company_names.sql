-- Every name under which the lists know a company. One name may stand for several companies.
with described as (
    select * from {{ ref('int_companies_identified') }}
),

raised as (
    select * from {{ ref('int_funding_rounds_identified') }}
),

seeded as (
    select * from {{ ref('aliases') }}
    where entity = 'company'
),

aliases as (
    select
        current_companies.source_row_id,
        current_companies.aliases_keys,
        current_companies.aliases_names
    from ({{ current_rows('companies') }}) as current_companies
),

split_aliases as (
    {{ split_rows('aliases', ['source_row_id'], ['aliases_keys', 'aliases_names']) }}
),

stated as (
    select
        company_key as name_key,
        company as name_text,
        company_id,
        2 as priority,
        'market map' as known_from
    from described

    union all

    select
        split_aliases.aliases_keys as name_key,
        split_aliases.aliases_names as name_text,
        described.company_id,
        3 as priority,
        'market map alias' as known_from
    from split_aliases
    inner join described on split_aliases.source_row_id = described.source_row_id
    where split_aliases.aliases_keys <> ''

    union all

    select
        company_key as name_key,
        company as name_text,
        company_id,
        4 as priority,
        'funding rounds' as known_from
    from raised
),

-- What the name means where a list states it without a website.
bare_names as (
    select
        mentions.company_key as name_key,
        companies.company_id
    from {{ ref('int_company_mentions') }} as mentions
    inner join {{ ref('int_company_matches') }} as matches
        on
            mentions.profile_id = matches.profile_id
            and matches.choice = 1
    inner join {{ ref('int_company_ids') }} as companies on matches.root = companies.root
    where mentions.domain_host is null
),

ranked as (
    select
        stated.name_key,
        stated.name_text,
        stated.company_id,
        case when seeded.alias_key is null then stated.known_from else 'seed' end as known_from,
        row_number() over (
            partition by stated.name_key, stated.company_id order by stated.priority, stated.name_text
        ) as statement_rank,
        row_number() over (
            partition by stated.name_key
            order by
                case when bare_names.name_key is null then 1 else 0 end,
                case when stated.company_id = stated.name_key then 0 else 1 end,
                stated.priority,
                stated.company_id,
                stated.name_text
        ) as likelihood_rank
    from stated
    left join seeded on stated.name_key = seeded.alias_key
    left join bare_names
        on
            stated.name_key = bare_names.name_key
            and stated.company_id = bare_names.company_id
)

select
    name_key,
    min(case when statement_rank = 1 then name_text end) as name_text,
    company_id,
    min(case when statement_rank = 1 then known_from end) as known_from,
    min(likelihood_rank) = 1 as is_likeliest
from ranked
group by
    name_key,
    company_id
