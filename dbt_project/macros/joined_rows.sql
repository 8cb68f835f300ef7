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
