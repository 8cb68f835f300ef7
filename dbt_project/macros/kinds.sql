{#-
  The kinds of raw data, for models that hold all of them. dbt has to know what a model refers to while
  it parses, when the sources can't be asked yet: so the names stand here, and a run checks them against
  the tables of the source `landing`, where the kinds are defined.
-#}
{% macro kinds() %}
    {{- return([
        'funding_rounds', 'companies', 'open_models', 'model_scores', 'benchmarks', 'claims', 'exchange_rates',
    ]) }}
{%- endmacro %}

{% macro check_kinds(tables) %}
    {%- if tables | sort | list != kinds() | sort | list %}
        {%- do exceptions.raise_compiler_error(
            "macros/kinds.sql names " ~ kinds() | sort | join(', ') ~ ", the source landing defines "
            ~ tables | sort | join(', ') ~ "; name the same kinds in both"
        ) %}
    {%- endif %}
{% endmacro %}

{#- The sorts of money; only equity counts in shares. -#}
{% macro kinds_of_money() %}
    {{- return(['equity', 'debt', 'grant', 'secondary', 'tender', 'public_offering', 'other']) }}
{%- endmacro %}
