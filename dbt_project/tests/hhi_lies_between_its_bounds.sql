-- With n companies the index is least when all raised alike (10,000 / n) and greatest when one of
-- them raised everything (10,000). The number of equal companies is its reciprocal.
-- Tolerance: a billionth, for rounding.
with concentration as (
    select * from {{ ref('rpt_concentration') }}
)

select
    as_of_month,
    universe,
    layer,
    companies,
    hhi,
    effective_companies
from concentration
where
    companies < 1
    or hhi < 10000 / cast(companies as double) * (1 - 1e-9)
    or hhi > 10000 * (1 + 1e-9)
    or abs(hhi * effective_companies - 10000) > 1e-5
