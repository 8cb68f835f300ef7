with checked as (
    select * from {{ ref('base_companies') }}
),

accepted as (
    select
        -- lineage
        _row_id as source_row_id,
        _source as source,
        _snapshot_on as snapshot_on,

        -- who
        company,
        company_key,
        aliases_names,
        aliases_keys,
        domain,

        -- what
        cast(extract(year from founded_year_day) as int) as founded_year,
        upper(hq_country) as hq_country,
        category,
        lower(replace(layer, ' ', '_')) as layer,
        lower(replace(alternative_layer, ' ', '_')) as alternative_layer,
        lower(model_access) as model_access,
        lower(genai_fit) as genai_fit,
        total_raised_low,
        total_raised_high,
        total_raised_currency,

        -- how we know
        source_url,
        note
    from checked
    where
        reject_rule is null
        and {{ known_by('_snapshot_on') }}
)

select * from accepted
