with files as (
    select * from {{ ref('stg_source_files') }}
),

judged as (
    {% for kind in kinds() %}
    select
        _file as file,
        _sheet as sheet,
        case when reject_rule is null then 1 else 0 end as accepted,
        case when reject_rule is null then 0 else 1 end as rejected
    from {{ ref('base_' ~ kind) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- A refused file stands in the catalogue once, for all the sheets of the last good state in use.
counted as (
    select
        judged.file,
        files.sheet,
        sum(judged.accepted) as rows_accepted,
        sum(judged.rejected) as rows_rejected
    from judged
    inner join files
        on
            judged.file = files.file
            and (judged.sheet = files.sheet or files.status = 'refused')
    group by judged.file, files.sheet
)

select
    files.kind,
    files.source,
    files.snapshot_on,
    files.file,
    files.sheet,
    files.status,
    files.problem,
    files.is_current,
    cast(files.rows as bigint) as rows_in_file,
    cast(coalesce(counted.rows_accepted, 0) as bigint) as rows_accepted,
    cast(coalesce(counted.rows_rejected, 0) as bigint) as rows_rejected,
    cast(files.header_row as int) as header_row,
    files.columns as columns_read,
    files.unmapped as columns_unmapped,
    files.findings,
    files.sha256 as file_sha256,
    cast(files.bytes as bigint) as file_bytes,
    files.title,
    files.producer,
    files.url,
    files.licence,
    files.cadence,
    files.accessed_on,
    files.complete
from files
left join counted
    on
        files.file = counted.file
        and files.sheet = counted.sheet
