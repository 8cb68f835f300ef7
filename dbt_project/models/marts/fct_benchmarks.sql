with benchmarks as (
    select benchmarks.*
    from {{ ref('stg_benchmarks') }} as benchmarks
    inner join {{ ref('int_current_snapshots') }} as current_snapshots
        on
            current_snapshots.kind = 'benchmarks'
            and benchmarks.source = current_snapshots.source
            and benchmarks.snapshot_on = current_snapshots.snapshot_on
)

select
    metric,
    scope,
    period_text,
    period_ends_on,
    value as metric_value,
    unit,
    evidence,
    source_url,
    source_title,
    note,
    source_row_id
from benchmarks
