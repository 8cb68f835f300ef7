{#-
  A view of the candidate names its tables without the database: the published copy has another name,
  and is attached under others still. DuckDB looks for them beside the view.
-#}
{% macro duckdb__create_view_as(relation, sql) -%}
    {% if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif %}
    create view {{ relation }} as (
        {{ sql | replace('"candidate".', '') if relation.database == 'candidate' else sql }}
    );
{% endmacro %}
