{#- Keeps the rows of snapshots that were known by the day `known_by`; all of them when it is empty. -#}
{% macro known_by(column) -%}
    {% if var('known_by') %}{{ column }} <= cast('{{ var("known_by") }}' as date){% else %}true{% endif %}
{%- endmacro %}

{#- Keeps what is dated on or before the day `as_of`, and what has no date; everything when it is empty. -#}
{% macro dated_by_as_of(day) -%}
    {% if var('as_of') %}coalesce({{ day }} <= cast('{{ var("as_of") }}' as date), true){% else %}true{% endif %}
{%- endmacro %}

{#- The accepted rows of a kind in the newest snapshot of each of its sources; earlier ones are history. -#}
{% macro current_rows(kind) -%}
    select stated.*
    from {{ ref('stg_' ~ kind) }} as stated
    inner join {{ ref('int_current_snapshots') }} as current_snapshots
        on
            current_snapshots.kind = '{{ kind }}'
            and stated.source = current_snapshots.source
            and stated.snapshot_on = current_snapshots.snapshot_on
{%- endmacro %}
