-- Every raw row in use, with its texts as one JSON object: what `source_cells` is read from. A text is
-- written once a row, not once a cell with the row's name beside it.
with landed as (
    {% for kind in kinds() %}
    select
        _kind,
        _source,
        _snapshot_on,
        _file,
        _sheet,
        _row,
        substring(_row_id, length(concat(_file, '#', _sheet, '!', _row)) + 2) as unpivoted_header,
        {{ json_object(landed_texts(kind)) }} as texts,
        _extra
    from {{ ref('base_' ~ kind) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Of the lines that the reader made many rows of: most files have none.
first_rows as (
    select
        _file,
        _sheet,
        _row,
        min(unpivoted_header) as unpivoted_header
    from landed
    where unpivoted_header <> ''
    group by _file, _sheet, _row
)

select
    landed._kind as kind,
    landed._source as source,
    landed._snapshot_on as snapshot_on,
    landed._file as file,
    landed._sheet as sheet,
    landed._row as row_number,
    landed.unpivoted_header,
    landed.unpivoted_header = '' or first_rows.unpivoted_header is not null as is_first_of_line,
    landed.texts,
    landed._extra as unmapped_texts
from landed
left join first_rows
    on
        landed._file = first_rows._file
        and landed._sheet = first_rows._sheet
        and landed._row = first_rows._row
        and landed.unpivoted_header = first_rows.unpivoted_header
