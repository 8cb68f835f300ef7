{#- The column tells each row apart: filled in all, and in no two the same. -#}
{% test primary_key(model, column_name) %}
    select {{ column_name }}, count(*) as rows_alike
    from {{ model }}
    group by {{ column_name }}
    having count(*) > 1 or {{ column_name }} is null
{% endtest %}
