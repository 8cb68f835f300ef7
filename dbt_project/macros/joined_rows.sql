{#-
  Steps that let rows join the rows that lead them: from the candidates `<name>_0` (source_row_id,
  source and quality_rank of the worse row; better_row_id and better_rank; days_apart and difference)
  to `<name>` (source_row_id, better_row_id).

  In each pass a row joins the nearest row that certainly leads, one that could join no other itself.
  The next pass serves the rows left over. With `one_of_each_source` a leading row takes at most one
  row of each other source, so that two like rounds of one month don't vanish into one, not even by
  way of a third row.
-#}
{% macro joined_rows(name, passes, one_of_each_source=false) %}
    {{- return(adapter.dispatch('joined_rows')(name, passes, one_of_each_source)) }}
{%- endmacro %}

{% macro duckdb__joined_rows(name, passes, one_of_each_source) %}
{% for pass in range(1, passes + 1) %}
{{ name }}_open_{{ pass }} as (
    {% if pass == 1 %}
    select * from {{ name }}_0
    {% else %}
    select candidates.*
    from {{ name }}_open_{{ pass - 1 }} as candidates
    left join {{ name }}_{{ pass - 1 }} as worse on candidates.source_row_id = worse.source_row_id
    left join {{ name }}_{{ pass - 1 }} as better on candidates.better_row_id = better.source_row_id
    {% if one_of_each_source %}
    left join {{ name }}_{{ pass - 1 }} as rival
        on
            candidates.better_row_id = rival.better_row_id
            and candidates.source = rival.source
    {% endif %}
    where
        worse.source_row_id is null
        and better.source_row_id is null
        {% if one_of_each_source %}and rival.source_row_id is null{% endif %}
    {% endif %}
),

{{ name }}_nearest_{{ pass }} as (
    select
        candidates.*,
        row_number() over (
            partition by candidates.source_row_id
            order by candidates.difference, candidates.days_apart, candidates.better_rank
        ) as choice
    from {{ name }}_open_{{ pass }} as candidates
    left join (select distinct source_row_id from {{ name }}_open_{{ pass }}) as followers
        on candidates.better_row_id = followers.source_row_id
    where followers.source_row_id is null
),

{{ name }}_{{ pass }} as (
    select
        source_row_id,
        source,
        better_row_id
    from (
        select
            *,
            row_number() over (
                partition by better_row_id, source order by difference, days_apart, quality_rank
            ) as turn
        from {{ name }}_nearest_{{ pass }}
        where choice = 1
    ) as taken
    {% if one_of_each_source %}where turn = 1{% endif %}
),

{% endfor %}
{{ name }} as (
    {% for pass in range(1, passes + 1) %}
    select
        source_row_id,
        better_row_id
    from {{ name }}_{{ pass }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),
{% endmacro %}

{#-
  Spark computes a step anew wherever another one reads it, and joins of a step with itself make a plan
  that grows with each pass: here each step is read once. DuckDB keeps what a step has found, and joins
  take a seventh of the time that these windows take.
-#}
{% macro spark__joined_rows(name, passes, one_of_each_source) %}
{{ name }}_left_1 as (
    select
        source_row_id,
        source,
        quality_rank,
        better_row_id,
        better_rank,
        days_apart,
        difference,
        0 as is_joined
    from {{ name }}_0
),

{% for pass in range(1, passes + 1) %}
{% if pass > 1 %}
{{ name }}_settled_{{ pass }} as (
    {{ with_better_row(name ~ '_joined_' ~ (pass - 1), 'is_joined = 1', 'has_better_row_joined') }}
),

-- Once a row has joined another, its other candidates are none, nor is it one for the rows after it.
{{ name }}_left_{{ pass }} as (
    select
        source_row_id,
        source,
        quality_rank,
        better_row_id,
        better_rank,
        days_apart,
        difference,
        is_joined
    from {{ name }}_settled_{{ pass }}
    where
        is_joined = 1
        or (
            has_row_joined = 0
            and has_better_row_joined = 0
            {% if one_of_each_source %}and has_rival_joined = 0{% endif %}
        )
),

{% endif %}
{{ name }}_led_{{ pass }} as (
    {{ with_better_row(name ~ '_left_' ~ pass, 'is_joined = 0', 'may_better_row_join') }}
),

{{ name }}_nearest_{{ pass }} as (
    select
        *,
        row_number() over (
            partition by source_row_id, is_joined, may_better_row_join
            order by difference, days_apart, better_rank
        ) as choice
    from {{ name }}_led_{{ pass }}
),

{{ name }}_turns_{{ pass }} as (
    select
        *,
        row_number() over (
            partition by better_row_id, source, is_joined, may_better_row_join, choice
            order by difference, days_apart, quality_rank
        ) as turn
    from {{ name }}_nearest_{{ pass }}
),

{{ name }}_taken_{{ pass }} as (
    select
        source_row_id,
        source,
        quality_rank,
        better_row_id,
        better_rank,
        days_apart,
        difference,
        case
            when is_joined = 1 then 1
            when may_better_row_join = 0 and choice = 1{{ ' and turn = 1' if one_of_each_source }} then 1
            else 0
        end as is_joined
    from {{ name }}_turns_{{ pass }}
),

{{ name }}_joined_{{ pass }} as (
    select
        *,
        max(is_joined) over (partition by source_row_id) as has_row_joined,
        max(is_joined) over (partition by better_row_id, source) as has_rival_joined
    from {{ name }}_taken_{{ pass }}
),

{% endfor %}
{{ name }} as (
    select
        source_row_id,
        better_row_id
    from {{ name }}_joined_{{ passes }}
    where is_joined = 1
),
{% endmacro %}

{#-
  The candidates of a relation and, as the flag `name`, whether a condition holds of one in which the
  better row is the worse one. Each candidate is looked at from both its rows, in one partition a row.
-#}
{% macro with_better_row(relation, condition, name) -%}
    select * from (
        select
            sides.*,
            max(case when side = 'worse' and {{ condition }} then 1 else 0 end) over (
                partition by case when side = 'worse' then source_row_id else better_row_id end
            ) as {{ name }}
        from (
            select *
            from {{ relation }}
            cross join (select 'worse' as side union all select 'better' as side) as both_sides
        ) as sides
    ) as seen
    where side = 'better'
{%- endmacro %}
