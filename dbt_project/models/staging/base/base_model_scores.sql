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
            {
                'name': 'no_figure',
                'column': 'score',
                'when': 'score_number is null and training_cost_high is null',
                'because': "'neither a score nor a training cost'",
            },
            not_understood('released'),
            not_understood('as_of'),
            not_understood('training_cost'),
        ]) }}
    from landed
)

select * from checked
