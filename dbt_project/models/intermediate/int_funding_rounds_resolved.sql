with rounds as (
    select * from {{ ref('int_funding_rounds_identified') }}
),

matched as (
    select * from {{ ref('int_funding_rounds_matched') }}
),

leaders as (
    select
        rounds.*,
        row_number() over (
            partition by rounds.company_id, rounds.announced_on, rounds.kind
            order by rounds.amount_usd desc, rounds.round_label_key, rounds.source_row_id
        ) as number_that_day
    from rounds
    inner join matched
        on
            rounds.source_row_id = matched.source_row_id
            and rounds.source_row_id = matched.leading_row_id
),

-- The round is as well known as the best of its rows.
rows_of_round as (
    select
        leading_row_id,
        count(*) as source_rows
    from matched
    group by leading_row_id
)

select
    leaders.company_id
    || ':' || cast(leaders.announced_on as {{ dbt.type_string() }})
    || ':' || leaders.kind
    || ':' || cast(leaders.number_that_day as {{ dbt.type_string() }}) as round_id,
    leaders.*,
    rows_of_round.source_rows
from leaders
inner join rows_of_round on leaders.source_row_id = rows_of_round.leading_row_id
