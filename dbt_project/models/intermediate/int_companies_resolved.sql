with mapped as (
    {{ current_rows('companies') }}
),

names as (
    select * from {{ ref('int_company_names') }}
),

layers as (
    select layer from {{ ref('layers') }}
),

described as (
    select
        names.company_id,
        mapped.company,
        mapped.domain,
        mapped.founded_year,
        mapped.hq_country,
        mapped.category,
        coalesce(layers.layer, 'unknown') as layer,
        alternatives.layer as alternative_layer,
        mapped.model_access,
        mapped.genai_fit,
        case when mapped.company_key = names.company_id then 1 else 0 end as is_own_name,
        mapped.source_row_id,
        mapped.snapshot_on
    from mapped
    inner join names on mapped.company_key = names.name_key
    left join layers on mapped.layer = layers.layer
    left join layers as alternatives on mapped.alternative_layer = alternatives.layer
),

-- Several maps may describe one company: one that states a layer goes first, then one under the
-- company's own name that states the most. It wins whole, so that its facts belong together and can be
-- traced to one row.
best_described as (
    select
        *,
        row_number() over (
            partition by company_id
            order by
                case when layer = 'unknown' then 1 else 0 end,
                is_own_name desc,
                case when founded_year is null then 1 else 0 end,
                case when model_access is null then 1 else 0 end,
                snapshot_on desc,
                source_row_id
        ) as description_rank
    from described
),

identities as (
    select
        company_id,
        min(case when name_key = company_id then name_text end) as own_name,
        min(name_text) as any_name
    from names
    group by company_id
)

select
    identities.company_id,
    coalesce(best_described.company, identities.own_name, identities.any_name) as company,
    best_described.domain,
    best_described.founded_year,
    best_described.hq_country,
    coalesce(best_described.layer, 'unknown') as layer,
    -- Only a map that states a layer puts a company on the map: a list of unicorns doesn't.
    coalesce(best_described.layer, 'unknown') <> 'unknown' as is_mapped,
    best_described.alternative_layer,
    best_described.category,
    case
        when best_described.genai_fit in ('core', 'adjacent') then best_described.genai_fit
        else 'unjudged'
    end as genai_fit,
    case
        when best_described.model_access in ('closed', 'open', 'mixed', 'none') then best_described.model_access
        else 'unknown'
    end as model_access,
    best_described.source_row_id
from identities
left join best_described
    on
        identities.company_id = best_described.company_id
        and best_described.description_rank = 1
