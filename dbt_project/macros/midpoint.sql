{#- A range stands for its midpoint, a single bound for itself. -#}
{% macro midpoint(amount) -%}
    (coalesce({{ amount }}_low, {{ amount }}_high) + coalesce({{ amount }}_high, {{ amount }}_low)) / 2
{%- endmacro %}
