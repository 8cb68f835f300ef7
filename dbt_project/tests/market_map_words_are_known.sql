-- A market map may use any words; those outside the vocabulary count as unknown. This warns, so that
-- somebody mends the map, and stops nothing. No tolerance.
{{ config(severity = 'warn') }}

with companies as (
    select companies.*
    from {{ ref('stg_companies') }} as companies
    inner join {{ ref('int_current_snapshots') }} as current_snapshots
        on
            current_snapshots.kind = 'companies'
            and companies.source = current_snapshots.source
            and companies.snapshot_on = current_snapshots.snapshot_on
),

words as (
    select
        source_row_id,
        company,
        'layer' as column_name,
        layer as word
    from companies

    union all

    select
        source_row_id,
        company,
        'alternative_layer' as column_name,
        alternative_layer as word
    from companies

    union all

    select
        source_row_id,
        company,
        'model_access' as column_name,
        model_access as word
    from companies
),

vocabulary as (
    select
        'layer' as column_name,
        layer as word
    from {{ ref('layers') }}

    union all

    select
        'alternative_layer' as column_name,
        layer as word
    from {{ ref('layers') }}
    {% for word in ['closed', 'open', 'mixed', 'none', 'unknown'] %}
    union all

    select
        'model_access' as column_name,
        '{{ word }}' as word
    {% endfor %}
)

select
    words.source_row_id,
    words.company,
    words.column_name,
    words.word
from words
left join vocabulary
    on
        words.column_name = vocabulary.column_name
        and words.word = vocabulary.word
where
    words.word is not null
    and vocabulary.word is null
