with checked as (
    select * from {{ ref('base_exchange_rates') }}
),

accepted as (
    select
        -- lineage
        _row_id as source_row_id,
        _source as source,
        _snapshot_on as snapshot_on,

        rate_date_day as rate_date,
        upper(currency) as currency,
        units_per_eur_number as units_per_eur
    from checked
    where
        reject_rule is null
        and {{ known_by('_snapshot_on') }}
)

select * from accepted
