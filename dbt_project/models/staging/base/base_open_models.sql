with landed as (
    select * from {{ source('landing', 'open_models') }}
),

-- A list that says of some models whether they are open is a list of open and closed ones.
marked as (
    select
        *,
        count(access) over (partition by _file, _sheet) > 0 as is_mixed_list
    from landed
),

checked as (
    select
        *,
        {{ reject_columns([
            not_a_record(['model', 'organisation', 'note']),
            missing('model', 'model_key'),
            {
                'name': 'not_an_open_model',
                'column': 'access',
                'when': "access_value = 'closed'",
                'because': "'not an open model: its weights can not be downloaded'",
            },
            {
                'name': 'access_unknown',
                'column': 'access',
                'when': "is_mixed_list and coalesce(access_value, '') <> 'open'",
                'because': "'the list does not say that the model is open: say under values: access: in source.yml what its words mean'",
            },
            not_understood('released'),
            not_understood('parameters'),
        ]) }}
    from marked
)

select * from checked
