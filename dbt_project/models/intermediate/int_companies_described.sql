-- Rows of the market maps with what they describe (a root of int_company_matches), the row that says the
-- most first.
with mapped as (
    {{ current_rows('companies') }}
),

mentions as (
    select * from {{ ref('int_company_mentions') }}
),

matches as (
    select * from {{ ref('int_company_matches') }}
    where choice = 1
),

layers as (
    select layer from {{ ref('layers') }}
)

select
    mapped.source_row_id,
    mapped.source,
    mapped.snapshot_on,
    mapped.company,
    mapped.company_key,
    mentions.name_key,
    mapped.domain,
    mapped.domain_host,
    mapped.founded_year,
    mapped.hq_country,
    mapped.category,
    coalesce(layers.layer, 'unknown') as layer,
    alternatives.layer as alternative_layer,
    mapped.model_access,
    mapped.genai_fit,
    matches.root,
    matches.matched_by,
    -- Several maps may describe one company: the row under the company's own name that states the
    -- most wins whole, so that its facts belong together and can be traced to one row.
    row_number() over (
        partition by matches.root
        order by
            case when layers.layer is null or layers.layer = 'unknown' then 1 else 0 end,
            case when matches.matched_by in ('website', 'name') then 0 else 1 end,
            case when mentions.name_key = mapped.company_key then 0 else 1 end,
            case when mapped.founded_year is null then 1 else 0 end,
            case when mapped.model_access is null then 1 else 0 end,
            mapped.snapshot_on desc,
            mapped.company,
            mapped.layer nulls last,
            mapped.founded_year nulls last,
            mapped.source_row_id
    ) as description_rank
from mapped
inner join mentions
    on
        mapped.company_key = mentions.company_key
        and coalesce(mapped.domain_host, '') = coalesce(mentions.domain_host, '')
inner join matches on mentions.profile_id = matches.profile_id
left join layers on mapped.layer = layers.layer
left join layers as alternatives on mapped.alternative_layer = alternatives.layer
