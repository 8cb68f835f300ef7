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
            {
                'name': 'operator_unknown',
                'column': 'operator',
                'when': "lower(operator) not in ('about', 'close to', 'equals', 'over', 'more than', 'up to', 'as many as', 'between', 'decreasing')",
                'because': "'operator is none of about, close to, equals, over, more than, up to, as many as, between, decreasing'",
            },
            not_understood('value'),
            not_understood('value_high'),
            missing('measure'),
            not_understood('tolerance'),
            missing('tolerance', 'tolerance_number'),
            not_understood('as_of'),
            missing('as_of', 'as_of_day'),
        ]) }}
    from landed
)

select * from checked
