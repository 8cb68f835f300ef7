{#-
  The source `landing` as views over the landed Parquet files that the catalogue lists, one view a
  kind. The empty schema file of a kind comes first, so that a kind without files is an empty view.
  Files that were not known by the day `known_by` are not read at all, for the audit's sake too.
-#}
{% macro create_landing_views() %}
    {%- if execute %}
        {%- set landing = env_var('GENAI_LEDGER_HOME', '../warehouse') ~ '/landing' %}
        {%- do run_query('create schema if not exists landing') %}
        {%- do run_query("create or replace view landing.source_files as " ~ read_parquet([landing ~ '/catalogue.parquet'])) %}
        {%- set objects = run_query("select distinct kind, object from landing.source_files where object is not null and " ~ known_by('snapshot_on') ~ " order by 1, 2") %}
        {%- set tables = graph.sources.values() | selectattr('source_name', 'equalto', 'landing') | map(attribute='name') | reject('equalto', 'source_files') | list %}
        {%- do check_kinds(tables) %}
        {%- for kind in tables %}
            {%- set files = [landing ~ '/schemas/' ~ kind ~ '.parquet'] %}
            {%- for row in objects.rows if row[0] == kind %}
                {%- do files.append(landing ~ '/' ~ row[1]) %}
            {%- endfor %}
            {%- do run_query("create or replace view landing." ~ kind ~ " as " ~ read_parquet(files)) %}
        {%- endfor %}
    {%- endif %}
{% endmacro %}

{% macro read_parquet(files) %}
    {{- return(adapter.dispatch('read_parquet')(files)) }}
{% endmacro %}

{% macro duckdb__read_parquet(files) %}
    {%- set quoted = files | map('replace', "'", "''") | join("', '") %}
    {{- return("select * from read_parquet(['" ~ quoted ~ "'], union_by_name = true)") }}
{% endmacro %}
