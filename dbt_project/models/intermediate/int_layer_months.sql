-- Every month-end, cohort and layer, so that a layer without money is a row with zero.
with months as (
    select * from {{ ref('int_months') }}
),

layers as (
    select layer from {{ ref('layers') }}
),

cohorts as (
    select distinct cohort from {{ ref('int_cohort_companies') }}
)

select
    months.as_of_month,
    cohorts.cohort,
    layers.layer
from months
cross join cohorts
cross join layers
