with landed as (
    select * from {{ source('landing', 'claims') }}
),

checked as (
    select
        *,
        {{ reject_columns([
            not_a_record(['claim_id', 'quotation', 'note']),
            missing('claim_id'),
            missing('quotation'),
            missing('operator'),
            not_understood('as_of'),
            missing('as_of', 'as_of_day'),
        ]) }}
    from landed
)

select * from checked
