-- Companies that may be one, and companies that one name alone made of several lists: told with the
-- dollars that would change sides, the most first. What is one for sure belongs in the seed `aliases`;
-- what is told apart for sure, in a market map with its website. Each company is set against the best
-- known of its name or word, so the table grows with the names, not with their square.
{% set shortest_list = 10 %}
{% set part_in_common = 0.9 %}

with companies as (
    select * from {{ ref('int_companies_resolved') }}
),

names as (
    select * from {{ ref('int_company_names') }}
),

identified_rounds as (
    select * from {{ ref('int_funding_rounds_identified') }}
),

identified_companies as (
    select * from {{ ref('int_companies_identified') }}
),

matched as (
    select * from {{ ref('int_funding_rounds_matched') }}
),

mentions as (
    select * from {{ ref('int_company_mentions') }}
),

raised as (
    select
        company_id,
        sum(amount_usd) as raised_usd
    from {{ ref('int_funding_rounds_resolved') }}
    group by company_id
),

stated as (
    select
        source,
        company_id,
        name_key,
        company_key,
        domain_host,
        matched_by,
        source_row_id
    from identified_companies

    union all

    select
        source,
        company_id,
        name_key,
        company_key,
        domain_host,
        matched_by,
        source_row_id
    from identified_rounds
),

-- The better known of two leads: on a market map, then with more money.
ranked as (
    select
        companies.company_id,
        companies.company,
        companies.founded_year,
        case when companies.layer = 'unknown' then 1 else 0 end as unmapped_mark,
        coalesce(raised.raised_usd, 0) as raised_usd,
        row_number() over (
            order by
                case when companies.layer = 'unknown' then 1 else 0 end,
                coalesce(raised.raised_usd, 0) desc,
                companies.company_id
        ) as known_rank
    from companies
    left join raised on companies.company_id = raised.company_id
),

-- Words under which companies may meet: a name, and a name without its general words.
words as (
    select
        names.company_id,
        names.name_key as word,
        1 as is_whole_name
    from names

    union

    select
        stated.company_id,
        mentions.core_key as word,
        0 as is_whole_name
    from stated
    inner join mentions
        on
            stated.company_key = mentions.company_key
            and coalesce(stated.domain_host, '') = coalesce(mentions.domain_host, '')
),

meeting as (
    select
        words.word,
        words.company_id,
        max(words.is_whole_name) as is_whole_name,
        min(ranked.known_rank) as known_rank
    from words
    inner join ranked on words.company_id = ranked.company_id
    group by
        words.word,
        words.company_id
),

set_against as (
    select
        *,
        first_value(company_id) over (partition by word order by known_rank) as first_id,
        first_value(is_whole_name) over (partition by word order by known_rank) as is_first_whole
    from meeting
),

sources_of as (
    select
        company_id,
        min(source) as first_source,
        max(source) as last_source
    from stated
    group by company_id
),

alike as (
    select
        set_against.first_id as company_id,
        set_against.company_id as other_company_id,
        case
            when set_against.is_whole_name + set_against.is_first_whole = 2 then 1
            else 3
        end as reason_rank
    from set_against
    inner join sources_of as one on set_against.first_id = one.company_id
    inner join sources_of as other on set_against.company_id = other.company_id
    where
        set_against.company_id <> set_against.first_id
        and (
            one.first_source <> other.first_source
            or one.last_source <> other.last_source
            or one.first_source <> one.last_source
        )
),

sharing as (
    select distinct
        one.company_id,
        other.company_id as other_company_id,
        0 as reason_rank
    from {{ ref('int_company_shared_rounds') }} as shared
    inner join stated as one on shared.name_key = one.name_key
    inner join stated as other on shared.other_name_key = other.name_key
    where one.company_id <> other.company_id
),

earlier as (
    select distinct
        namesake_id as company_id,
        company_id as other_company_id,
        2 as reason_rank
    from identified_rounds
    where namesake_id is not null
),

apart as (
    select * from alike
    union all
    select * from sharing
    union all
    select * from earlier
),

pairs as (
    select
        case when one.known_rank < other.known_rank then one.company_id else other.company_id end as company_id,
        case when one.known_rank < other.known_rank then other.company_id else one.company_id end as other_company_id,
        min(apart.reason_rank) as reason_rank,
        max(case when apart.reason_rank = 2 then 1 else 0 end) as is_earlier
    from apart
    inner join ranked as one on apart.company_id = one.company_id
    inner join ranked as other on apart.other_company_id = other.company_id
    group by
        case when one.known_rank < other.known_rank then one.company_id else other.company_id end,
        case when one.known_rank < other.known_rank then other.company_id else one.company_id end
),

told_apart as (
    select
        company_id,
        other_company_id,
        false as is_one,
        case
            when reason_rank = 0 then 'two names share a round'
            when is_earlier = 1 then 'rounds of that name before it was founded'
            when reason_rank = 1 then 'one name, told apart by website or founding year'
            else 'names that differ by general words'
        end as reason
    from pairs
),

-- A list's rows are tied to the rest of a company by a website, or by a round that another list states.
told_by_several as (
    select matched.leading_row_id
    from matched
    inner join identified_rounds on matched.source_row_id = identified_rounds.source_row_id
    group by matched.leading_row_id
    having min(identified_rounds.source) <> max(identified_rounds.source)
),

tied as (
    select
        stated.company_id,
        stated.source,
        max(
            case
                when stated.matched_by in ('website', 'shared round') then 1
                when told_by_several.leading_row_id is not null then 1
                else 0
            end
        ) as is_tied
    from stated
    left join matched on stated.source_row_id = matched.source_row_id
    left join told_by_several on matched.leading_row_id = told_by_several.leading_row_id
    group by
        stated.company_id,
        stated.source
),

-- Two lists of which one names hardly anyone but the other's companies mean the same by a name.
names_of as (
    select distinct
        source,
        name_key
    from stated
),

lengths as (
    select
        source,
        count(*) as names
    from names_of
    group by source
),

of_one_world as (
    select
        one.source,
        other.source as other_source
    from names_of as one
    inner join names_of as other
        on
            one.name_key = other.name_key
            and one.source <> other.source
    inner join lengths as of_one on one.source = of_one.source
    inner join lengths as of_other on other.source = of_other.source
    where least(of_one.names, of_other.names) >= {{ shortest_list }}
    group by
        one.source,
        other.source
    having count(*) >= {{ part_in_common }} * min(least(of_one.names, of_other.names))
),

-- Of the lists that name a company, those that neither a fact nor their likeness ties to another.
untied as (
    select
        tied.company_id,
        tied.source
    from tied
    inner join tied as others
        on
            tied.company_id = others.company_id
            and tied.source <> others.source
    left join of_one_world
        on
            tied.source = of_one_world.source
            and others.source = of_one_world.other_source
    where tied.is_tied = 0
    group by
        tied.company_id,
        tied.source
    having count(of_one_world.source) = 0
),

by_name_alone as (
    select
        company_id,
        company_id as other_company_id,
        true as is_one,
        'joined by name alone' as reason
    from untied
    group by company_id
),

found as (
    select * from told_apart
    union all
    select * from by_name_alone
)

select
    cast(
        row_number() over (
            order by other.raised_usd desc, found.company_id, found.other_company_id
        ) as int
    ) as rank_by_usd,
    found.company_id,
    one.company,
    found.other_company_id,
    other.company as other_company,
    found.is_one,
    found.reason,
    cast(other.raised_usd as double) as at_stake_usd
from found
inner join ranked as one on found.company_id = one.company_id
inner join ranked as other on found.other_company_id = other.company_id
