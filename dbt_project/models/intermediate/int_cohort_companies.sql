-- The cohorts a company belongs to: everyone to `all`, those founded from the cut-off year on to a
-- cohort of their own. A company without a known year is in `all` only.
with companies as (
    select * from {{ ref('int_companies_resolved') }}
)

select
    company_id,
    'all' as cohort
from companies

union all

select
    company_id,
    'founded_2013_or_later' as cohort
from companies
where founded_cohort = 'founded_2013_or_later'
