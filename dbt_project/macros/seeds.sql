{#- The rows of a seed on Spark, where dbt's own way leaves an apostrophe in a text as it is. -#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set types = model.config.get('column_types', {}) %}
    {%- set rows = [] %}
    {%- for row in agate_table.rows %}
        {%- set cells = [] %}
        {%- for cell in row %}
            {%- set text = "'" ~ (cell | string | replace("\\", "\\\\") | replace("'", "\\'")) ~ "'" %}
            {%- set type = types.get(agate_table.column_names[loop.index0]) or adapter.convert_type(agate_table, loop.index0) %}
            {%- do cells.append("cast(" ~ ("null" if cell is none else text) ~ " as " ~ type ~ ")") %}
        {%- endfor %}
        {%- do rows.append("(" ~ cells | join(", ") ~ ")") %}
    {%- endfor %}
    {%- set sql = "insert into " ~ this.render() ~ " values " ~ rows | join(", ") %}
    {%- do adapter.add_query(sql, abridge_sql_log=True) %}
    {{- return(sql) }}
{% endmacro %}
