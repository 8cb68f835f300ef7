with landed as (
    select * from {{ source('landing', 'model_scores') }}
),

checked as (
    select
        *,
        {{ reject_columns([
            not_a_record(['model', 'benchmark', 'score', 'note']),
            missing('model', 'model_key'),
            missing('benchmark'),
            not_understood('score'),
            missing('score', 'score_number'),
            not_understood('as_of'),
            not_understood('training_cost'),
        ]) }}
    from landed
)

select * from checked
