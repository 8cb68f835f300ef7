{#-
  The four columns that say why a row is rejected, from a list of rules in order: the first rule
  that holds is the one reported. A row that breaks no rule has nulls and is accepted.
  A rule: name, column (whose value is shown), when (SQL condition), because (SQL text). A list of
  rules may stand in the place of one.
-#}
{% macro reject_columns(rules) %}
    {%- set flat = [] %}
    {%- for rule in rules %}{% do flat.extend([rule] if rule is mapping else rule) %}{% endfor %}
    case {% for rule in flat %} when {{ rule.when }} then '{{ rule.name }}' {% endfor %} end as reject_rule,
    case {% for rule in flat %} when {{ rule.when }} then '{{ rule.column }}' {% endfor %} end as reject_column,
    case {% for rule in flat %} when {{ rule.when }} then {{ rule.get('value', rule.column) }} {% endfor %} end as reject_value,
    case {% for rule in flat %} when {{ rule.when }} then {{ rule.because }} {% endfor %} end as reject_reason
{%- endmacro %}

{#- Rows that reading tells from records by their form: a rule for each role. -#}
{% macro not_a_record(columns) %}
    {%- set reasons = {
        'note': ['not_a_record', 'a note or a heading, not a record'],
        'total': ['totals_row', 'a total of the rows above it, not a record'],
        'repeated_header': ['repeated_header', 'the header again, as on each printed page'],
        'other_table': ['other_table', 'belongs to another table, whose header lacks columns of this kind'],
    } %}
    {%- set rules = [] %}
    {%- for role, (rule, reason) in reasons.items() %}
        {%- do rules.append({
            'name': rule,
            'column': columns[0],
            'when': "_role = '" ~ role ~ "'",
            'value': 'coalesce(' ~ columns | join(', ') ~ ', _extra)',
            'because': "'" ~ reason ~ "'",
        }) %}
    {%- endfor %}
    {{- return(rules) }}
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
