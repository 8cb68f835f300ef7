{#- Keeps the rows of snapshots that were known by the day `known_by`; all of them when it is empty. -#}
{% macro known_by(column) -%}
    {% if var('known_by') %}{{ column }} <= cast('{{ var("known_by") }}' as date){% else %}true{% endif %}
{%- endmacro %}
