with landed as (
    select * from {{ source('landing', 'funding_rounds') }}
),

-- The source's own word for the kind goes first, then a phrase in the round's name; what nothing tells
-- from a round of shares is one.
labelled as (
    select
        *,
        coalesce(round_label, funding_type) as round_name,
        coalesce(round_label_stage, funding_type_stage) as round_stage,
        coalesce(round_label_part, funding_type_part) as round_part,
        case
            when kind_value in ({{ kinds_of_money() | map('tojson') | join(', ') | replace('"', "'") }}) then kind_value
            when kind is null then coalesce(round_label_kind, funding_type_kind, 'equity')
        end as kind_code,
        case
            when kind is not null then 'stated'
            when coalesce(round_label_kind, funding_type_kind) is not null then 'named'
            when coalesce(round_label_stage, funding_type_stage) is not null then 'named'
            else 'assumed'
        end as kind_basis
    from landed
),

-- Where only the source's own US dollars are understood, they are the amount.
chosen as (
    select
        *,
        {{ understood_amount('') }} as chosen_amount,
        {{ understood_amount('_low') }} as chosen_amount_low,
        {{ understood_amount('_high') }} as chosen_amount_high,
        {{ understood_amount('_currency') }} as chosen_amount_currency,
        {{ understood_amount('_qualifier') }} as chosen_amount_qualifier,
        {{ understood_amount('_problem') }} as chosen_amount_problem
    from labelled
),

checked as (
    select
        *,
        {{ reject_columns([
            not_a_record(['company', 'announced', 'amount', 'round_label', 'note']),
            missing('company', 'company_key'),
            not_understood('announced'),
            missing('announced', 'announced_day'),
            {
                'name': 'amount_not_understood',
                'column': 'amount',
                'when': 'chosen_amount_problem is not null',
                'because': 'chosen_amount_problem',
            },
            {
                'name': 'kind_unknown',
                'column': 'kind',
                'when': 'kind_code is null',
                'because': "'kind is none of " ~ kinds_of_money() | join(', ') ~ "'",
            },
        ]) }}
    from chosen
)

select * from checked
