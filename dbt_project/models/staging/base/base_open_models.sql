with landed as (
    select * from {{ source('landing', 'open_models') }}
),

checked as (
    select
        *,
        {{ reject_columns([
            not_a_record(['model', 'organisation', 'note']),
            missing('model', 'model_key'),
            {
                'name': 'not_a_model',
                'column': 'entry_type',
                'when': "entry_type_value in ('dataset', 'application', 'tool')",
                'because': "'not a model but a data set, an application or a tool'",
            },
            {
                'name': 'not_a_model',
                'column': 'derivation',
                'when': "derivation_value = 'tool'",
                'because': "'not a model but a tool'",
            },
            {
                'name': 'not_an_open_model',
                'column': 'access',
                'when': "access_value = 'closed'",
                'because': "'not an open model: its weights can not be downloaded'",
            },
            {
                'name': 'not_an_open_model',
                'column': 'licence',
                'when': "licence_access = 'closed'",
                'because': "'not an open model: its licence is a closed one'",
            },
            {
                'name': 'access_unknown',
                'column': 'access',
                'when': "coalesce(access_value, licence_access, '') <> 'open'",
                'because': "'the list does not say that the model is open: write `access: open` in source.yml if those of which it says nothing are, or what its words mean under `values: {access: ...}`'",
            },
            not_understood('released'),
        ]) }}
    from landed
)

select * from checked
