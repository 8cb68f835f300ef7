-- The newest snapshot of each source that was known by the day `known_by`: a snapshot restates the
-- whole source, so earlier ones are history.
with files as (
    select * from {{ ref('stg_source_files') }}
)

select distinct
    kind,
    source,
    snapshot_on
from files
where is_current
