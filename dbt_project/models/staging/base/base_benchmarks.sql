with landed as (
    select * from {{ source('landing', 'benchmarks') }}
),

checked as (
    select
        *,
        {{ reject_columns([
            not_a_record(['metric', 'value', 'note']),
            missing('metric'),
            not_understood('value'),
            missing('value', 'value_number'),
        ]) }}
    from landed
)

select * from checked
