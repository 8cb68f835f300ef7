-- Every filled cell of every raw row in use. The reader may have made one raw line into many rows
-- (unpivoting): the header above the value is then no cell, and what stands once in the line is one cell.
{%- set lineage = ['_row_id', '_kind', '_source', '_snapshot_on', '_file', '_sheet', '_row'] %}

with files as (
    select
        file,
        sheet,
        columns_read
    from {{ ref('source_files') }}
    where columns_read is not null
),

{% for kind in kinds() %}
{{ kind }} as (
    select
        {{ lineage | join(', ') }},
        {{ landed_texts(kind) | join(', ') }},
        _extra,
        substring(_row_id, length(concat(_file, '#', _sheet, '!', _row)) + 2) as unpivoted_header
    from {{ ref('base_' ~ kind) }}
),

-- Of the lines that the reader made many rows of: most files have none.
{{ kind }}_first_rows as (
    select min(_row_id) as first_of_line
    from {{ kind }}
    where unpivoted_header <> ''
    group by _file, _sheet, _row
),

{{ kind }}_places as (
    {% for column in landed_texts(kind) %}
    select
        file,
        sheet,
        '{{ column }}' as column_name,
        {{ json_text('columns_read', '$.' ~ column ~ '.header') }} as header,
        {{ json_text('columns_read', '$.' ~ column ~ '.column') }} as column_letter
    from files
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

{{ kind }}_texts as (
    select *
    from {{ kind }} unpivot (cell_text for column_name in ({{ landed_texts(kind) | join(', ') }}))
),

{{ kind }}_cells as (
    select
        texts.*,
        coalesce(places.header, nullif(texts.unpivoted_header, '')) as header,
        places.column_letter,
        true as is_mapped
    from {{ kind }}_texts as texts
    left join {{ kind }}_places as places
        on
            texts._file = places.file
            and texts._sheet = places.sheet
            and texts.column_name = places.column_name
    left join {{ kind }}_first_rows as first_rows on texts._row_id = first_rows.first_of_line
    where
        texts.unpivoted_header = ''
        or (places.column_letter is null and texts.cell_text <> texts.unpivoted_header)
        or (places.column_letter is not null and first_rows.first_of_line is not null)
),

{{ kind }}_extra as (
    {{ json_members(kind, lineage, '_extra', 'column_name', 'cell_text') }}
),

{% endfor %}
cells as (
    {% for kind in kinds() %}
    select
        {{ lineage | join(', ') }},
        column_name,
        is_mapped,
        column_letter,
        header,
        cell_text
    from {{ kind }}_cells

    union all

    select
        {{ lineage | join(', ') }},
        column_name,
        false as is_mapped,
        null as column_letter,
        column_name as header,
        cell_text
    from {{ kind }}_extra
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    _row_id as source_row_id,
    _kind as kind,
    _source as source,
    _snapshot_on as snapshot_on,
    _file as file,
    _sheet as sheet,
    _row as row_number,
    column_name,
    is_mapped,
    column_letter,
    header,
    cell_text
from cells
