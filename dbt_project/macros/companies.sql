{#- The first day on which a company can have raised money: lists place its founding a year late. -#}
{% macro first_plausible_day(founded_year) -%}
    make_date(cast({{ founded_year }} as int) - 1, 1, 1)
{%- endmacro %}

{#- Whether two founding years are too far apart for one company. Lists differ by a year or two. -#}
{% macro are_founded_apart(one, other) -%}
    coalesce(abs({{ one }}.founded_year - {{ other }}.founded_year) > 3, false)
{%- endmacro %}

{#- Whether a name is its core and the end of an address: "Acme AI", "acme.com". -#}
{% macro ends_as_an_address(name) -%}
    {{ name }}.name_key in (
        {% for word in ['ai', 'com', 'io', 'co', 'dev', 'app', 'net', 'org', 'xyz'] -%}
        {{ name }}.core_key || '{{ word }}'{{ ', ' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{#- Whether country and founding year tell that two names are one company's. A company of a market map,
    whose money counts, needs the year, unless the names differ as Acme and Acme AI do. -#}
{% macro agree_in_country_and_year(one, other) -%}
    (
        {{ one }}.hq_country_code = {{ other }}.hq_country_code
        and coalesce(
            {{ one }}.founded_year = {{ other }}.founded_year,
            (not {{ one }}.is_mapped and {{ other }}.map_mark = 0) or {{ ends_as_an_address(one) }}
        )
    )
{%- endmacro %}
