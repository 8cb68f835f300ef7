with landed as (
    select * from {{ source('landing', 'companies') }}
),

checked as (
    select
        *,
        {{ reject_columns([
            not_a_record(['company', 'note', 'category', 'layer']),
            missing('company', 'company_key'),
            not_understood('founded_year'),
            {
                'name': 'founded_in_the_future',
                'column': 'founded_year',
                'when': "founded_year_day > _snapshot_on and founded_year_precision <> 'year'",
                'because': "'the company is founded after the day that the map describes'",
            },
            not_understood('total_raised'),
        ]) }}
    from landed
)

select * from checked
