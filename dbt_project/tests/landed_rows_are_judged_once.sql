-- Every landed row is either accepted into staging or in audit.rejects, never both, never neither, and
-- staging has no row of its own making: the same ids on both sides, and as many of them. No tolerance.
{%- set kinds = kinds() %}

with landed as (
    {% for kind in kinds %}
    select _row_id as source_row_id
    from {{ source('landing', kind) }}
    where {{ known_by('_snapshot_on') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

judged as (
    {% for kind in kinds %}
    select source_row_id
    from {{ ref('stg_' ~ kind) }}

    union all

    {% endfor -%}
    select source_row_id
    from {{ ref('rejects') }}
    where {{ known_by('snapshot_on') }}
),

landed_rows as (
    select count(*) as row_count from landed
),

judged_rows as (
    select count(*) as row_count from judged
)

select
    landed.source_row_id as landed_row_id,
    judged.source_row_id as judged_row_id
from landed
full outer join judged on landed.source_row_id = judged.source_row_id
where
    landed.source_row_id is null
    or judged.source_row_id is null

union all

select
    cast(landed_rows.row_count as {{ dbt.type_string() }}) as landed_row_id,
    cast(judged_rows.row_count as {{ dbt.type_string() }}) as judged_row_id
from landed_rows
cross join judged_rows
where landed_rows.row_count <> judged_rows.row_count
