-- Every filled cell of every raw row in use. The reader may have made one raw line into many rows
-- (unpivoting): the header above the value is then no cell, and what stands once in the line is one cell.
{{ config(materialized='view') }}
{%- set lineage = [
    'source_row_id', 'kind', 'source', 'snapshot_on', 'file', 'sheet', 'row_number', 'unpivoted_header',
    'is_first_of_line',
] %}

with source_rows as (
    select
        *,
        concat(
            file, '#', sheet, '!', row_number,
            case when unpivoted_header = '' then '' else concat(':', unpivoted_header) end
        ) as source_row_id
    from {{ ref('source_rows') }}
),

files as (
    select
        file,
        sheet,
        columns_read
    from {{ ref('source_files') }}
    where columns_read is not null
),

columns_of_files as (
    {{ json_members('files', ['file', 'sheet'], 'columns_read', 'column_name', 'place') }}
),

places as (
    select
        file,
        sheet,
        column_name,
        {{ json_text('place', '$.header') }} as header,
        {{ json_text('place', '$.column') }} as column_letter
    from columns_of_files
),

mapped_texts as (
    {{ json_members('source_rows', lineage, 'texts', 'column_name', 'cell_text') }}
),

unmapped_texts as (
    {{ json_members('source_rows', lineage, 'unmapped_texts', 'column_name', 'cell_text') }}
),

mapped_cells as (
    select
        texts.*,
        coalesce(places.header, nullif(texts.unpivoted_header, '')) as header,
        places.column_letter
    from mapped_texts as texts
    left join places
        on
            texts.file = places.file
            and texts.sheet = places.sheet
            and texts.column_name = places.column_name
    where
        texts.cell_text is not null
        and (
            texts.unpivoted_header = ''
            or (places.column_letter is null and texts.cell_text <> texts.unpivoted_header)
            or (places.column_letter is not null and texts.is_first_of_line)
        )
)

select
    source_row_id,
    kind,
    source,
    snapshot_on,
    file,
    sheet,
    row_number,
    column_name,
    true as is_mapped,
    column_letter,
    header,
    cell_text
from mapped_cells

union all

select
    source_row_id,
    kind,
    source,
    snapshot_on,
    file,
    sheet,
    row_number,
    column_name,
    false as is_mapped,
    cast(null as {{ dbt.type_string() }}) as column_letter,
    column_name as header,
    cell_text
from unmapped_texts
