{#- A range stands for its midpoint, a single bound for itself. -#}
{% macro midpoint(amount) -%}
    (coalesce({{ amount }}_low, {{ amount }}_high) + coalesce({{ amount }}_high, {{ amount }}_low)) / 2
{%- endmacro %}

{#- Whether a sum is the expected one, but for the rounding of adding in another order. -#}
{% macro is_near(sum, expected) -%}
    coalesce(abs({{ sum }} - {{ expected }}), abs({{ expected }})) <= 1e-9 * abs({{ expected }})
{%- endmacro %}

{#- A part of a round's amount: of the source's own US dollars where they alone are understood. -#}
{% macro understood_amount(part) -%}
    case when amount_low is null and stated_usd_low is not null then stated_usd{{ part }} else amount{{ part }} end
{%- endmacro %}

{#- The band of sizes that a round's amount falls in. -#}
{% macro size_band(amount_usd) -%}
    case
        when {{ amount_usd }} is null then 'undisclosed'
        when {{ amount_usd }} <= 10000000 then 'up_to_10m'
        when {{ amount_usd }} <= 50000000 then '10m_to_50m'
        when {{ amount_usd }} < {{ var('mega_round_usd') }} then '50m_to_100m'
        else '100m_and_more'
    end
{%- endmacro %}
