{#- First day of the last quarter that was over at the end of a day. -#}
{% macro last_quarter(day) -%}
    {{ dbt.date_trunc('quarter', dbt.dateadd('quarter', -1, dbt.dateadd('day', 1, day))) }}
{%- endmacro %}
