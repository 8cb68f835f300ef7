-- What kind of page backs each cited round, by one rule: the company's own site announces; else the seed
-- tells the page by its host, and by a part of its address where a host has both articles and lists; a
-- page that neither knows passes on what others wrote.
with rounds as (
    select
        source_row_id,
        company_id,
        source_url,
        lower({{ dbt.split_part('source_url', "'/'", 3) }}) as address_host
    from {{ ref('int_funding_rounds_resolved') }}
    where source_url is not null
),

companies as (
    select
        company_id,
        domain_host
    from {{ ref('int_companies_resolved') }}
),

pages as (
    select * from {{ ref('citation_pages') }}
),

addressed as (
    select
        rounds.source_row_id,
        rounds.source_url,
        case
            when rounds.address_host like 'www.%' then substring(rounds.address_host, 5)
            else rounds.address_host
        end as host,
        companies.domain_host
    from rounds
    inner join companies on rounds.company_id = companies.company_id
),

known as (
    select
        addressed.*,
        pages.address_part,
        case
            when
                pages.address_part is null
                or {{ dbt.position('pages.address_part', 'addressed.source_url') }} > 0
                then pages.citation_kind
        end as kind_of_page
    from addressed
    left join pages on addressed.host = pages.host
),

-- The row with the longest part of the address goes before those of the whole host.
told as (
    select
        *,
        row_number() over (
            partition by source_row_id
            order by
                case when kind_of_page is null then 1 else 0 end,
                length(coalesce(address_part, '')) desc,
                address_part nulls last
        ) as nearness
    from known
)

select
    source_row_id,
    host,
    case
        when host = domain_host or host like concat('%.', domain_host) then 'announcement'
        else coalesce(kind_of_page, 'repost')
    end as citation_kind
from told
where nearness = 1
