{#- Days that a rate serves for at most: long enough for holidays, too short to price a currency that is
    no longer quoted. -#}
{% macro longest_rate_days() %}{{- return(10) }}{%- endmacro %}

{#- The spans of `rates` as a row a currency and day: a join by equality costs a row a round, where one
    by spans meets each round with all the rates of its currency. -#}
{% macro rates_by_day(rates) -%}
    select
        rates.*,
        cast({{ dbt.dateadd('day', 'days.generated_number - 1', 'rates.valid_from') }} as date) as rate_day
    from {{ rates }} as rates
    cross join ({{ dbt.generate_series(longest_rate_days()) }}) as days
    where {{ dbt.dateadd('day', 'days.generated_number - 1', 'rates.valid_from') }} < rates.valid_until
{%- endmacro %}
