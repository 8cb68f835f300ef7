with described as (
    select * from {{ ref('int_companies_identified') }}
    where description_rank = 1
),

raised as (
    select
        company_id,
        min(company) as company,
        min(namesake_founded_year) as namesake_founded_year
    from {{ ref('int_funding_rounds_identified') }}
    group by company_id
),

identities as (
    select company_id from described
    union
    select company_id from raised
)

select
    identities.company_id,
    coalesce(
        described.company,
        raised.company || ' (before ' || cast(raised.namesake_founded_year as {{ dbt.type_string() }}) || ')',
        raised.company
    ) as company,
    described.domain,
    described.domain_host,
    described.founded_year,
    described.hq_country,
    coalesce(described.layer, 'unknown') as layer,
    -- Only a map that states a layer puts a company on the map: a list of unicorns doesn't.
    coalesce(described.layer, 'unknown') <> 'unknown' as is_mapped,
    described.alternative_layer,
    described.category,
    case
        when described.genai_fit in ('core', 'adjacent') then described.genai_fit
        else 'unjudged'
    end as genai_fit,
    case
        when described.model_access in ('closed', 'open', 'mixed', 'none') then described.model_access
        else 'unknown'
    end as model_access,
    described.source_row_id
from identities
left join described on identities.company_id = described.company_id
left join raised on identities.company_id = raised.company_id
