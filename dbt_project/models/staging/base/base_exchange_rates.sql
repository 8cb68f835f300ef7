with landed as (
    select * from {{ source('landing', 'exchange_rates') }}
),

checked as (
    select
        *,
        {{ reject_columns([
            not_understood('rate_date'),
            missing('rate_date', 'rate_date_day'),
            missing('currency'),
            not_understood('units_per_eur'),
            missing('units_per_eur', 'units_per_eur_number'),
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
