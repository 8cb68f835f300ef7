-- What each list holds in its newest snapshot: a model that three lists name is three rows. Rows that
-- only state facts of other lists' models list nothing.
with identified as (
    select * from {{ ref('int_open_models_identified') }}
    where not is_fact
),

current_snapshots as (
    select * from {{ ref('int_current_snapshots') }}
    where kind = 'open_models'
),

releases as (
    select * from {{ ref('fct_model_releases') }}
),

source_files as (
    select * from {{ ref('stg_source_files') }}
    where
        kind = 'open_models'
        and is_current
),

titles as (
    select
        source,
        min(title) as list_title
    from source_files
    group by source
),

listed as (
    select
        identified.model_id,
        identified.source,
        min(identified.snapshot_on) as first_seen_on,
        max(identified.snapshot_on) as last_seen_on
    from identified
    group by identified.model_id, identified.source
)

select
    listed.source,
    titles.list_title,
    listed.model_id,
    listed.first_seen_on,
    listed.last_seen_on
from listed
inner join releases on listed.model_id = releases.model_id
inner join current_snapshots
    on
        listed.source = current_snapshots.source
        and listed.last_seen_on = current_snapshots.snapshot_on
left join titles on listed.source = titles.source
