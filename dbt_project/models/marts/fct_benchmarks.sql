with benchmarks as (
    {{ current_rows('benchmarks') }}
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
where {{ dated_by_as_of('period_ends_on') }}
