{#- The rows of the model differ in at least one of the columns: together they are its key. -#}
{% test unique_together(model, columns) %}
    select {{ columns | join(', ') }}, count(*) as rows_alike
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
