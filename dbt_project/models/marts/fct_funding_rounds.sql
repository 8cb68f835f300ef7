with rounds as (
    select * from {{ ref('int_funding_rounds_resolved') }}
),

citations as (
    select * from {{ ref('int_round_citations') }}
),

as_of as (
    select as_of from {{ ref('int_as_of') }}
)

select
    rounds.round_id,
    rounds.company_id,
    rounds.announced_on,
    rounds.date_precision,
    rounds.round_label as round_type,
    rounds.kind,
    rounds.amount_usd,
    rounds.amount_basis,
    rounds.amount_text,
    rounds.amount_currency,
    rounds.valuation_low_usd,
    rounds.valuation_high_usd,
    rounds.kind = 'equity'
    and coalesce(rounds.amount_usd, 0) >= {{ var('mega_round_usd') }} as is_mega_round,
    {{ size_band('rounds.amount_usd') }} as size_band,
    rounds.evidence,
    rounds.source_url,
    citations.citation_kind,
    cast(rounds.source_rows as int) as source_rows,
    rounds.source_row_id
from rounds
left join citations on rounds.source_row_id = citations.source_row_id
cross join as_of
where rounds.announced_on <= as_of.as_of
