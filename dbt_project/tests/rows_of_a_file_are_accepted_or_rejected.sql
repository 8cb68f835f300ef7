-- What landing counted in a sheet is what staging judged, row for row, and what it rejected stands in
-- audit.rejects. No tolerance.
with files as (
    select * from {{ ref('source_files') }}
),

rejects as (
    select
        file,
        count(*) as rows_rejected
    from {{ ref('rejects') }}
    group by file
),

sheets as (
    select
        file,
        sheet,
        rows_in_file,
        rows_accepted,
        rows_rejected,
        sum(rows_rejected) over (partition by file) as rejected_of_file
    from files
)

select
    sheets.file,
    sheets.sheet,
    sheets.rows_in_file,
    sheets.rows_accepted,
    sheets.rows_rejected,
    sheets.rejected_of_file,
    rejects.rows_rejected as rows_in_rejects
from sheets
left join rejects on sheets.file = rejects.file
where
    coalesce(sheets.rows_in_file, 0) <> sheets.rows_accepted + sheets.rows_rejected
    or sheets.rejected_of_file <> coalesce(rejects.rows_rejected, 0)
