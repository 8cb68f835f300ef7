{#-
  One row an item of the semicolon-separated lists in `columns`, with the item's position; the
  lists of a row have equally many items. `keys` are the columns carried along.
-#}
{% macro split_rows(relation, keys, columns, most=200) %}
    select
        {% for key in keys %}lists.{{ key }}, {% endfor %}
        positions.generated_number as item_position
        {% for column in columns %}, split_part(lists.{{ column }}, ';', cast(positions.generated_number as int)) as {{ column }}{% endfor %}
    from {{ relation }} as lists
    inner join ({{ dbt.generate_series(most) }}) as positions
        on positions.generated_number <= length(lists.{{ columns[0] }}) - length(replace(lists.{{ columns[0] }}, ';', '')) + 1
    where lists.{{ columns[0] }} <> ''
{%- endmacro %}
