with landed as (
    select * from {{ source('landing', 'exchange_rates') }}
),

checked as (
    select
        *,
        {{ reject_columns([
            missing('rate_date'),
            not_understood('rate_date'),
            missing('currency'),
            missing('units_per_eur'),
            not_understood('units_per_eur'),
            {
                'name': 'rate_not_positive',
                'column': 'units_per_eur',
                'when': 'units_per_eur_number <= 0',
                'because': "'a rate must be above zero'",
            },
        ]) }}
    from landed
)

select * from checked
