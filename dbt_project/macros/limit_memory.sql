{#- What DuckDB may hold in memory before it writes to disk: its own share of the machine, unless it is said. -#}
{% macro limit_memory() %}
    {%- set limit = env_var('GENAI_LEDGER_MEMORY_LIMIT', '') %}
    {%- if execute and limit and target.type == 'duckdb' %}
        {%- do run_query("set memory_limit = '" ~ limit ~ "'") %}
    {%- endif %}
{% endmacro %}
