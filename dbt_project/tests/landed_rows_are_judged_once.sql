-- Every landed row is either accepted into staging or in audit.rejects, never both, never neither, and
-- staging has no row of its own making. No tolerance.
{%- set kinds = [
    'funding_rounds', 'companies', 'open_models', 'model_scores', 'benchmarks', 'claims', 'exchange_rates',
] %}

with judged as (
    {% for kind in kinds %}
    select
        _row_id as source_row_id,
        1 as landed,
        0 as accepted,
        0 as rejected
    from {{ source('landing', kind) }}
    where {{ known_by('_snapshot_on') }}

    union all

    select
        source_row_id,
        0 as landed,
        1 as accepted,
        0 as rejected
    from {{ ref('stg_' ~ kind) }}

    union all

    {% endfor -%}
    select
        source_row_id,
        0 as landed,
        0 as accepted,
        1 as rejected
    from {{ ref('rejects') }}
    where {{ known_by('snapshot_on') }}
)

select
    source_row_id,
    sum(landed) as times_landed,
    sum(accepted) as times_accepted,
    sum(rejected) as times_rejected
from judged
group by source_row_id
having sum(landed) <> 1 or sum(accepted) + sum(rejected) <> 1
