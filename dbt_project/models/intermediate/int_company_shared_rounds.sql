-- Names that differ a little, under which the lists tell the same round: of the same amount within a month
-- where only general words differ, else of the same day, where one name begins the other or they differ
-- by a letter or two. Only neighbours are compared, so the work grows with the rows.
{% set neighbours = 6 %}
{% set shortest_name = 4 %}
{% set letters_apart = 2 %}

with rounds as (
    select distinct
        source,
        company_key,
        company_core_key,
        announced_on,
        amount_usd,
        coalesce(round_stage, '') as round_stage
    from {{ ref('int_funding_rounds_in_usd') }}
    where
        amount_usd > 0
        and date_precision = 'day'
),

placed as (
    select
        *,
        row_number() over (
            partition by company_core_key, amount_usd
            order by announced_on, company_key, source, round_stage nulls last
        ) as place_of_core,
        row_number() over (
            partition by announced_on, amount_usd
            order by company_key, source, round_stage nulls last
        ) as place_of_day,
        count(*) over (partition by company_core_key, amount_usd) as rows_of_core
    from rounds
),

steps as (
    {{ dbt.generate_series(neighbours) }}
),

-- Few companies raise one amount twice.
reaching_in_core as (
    select
        placed.*,
        steps.generated_number as step
    from placed
    cross join steps
    where placed.rows_of_core >= placed.place_of_core + steps.generated_number
),

reaching_in_day as (
    select
        placed.*,
        steps.generated_number as step
    from placed
    cross join steps
),

of_one_core as (
    select
        one.company_key,
        other.company_key as other_company_key
    from reaching_in_core as one
    inner join placed as other
        on
            one.company_core_key = other.company_core_key
            and one.amount_usd = other.amount_usd
            and one.place_of_core + one.step = other.place_of_core
    where
        other.announced_on <= {{ dbt.dateadd('day', 31, 'one.announced_on') }}
        and (
            (one.round_stage = other.round_stage and one.round_stage <> '')
            or (
                one.source <> other.source
                and (one.round_stage = '' or other.round_stage = '')
            )
        )
),

of_one_day as (
    select
        one.company_key,
        other.company_key as other_company_key
    from reaching_in_day as one
    inner join placed as other
        on
            one.announced_on = other.announced_on
            and one.amount_usd = other.amount_usd
            and one.place_of_day + one.step = other.place_of_day
    where
        one.source <> other.source
        and (
            one.round_stage = other.round_stage
            or one.round_stage = ''
            or other.round_stage = ''
        )
        and length(one.company_key) >= {{ shortest_name }}
        and (
            substring(other.company_key, 1, length(one.company_key)) = one.company_key
            or (
                levenshtein(one.company_key, other.company_key) <= {{ letters_apart }}
                and length(one.company_key) > 3 * {{ letters_apart }}
            )
        )
),

pairs as (
    select * from of_one_core
    union
    select * from of_one_day
),

seeded as (
    select * from {{ ref('aliases') }}
    where entity = 'company'
),

named as (
    select
        coalesce(one.name_key, pairs.company_key) as name_key,
        coalesce(other.name_key, pairs.other_company_key) as other_name_key
    from pairs
    left join seeded as one on pairs.company_key = one.alias_key
    left join seeded as other on pairs.other_company_key = other.alias_key
)

select distinct
    least(name_key, other_name_key) as name_key,
    greatest(name_key, other_name_key) as other_name_key
from named
where name_key <> other_name_key
