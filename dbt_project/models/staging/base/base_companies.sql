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
                'when': 'extract(year from founded_year_day) > extract(year from _snapshot_on)',
                'because': "'the company is founded after the day that the map describes'",
            },
            not_understood('total_raised'),
        ]) }}
    from landed
)

select * from checked
