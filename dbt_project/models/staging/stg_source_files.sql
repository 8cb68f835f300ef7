with catalogue as (
    select * from {{ source('catalogue', 'source_files') }}
    where {{ known_by('snapshot_on') }}
),

newest as (
    select
        kind,
        source,
        max(snapshot_on) as snapshot_on
    from catalogue
    where object is not null
    group by kind, source
),

marked as (
    select
        catalogue.*,
        coalesce(
            catalogue.object is not null and catalogue.snapshot_on = newest.snapshot_on, false
        ) as is_current
    from catalogue
    left join newest
        on
            catalogue.kind = newest.kind
            and catalogue.source = newest.source
)

select * from marked
