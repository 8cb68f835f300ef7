-- Shares of venture rounds by size that others published for a quarter, each a universe of its own.
with benchmarks as (
    {{ current_rows('benchmarks') }}
)

select
    cast({{ dbt.date_trunc('quarter', 'period_ends_on') }} as date) as quarter_start,
    case metric
        when 'share_rounds_le_10m' then 'up_to_10m'
        when 'late_stage_deals_ge_50m_share' then '50m_and_more'
    end as size_band,
    case metric
        when 'share_rounds_le_10m' then 'all venture, as claimed'
        else 'US late-stage venture'
    end as universe,
    value as share_of_rounds,
    source_row_id
from benchmarks
where
    metric in ('share_rounds_le_10m', 'late_stage_deals_ge_50m_share')
    and date_precision = 'quarter'
