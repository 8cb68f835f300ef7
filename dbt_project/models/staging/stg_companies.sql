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
        company_name as company,
        company_key,
        company_core as company_core_key,
        aliases_names,
        aliases_keys,
        domain,
        domain_host,

        -- what
        cast(extract(year from founded_year_day) as int) as founded_year,
        coalesce(hq_country_code, upper(hq_country)) as hq_country,
        hq_country_code,
        category,
        layer_value as layer,
        alternative_layer_value as alternative_layer,
        model_access_value as model_access,
        genai_fit_value as genai_fit,
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
