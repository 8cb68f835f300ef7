with landed as (
    select * from {{ source('landing', 'model_scores') }}
),

checked as (
    select
        *,
        {{ reject_columns([
            not_a_record(['model', 'benchmark', 'score', 'note']),
            missing('model'),
            missing('benchmark'),
            missing('score'),
            not_understood('score'),
            not_understood('as_of'),
            not_understood('training_cost'),
        ]) }}
    from landed
)

select * from checked
