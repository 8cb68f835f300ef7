with landed as (
    select * from {{ source('landing', 'open_models') }}
),

checked as (
    select
        *,
        {{ reject_columns([
            not_a_record(['model', 'organisation', 'note']),
            missing('model', 'model_key'),
            not_understood('released'),
            not_understood('parameters'),
        ]) }}
    from landed
)

select * from checked
