{#- What a table promises of its rows, asked in one statement: a row for each promise that some break.
    `key` are the columns that together tell the rows apart; one alone is filled in all of them.
    The others are named as dbt's own tests, which would be a query and a node each. All that one
    column can tell is asked in one scan; a key of several columns and each reference need their own. -#}
{% test rows_hold(
    model, key, unique=[], not_null=[], accepted_values={}, is_between={}, relationships={}
) %}
    {{- config(fail_calc='coalesce(sum(failing_rows), 0)') -}}
    {%- set lone_key = key if key | length == 1 else [] -%}
    {%- set counted = [] -%}
    {%- for column in lone_key + not_null -%}
        {%- do counted.append(('not_null', column, 'count(*) - count(%s)' % column)) -%}
    {%- endfor -%}
    {%- for column in lone_key + unique -%}
        {%- set repeats = 'count(%s) - count(distinct %s)' % (column, column) -%}
        {%- do counted.append(('unique', column, repeats)) -%}
    {%- endfor -%}
    {%- for column, values in accepted_values.items() -%}
        {%- set others = "%s not in ('%s')" % (column, values | join("', '")) -%}
        {%- do counted.append(('accepted_values', column, 'count(case when %s then 1 end)' % others)) -%}
    {%- endfor -%}
    {#- Both ends included, but for the rounding of sums. -#}
    {%- for column, (low, high) in is_between.items() -%}
        {%- set outside = '%s < %s - 1e-9 or %s > %s + 1e-9' % (column, low, column, high) -%}
        {%- do counted.append(('is_between', column, 'count(case when %s then 1 end)' % outside)) -%}
    {%- endfor -%}
    with
    {%- if counted %}
    counted as (
        select
            {%- for _, _, failing_rows in counted %}
            {{ failing_rows }} as broken_{{ loop.index }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ model }}
    ),
    {%- endif %}
    found as (
        {%- for column, parent in relationships.items() %}
        select 'relationships' as rule, '{{ column }}' as column_names, count(*) as failing_rows
        from (select {{ column }} from {{ model }}) as child
        left join {{ parent.to }} as parent on child.{{ column }} = parent.{{ parent.field }}
        where child.{{ column }} is not null and parent.{{ parent.field }} is null
        union all
        {%- endfor %}
        {%- if not lone_key %}
        {%- set together = key | join(', ') %}
        select 'unique' as rule, '{{ together }}' as column_names, sum(rows_alike - 1) as failing_rows
        from (select count(*) as rows_alike from {{ model }} group by {{ together }}) as alike
        {{ 'union all' if counted }}
        {%- endif %}
        {%- for rule, column, _ in counted %}
        select '{{ rule }}' as rule, '{{ column }}' as column_names, broken_{{ loop.index }} as failing_rows
        from counted
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )
    select rule, column_names, failing_rows
    from found
    where failing_rows > 0
{% endtest %}
