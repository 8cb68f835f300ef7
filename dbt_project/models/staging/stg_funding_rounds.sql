with checked as (
    select * from {{ ref('base_funding_rounds') }}
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
        domain_host,

        -- what
        round_name as round_label,
        round_stage,
        round_part,
        kind_code as kind,
        kind_basis,
        chosen_amount as amount_text,
        chosen_amount_low as amount_low,
        chosen_amount_high as amount_high,
        chosen_amount_currency as amount_currency,
        chosen_amount_qualifier as amount_qualifier,
        -- what the source itself makes of it in US dollars
        case when stated_usd_currency = 'USD' then stated_usd_low end as stated_usd_low,
        case when stated_usd_currency = 'USD' then stated_usd_high end as stated_usd_high,
        valuation as valuation_text,
        valuation_low,
        valuation_high,
        valuation_currency,

        -- when
        announced as announced_text,
        announced_day as announced_on,
        announced_precision as date_precision,
        announced_note as date_note,

        -- from whom
        lead_investors_names,
        lead_investors_keys,
        other_investors_names,
        other_investors_keys,
        strategic_investors_names,
        strategic_investors_keys,

        -- how we know
        case when source_url like '%http%://%' then 'cited' else 'recalled' end as evidence,
        source_url,
        source_title,
        note
    from checked
    where
        reject_rule is null
        and {{ known_by('_snapshot_on') }}
)

select * from accepted
