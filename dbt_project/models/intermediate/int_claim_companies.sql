-- What companies had raised up to the day of a claim: those that a claim names, and all of them on the
-- days whose claims speak of the largest few.
with readings as (
    select * from {{ ref('int_claim_readings') }}
),

rounds as (
    select * from {{ ref('int_universe_rounds') }}
    where amount_usd > 0
),

days as (
    select
        as_of,
        max(case when measure like 'top!_%!_share' escape '!' then 1 else 0 end) as speaks_of_the_largest
    from readings
    group by as_of
),

named as (
    select distinct subject_key as company_id from readings
    where subject_key is not null
)

select
    days.as_of,
    rounds.universe,
    rounds.layer,
    rounds.company_id,
    case when named.company_id is null then 0 else 1 end as is_named,
    days.speaks_of_the_largest,
    sum(rounds.amount_usd) as raised_usd,
    sum(case when rounds.as_of_month = {{ dbt.last_day('days.as_of', 'month') }} then rounds.amount_usd else 0 end)
        as raised_in_month_usd,
    sum(
        case
            when
                rounds.as_of_month = {{ dbt.last_day('days.as_of', 'month') }}
                and rounds.evidence = 'cited'
                then rounds.amount_usd
            else 0
        end
    ) as cited_in_month_usd
from rounds
inner join days on rounds.counts_on <= days.as_of
left join named on rounds.company_id = named.company_id
where
    named.company_id is not null
    or days.speaks_of_the_largest = 1
group by days.as_of, rounds.universe, rounds.layer, rounds.company_id, named.company_id, days.speaks_of_the_largest
