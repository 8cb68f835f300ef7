-- Every accepted row of a current snapshot speaks of exactly one round, and that round exists: no money
-- is lost between staging and the rounds, and none is counted in two of them. No tolerance.
with accepted as (
    select rounds.source_row_id
    from {{ ref('stg_funding_rounds') }} as rounds
    inner join {{ ref('int_current_snapshots') }} as current_snapshots
        on
            current_snapshots.kind = 'funding_rounds'
            and rounds.source = current_snapshots.source
            and rounds.snapshot_on = current_snapshots.snapshot_on
),

matched as (
    select * from {{ ref('int_funding_rounds_matched') }}
),

resolved as (
    select * from {{ ref('int_funding_rounds_resolved') }}
),

placed as (
    select
        matched.source_row_id,
        count(*) as places,
        count(resolved.round_id) as rounds
    from matched
    left join resolved on matched.leading_row_id = resolved.source_row_id
    group by matched.source_row_id
)

select
    coalesce(accepted.source_row_id, placed.source_row_id) as source_row_id,
    placed.places,
    placed.rounds
from accepted
full outer join placed on accepted.source_row_id = placed.source_row_id
where
    accepted.source_row_id is null
    or placed.source_row_id is null
    or placed.places <> 1
    or placed.rounds <> 1
