with landed as (
    select * from {{ source('landing', 'benchmarks') }}
),

checked as (
    select
        *,
        {{ reject_columns([
            not_a_record(['metric', 'value', 'note']),
            missing('metric'),
            missing('value'),
            not_understood('value'),
        ]) }}
    from landed
)

select * from checked
