{#- The kinds of raw data, in the order of the tables of the source `landing`. -#}
{% macro kinds() %}
    {{- return([
        'funding_rounds', 'companies', 'open_models', 'model_scores', 'benchmarks', 'claims', 'exchange_rates',
    ]) }}
{%- endmacro %}
