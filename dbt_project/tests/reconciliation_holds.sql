-- Rows and money of every file are accounted for. Tolerance: a billionth, for the order of adding.
with reconciliation as (
    select * from {{ ref('reconciliation') }}
)

select
    check_name,
    file,
    sheet,
    subject,
    currency,
    stated,
    computed,
    difference
from reconciliation
where
    holds is not null
    and not holds
    and check_name <> 'totals_row'
