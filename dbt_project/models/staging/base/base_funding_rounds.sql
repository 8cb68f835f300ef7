with landed as (
    select * from {{ source('landing', 'funding_rounds') }}
),

named as (
    select
        *,
        coalesce(round_label, funding_type) as round_name,
        lower(replace(concat(coalesce(funding_type, ''), ' ', coalesce(round_label, '')), '_', ' ')) as kind_words
    from landed
),

-- A convertible note is a debt until it converts; a SAFE never has to be paid back. What is neither
-- paid for shares nor lent, such as the price of a company or of goods to come, is other money.
labelled as (
    select
        *,
        case
            when kind_value in ('equity', 'debt', 'grant', 'secondary', 'tender', 'other') then kind_value
            when kind is not null then null
            when kind_words like '%secondary%' then 'secondary'
            when kind_words like '%tender%' then 'tender'
            {% for word in ['debt', 'loan', 'convertible', 'credit facilit', 'credit line', 'line of credit'] %}
            when kind_words like '%{{ word }}%' then 'debt'
            {% endfor %}
            when kind_words like '%grant%' then 'grant'
            {% for word in [
                'product crowdfunding', 'coin offering', 'non equity assistance', 'acquisition', 'merger', 'buyout',
            ] %}
            when kind_words like '%{{ word }}%' then 'other'
            {% endfor %}
            else 'equity'
        end as kind_code
    from named
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
                'because': "'kind is none of equity, debt, grant, secondary, tender, other'",
            },
        ]) }}
    from chosen
)

select * from checked
