-- A source that lists two different rounds means two rounds: apart from rows that repeat another, no
-- round holds two rows of one source, not even by way of a third. No tolerance.
with matched as (
    select * from {{ ref('int_funding_rounds_matched') }}
    where part_in_round <> 'repeats a row of its source'
),

rounds as (
    select * from {{ ref('int_funding_rounds_in_usd') }}
)

select
    matched.leading_row_id,
    rounds.source,
    count(*) as rows_of_source
from matched
inner join rounds on matched.source_row_id = rounds.source_row_id
group by matched.leading_row_id, rounds.source
having count(*) > 1
