{#-
  One row an item of the semicolon-separated lists in `columns`, with the item's position; the
  lists of a row have equally many items. `keys` are the columns carried along.
-#}
{% macro split_rows(relation, keys, columns) %}
    {{- return(adapter.dispatch('split_rows')(relation, keys, columns)) }}
{%- endmacro %}

{#- In plain SQL: up to 200 items of a list. -#}
{% macro default__split_rows(relation, keys, columns) %}
    select
        {% for key in keys %}lists.{{ key }}, {% endfor %}
        positions.generated_number as item_position
        {% for column in columns %}, split_part(lists.{{ column }}, ';', cast(positions.generated_number as int)) as {{ column }}{% endfor %}
    from {{ relation }} as lists
    inner join ({{ dbt.generate_series(200) }}) as positions
        on positions.generated_number <= length(lists.{{ columns[0] }}) - length(replace(lists.{{ columns[0] }}, ';', '')) + 1
    where lists.{{ columns[0] }} <> ''
{%- endmacro %}

{#- A row is split as it comes by; joining it with positions sorts all rows. -#}
{% macro duckdb__split_rows(relation, keys, columns) %}
    select
        {% for key in keys %}lists.{{ key }}, {% endfor %}
        generate_subscripts(string_split(lists.{{ columns[0] }}, ';'), 1) as item_position
        {% for column in columns %}, unnest(string_split(lists.{{ column }}, ';')) as {{ column }}{% endfor %}
    from {{ relation }} as lists
    where lists.{{ columns[0] }} <> ''
{%- endmacro %}
