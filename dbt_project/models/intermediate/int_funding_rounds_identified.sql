-- Rounds with the company that raised them: the likeliest of the row's name that had been founded by
-- then, or would be within a year. Where none had, it is another company of that name, of an earlier time.
with rounds as (
    select * from {{ ref('int_funding_rounds_in_usd') }}
),

mentions as (
    select * from {{ ref('int_company_mentions') }}
),

matches as (
    select
        *,
        count(*) over (partition by profile_id) as choices
    from {{ ref('int_company_matches') }}
),

companies as (
    select * from {{ ref('int_company_ids') }}
),

offered as (
    select
        rounds.source_row_id,
        mentions.name_key,
        companies.company_id,
        matches.founded_year,
        matches.matched_by,
        coalesce(
            matches.matched_by <> 'website'
            and rounds.announced_on < {{ first_plausible_day('matches.founded_year') }},
            false
        ) as is_too_early,
        matches.choice,
        matches.choices
    from rounds
    inner join mentions
        on
            rounds.company_key = mentions.company_key
            and coalesce(rounds.domain_host, '') = coalesce(mentions.domain_host, '')
    inner join matches on mentions.profile_id = matches.profile_id
    inner join companies on matches.root = companies.root
),

-- Most names are of one company: only offers of several are sorted.
ranked as (
    select
        *,
        1 as rank_of_offer
    from offered
    where choices = 1

    union all

    select
        *,
        row_number() over (
            partition by source_row_id
            order by
                case when is_too_early then 1 else 0 end,
                choice
        ) as rank_of_offer
    from offered
    where choices > 1
)

select
    rounds.*,
    ranked.name_key,
    case
        when ranked.is_too_early
            then concat(ranked.name_key, '-before-', cast(ranked.founded_year as {{ dbt.type_string() }}))
        else ranked.company_id
    end as company_id,
    case when ranked.is_too_early then 'another of its name' else ranked.matched_by end as matched_by,
    case when ranked.is_too_early then ranked.company_id end as namesake_id,
    case when ranked.is_too_early then ranked.founded_year end as namesake_founded_year
from rounds
inner join ranked
    on
        rounds.source_row_id = ranked.source_row_id
        and ranked.rank_of_offer = 1
