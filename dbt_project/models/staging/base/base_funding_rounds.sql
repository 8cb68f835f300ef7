with landed as (
    select * from {{ source('landing', 'funding_rounds') }}
),

labelled as (
    select
        *,
        case
            when lower(trim(kind)) in ('equity', 'debt', 'grant', 'secondary', 'tender') then lower(trim(kind))
            when kind is not null then null
            when lower(round_label) like '%debt%' or lower(round_label) like '%loan%' then 'debt'
            when lower(round_label) like '%grant%' then 'grant'
            when lower(round_label) like '%secondary%' then 'secondary'
            when lower(round_label) like '%tender%' then 'tender'
            else 'equity'
        end as kind_code
    from landed
),

checked as (
    select
        *,
        {{ reject_columns([
            not_a_record(['company', 'announced', 'amount', 'round_label', 'note']),
            missing('company', 'company_key'),
            not_understood('announced'),
            missing('announced', 'announced_day'),
            not_understood('amount'),
            {
                'name': 'kind_unknown',
                'column': 'kind',
                'when': 'kind_code is null',
                'because': "'kind is none of equity, debt, grant, secondary, tender'",
            },
        ]) }}
    from labelled
)

select * from checked
