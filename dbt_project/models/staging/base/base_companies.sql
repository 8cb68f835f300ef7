with landed as (
    select * from {{ source('landing', 'companies') }}
),

checked as (
    select
        *,
        {{ reject_columns([
            not_a_record(['company', 'note', 'category', 'layer']),
            missing('company'),
            not_understood('founded_year'),
            {
                'name': 'founded_year_impossible',
                'column': 'founded_year',
                'when': 'founded_year_number < 1800 or founded_year_number > 2100',
                'because': "'founded_year is not a year between 1800 and 2100'",
            },
            not_understood('total_raised'),
        ]) }}
    from landed
)

select * from checked
