{#-
  The four columns that say why a row is rejected, from a list of rules in order: the first rule
  that holds is the one reported. A row that breaks no rule has nulls and is accepted.
  A rule: name, column (whose value is shown), when (SQL condition), because (SQL text).
-#}
{% macro reject_columns(rules) %}
    case {% for rule in rules %} when {{ rule.when }} then '{{ rule.name }}' {% endfor %} end as reject_rule,
    case {% for rule in rules %} when {{ rule.when }} then '{{ rule.column }}' {% endfor %} end as reject_column,
    case {% for rule in rules %} when {{ rule.when }} then {{ rule.get('value', rule.column) }} {% endfor %} end as reject_value,
    case {% for rule in rules %} when {{ rule.when }} then {{ rule.because }} {% endfor %} end as reject_reason
{%- endmacro %}

{#- A row with one filled cell below a table of several columns is a note or a heading. -#}
{% macro not_a_record(columns) %}
    {{- return({
        'name': 'not_a_record',
        'column': columns[0],
        'when': '_filled_cells = 1',
        'value': 'coalesce(' ~ columns | join(', ') ~ ', _extra)',
        'because': "'only one cell is filled: a note or a heading, not a record'",
    }) }}
{%- endmacro %}

{#- `meaning` is the parsed column that must be there: "n/a" is a text without a meaning. -#}
{% macro missing(column, meaning=none) %}
    {{- return({
        'name': column ~ '_missing',
        'column': column,
        'when': (meaning or column) ~ ' is null',
        'because': "'" ~ column ~ " is empty or says that it is unknown'",
    }) }}
{%- endmacro %}

{% macro not_understood(column) %}
    {{- return({
        'name': column ~ '_not_understood',
        'column': column,
        'when': column ~ '_problem is not null',
        'because': column ~ '_problem',
    }) }}
{%- endmacro %}
