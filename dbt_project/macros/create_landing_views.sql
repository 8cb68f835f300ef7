{#-
  The source `landing` as views over the landed Parquet files that the catalogue lists, one view a
  kind. The empty schema file of a kind comes first, so that a kind without files is an empty view.
  Files that were not known by the day `known_by` are not read at all, for the audit's sake too.
-#}
{% macro create_landing_views() %}
    {%- if execute %}
        {%- set landing = env_var('GENAI_LEDGER_HOME', '../warehouse') ~ '/landing' %}
        {%- do run_query('create schema if not exists landing') %}
        {%- do run_query("create or replace view landing.source_files as " ~ read_parquet(landing, ['catalogue.parquet'])) %}
        {%- set objects = run_query("select distinct kind, object from landing.source_files where object is not null and " ~ known_by('snapshot_on') ~ " order by 1, 2") %}
        {%- set tables = graph.sources.values() | selectattr('source_name', 'equalto', 'landing') | map(attribute='name') | reject('equalto', 'source_files') | list %}
        {%- do check_kinds(tables) %}
        {%- for kind in tables %}
            {%- set files = ['schemas/' ~ kind ~ '.parquet'] %}
            {%- for row in objects.rows if row[0] == kind %}
                {%- do files.append(row[1]) %}
            {%- endfor %}
            {%- do run_query("create or replace view landing." ~ kind ~ " as " ~ read_parquet(landing, files)) %}
        {%- endfor %}
    {%- endif %}
{% endmacro %}

{#- The rows of Parquet files in a folder, columns brought together by their names. -#}
{% macro read_parquet(folder, files) %}
    {{- return(adapter.dispatch('read_parquet')(folder, files)) }}
{% endmacro %}

{% macro duckdb__read_parquet(folder, files) %}
    {%- set paths = [] %}
    {%- for file in files %}{% do paths.append((folder ~ '/' ~ file).replace("'", "''")) %}{% endfor %}
    {{- return("select * from read_parquet(['" ~ paths | join("', '") ~ "'], union_by_name = true)") }}
{% endmacro %}

{% macro spark__read_parquet(folder, files) %}
    {{- return("select * from parquet.`" ~ folder ~ "/{" ~ files | join(',') ~ "}`") }}
{% endmacro %}
