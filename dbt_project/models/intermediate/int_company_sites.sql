-- Which websites are one company's: of those that share a name and a founding year, and differ in no
-- country, at most one bears the name, as a namesake's site would. The first by letters stands for all.
{% set passes = 2 %}

with profiles as (
    select * from {{ ref('int_company_profiles') }}
    where host is not null
),

mapped as (
    {{ current_rows('companies') }}
),

aliases as (
    {{ split_rows('mapped', ['domain_host', 'company_key'], ['aliases_keys']) }}
),

sites as (
    select
        host,
        min(founded_year) as founded_year,
        min(hq_country_code) as hq_country_code
    from profiles
    group by host
),

names as (
    select
        host,
        name_key,
        core_key
    from profiles

    union

    select
        sites.host,
        aliases.aliases_keys as name_key,
        aliases.aliases_keys as core_key
    from aliases
    inner join sites on aliases.domain_host = sites.host
    where aliases.aliases_keys <> ''
),

likenesses as (
    select
        names.name_key,
        sites.founded_year
    from names
    inner join sites on names.host = sites.host
    group by
        names.name_key,
        sites.founded_year
    having
        count(distinct names.host) > 1
        and count(distinct sites.hq_country_code) <= 1
        and count(
            distinct case when replace(names.host, '-', '') like concat('%', names.core_key, '%') then names.host end
        ) <= 1
),

linked_0 as (
    select
        names.host,
        concat(names.name_key, '|', cast(sites.founded_year as {{ dbt.type_string() }})) as likeness,
        names.host as company_host
    from names
    inner join sites on names.host = sites.host
    inner join likenesses
        on
            names.name_key = likenesses.name_key
            and sites.founded_year = likenesses.founded_year
),

-- Two names may each link a site to another: what was found for one name is passed on through the next.
{% for pass in range(1, passes + 1) %}
of_likeness_{{ pass }} as (
    select
        host,
        likeness,
        min(company_host) over (partition by likeness) as company_host
    from linked_{{ pass - 1 }}
),

linked_{{ pass }} as (
    select
        host,
        likeness,
        min(company_host) over (partition by host) as company_host
    from of_likeness_{{ pass }}
),

{% endfor %}
found as (
    select
        host,
        min(company_host) as company_host
    from linked_{{ passes }}
    group by host
)

select
    sites.host,
    coalesce(found.company_host, sites.host) as company_host
from sites
left join found on sites.host = found.host
