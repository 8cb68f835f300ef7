with rounds as (
    select * from {{ ref('int_funding_rounds_identified') }}
),

matched as (
    select * from {{ ref('int_funding_rounds_matched') }}
),

-- The round is as well known as the best of its rows.
rows_of_round as (
    select
        leading_row_id,
        count(*) as source_rows
    from matched
    group by leading_row_id
),

-- Only what is sorted goes through the sort.
numbered as (
    select
        rounds.source_row_id,
        rows_of_round.source_rows,
        row_number() over (
            partition by rounds.company_id, rounds.announced_on, rounds.kind
            order by rounds.amount_usd desc, rounds.round_label_key nulls last, rounds.source_row_id
        ) as number_that_day
    from rounds
    inner join rows_of_round on rounds.source_row_id = rows_of_round.leading_row_id
)

select
    rounds.company_id
    || ':' || cast(rounds.announced_on as {{ dbt.type_string() }})
    || ':' || rounds.kind
    || ':' || cast(numbered.number_that_day as {{ dbt.type_string() }}) as round_id,
    rounds.*,
    numbered.number_that_day,
    numbered.source_rows
from rounds
inner join numbered on rounds.source_row_id = numbered.source_row_id
