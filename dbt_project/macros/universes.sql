{#- Whether a universe, by its rule, leaves a layer out. -#}
{% macro leaves_out(left_out_layers, layer) -%}
    {{ dbt.position("';' || " ~ layer ~ " || ';'", "';' || coalesce(" ~ left_out_layers ~ ", '') || ';'") }} > 0
{%- endmacro %}
