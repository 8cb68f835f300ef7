-- The totals that a file prints are the sums of its rows. This warns, as it is the file that errs, or a
-- row of it that has no meaning. Tolerance: a billionth, for the order of adding.
{{ config(severity = 'warn') }}

with reconciliation as (
    select * from {{ ref('reconciliation') }}
    where check_name = 'totals_row'
)

select
    file,
    sheet,
    subject,
    currency,
    stated,
    computed,
    difference
from reconciliation
where not holds
