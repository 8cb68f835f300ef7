with rejected as (
    {% for kind in kinds() %}
    select
        _kind as kind,
        _source as source,
        _snapshot_on as snapshot_on,
        _file as file,
        _sheet as sheet,
        _row as row_number,
        _row_id as source_row_id,
        reject_column as column_name,
        reject_value as value,
        reject_rule as rule,
        reject_reason as reason
    from {{ ref('base_' ~ kind) }}
    where reject_rule is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from rejected
