-- What a file holds is what was accepted and what was rejected, row for row and currency by currency,
-- and what was accepted is what the rounds are made of. Checks that must hold say so in `holds`;
-- where it is null, the row only informs. A range counts with its midpoint.
{% set measures = [
    {'kind': 'funding_rounds', 'subject': 'amount', 'landed': 'chosen_amount', 'accepted': 'amount'},
    {'kind': 'funding_rounds', 'subject': 'valuation', 'landed': 'valuation', 'accepted': 'valuation'},
    {'kind': 'companies', 'subject': 'total_raised', 'landed': 'total_raised', 'accepted': 'total_raised'},
    {'kind': 'model_scores', 'subject': 'training_cost', 'landed': 'training_cost', 'accepted': 'training_cost'},
] %}

with files as (
    select * from {{ ref('source_files') }}
),

rejects as (
    select * from {{ ref('rejects') }}
),

matched as (
    select * from {{ ref('int_funding_rounds_matched') }}
),

current_rounds as (
    {{ current_rows('funding_rounds') }}
),

current_companies as (
    {{ current_rows('companies') }}
),

identified as (
    select * from {{ ref('int_companies_identified') }}
),

resolved as (
    select * from {{ ref('int_funding_rounds_resolved') }}
),

rows_of_files as (
    select
        'rows' as check_name,
        kind,
        source,
        file,
        sheet,
        'all' as subject,
        cast(null as {{ dbt.type_string() }}) as currency,
        coalesce(rows_in_file, 0) as stated,
        rows_accepted + rows_rejected as computed,
        true as must_hold,
        'rows below the header; rows accepted and rejected' as explanation
    from files
    where status <> 'refused'
),

amounts as (
    {% for measure in measures %}
    select
        landed._kind as kind,
        landed._source as source,
        landed._file as file,
        landed._sheet as sheet,
        landed._row as row_number,
        landed._role as role,
        '{{ measure.subject }}' as subject,
        landed.{{ measure.landed }}_currency as currency,
        landed.{{ measure.landed }}_problem as problem,
        {{ midpoint('landed.' ~ measure.landed) }} as in_file,
        case
            when accepted.source_row_id is null then 0
            else {{ midpoint('accepted.' ~ measure.accepted) }}
        end as accepted,
        case
            when rejects.source_row_id is null then 0
            else {{ midpoint('landed.' ~ measure.landed) }}
        end as rejected
    from {{ ref('base_' ~ measure.kind) }} as landed
    left join {{ ref('stg_' ~ measure.kind) }} as accepted on landed._row_id = accepted.source_row_id
    left join rejects on landed._row_id = rejects.source_row_id
    where
        landed.{{ measure.landed }}_currency is not null
        or landed.{{ measure.landed }}_problem is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Most tables print no total.
totalled as (
    select distinct
        file,
        sheet,
        subject
    from amounts
    where role = 'total'
),

money_of_files as (
    select
        'money' as check_name,
        kind,
        source,
        file,
        sheet,
        subject,
        currency,
        sum(in_file) as stated,
        sum(accepted) + sum(rejected) as computed,
        true as must_hold,
        'the file''s money; what was accepted and what was rejected of it' as explanation
    from amounts
    where
        currency is not null
        and role <> 'total'
    group by kind, source, file, sheet, subject, currency
),

-- A totals row speaks of the rows since the one before it, or of all the rows above.
summed as (
    select
        amounts.*,
        sum(case when amounts.role = 'record' then amounts.in_file end) over (
            partition by amounts.file, amounts.sheet, amounts.subject, amounts.currency order by amounts.row_number
        ) as above,
        sum(case when amounts.role = 'total' then 1 else 0 end) over (
            partition by amounts.file, amounts.sheet, amounts.subject, amounts.currency order by amounts.row_number
            rows between unbounded preceding and 1 preceding
        ) as totals_above
    from amounts
    inner join totalled
        on
            amounts.file = totalled.file
            and amounts.sheet = totalled.sheet
            and amounts.subject = totalled.subject
    where amounts.currency is not null
),

parted as (
    select
        *,
        sum(case when role = 'record' then in_file end) over (
            partition by file, sheet, subject, currency, coalesce(totals_above, 0) order by row_number
        ) as part_above
    from summed
),

totals_rows as (
    select
        'totals_row' as check_name,
        kind,
        source,
        file,
        sheet,
        concat(subject, ' in row ', cast(row_number as {{ dbt.type_string() }})) as subject,
        currency,
        in_file as stated,
        case when {{ is_near('above', 'in_file') }} then above else coalesce(part_above, above) end as computed,
        true as must_hold,
        'total that the file prints; the sum of the rows above it, since the total before' as explanation
    from parted
    where role = 'total'
),

not_understood as (
    select
        'amounts_not_understood' as check_name,
        kind,
        source,
        file,
        sheet,
        subject,
        cast(null as {{ dbt.type_string() }}) as currency,
        cast(null as double) as stated,
        count(*) as computed,
        false as must_hold,
        'rows whose amount has no meaning, so that no money of theirs is above' as explanation
    from amounts
    where problem is not null
    group by kind, source, file, sheet, subject
),

dates_read_otherwise as (
    select
        'dates_read_otherwise' as check_name,
        _kind as kind,
        _source as source,
        _file as file,
        _sheet as sheet,
        announced_note_kind as subject,
        cast(null as {{ dbt.type_string() }}) as currency,
        cast(null as double) as stated,
        count(*) as computed,
        false as must_hold,
        'rows whose date is not read as printed: each says why in announced_note' as explanation
    from (
        select
            *,
            case
                when announced_note like '%swapped back%' then 'swapped back'
                when announced_note like '%may have swapped%' then 'maybe swapped'
                when announced_note like 'Printed%' then 'slip'
                else 'order'
            end as announced_note_kind
        from {{ ref('base_funding_rounds') }}
        where announced_note is not null
    ) as noted
    group by _kind, _source, _file, _sheet, announced_note_kind
),

placed as (
    select
        current_rounds.source,
        current_rounds.source_row_id,
        current_rounds.amount_currency as currency,
        {{ midpoint('current_rounds.amount') }} as amount,
        matched.part_in_round
    from current_rounds
    left join matched on current_rounds.source_row_id = matched.source_row_id
),

placed_in_files as (
    select
        placed.*,
        landed._file as file,
        landed._sheet as sheet
    from placed
    inner join {{ ref('base_funding_rounds') }} as landed on placed.source_row_id = landed._row_id
),

money_in_rounds as (
    select
        'money_in_rounds' as check_name,
        'funding_rounds' as kind,
        source,
        file,
        sheet,
        'amount' as subject,
        currency,
        sum(amount) as stated,
        sum(case when part_in_round is null then 0 else amount end) as computed,
        true as must_hold,
        'money accepted; money of the rows that tell a round, and of those merged into it' as explanation
    from placed_in_files
    where currency is not null
    group by source, file, sheet, currency
),

money_merged as (
    select
        'money_merged' as check_name,
        'funding_rounds' as kind,
        source,
        file,
        sheet,
        part_in_round as subject,
        currency,
        cast(null as double) as stated,
        sum(amount) as computed,
        false as must_hold,
        'money of rows that tell a round again, counted once' as explanation
    from placed_in_files
    where
        currency is not null
        and part_in_round <> 'leads its round'
    group by source, file, sheet, part_in_round, currency
),

raised as (
    select
        company_id,
        sum(amount_usd) as raised_usd
    from resolved
    group by company_id
),

company_totals as (
    select
        'company_total' as check_name,
        'companies' as kind,
        current_companies.source,
        landed._file as file,
        landed._sheet as sheet,
        identified.company_id as subject,
        'USD' as currency,
        max({{ midpoint('current_companies.total_raised') }}) as stated,
        max(raised.raised_usd) as computed,
        false as must_hold,
        'total that the map states; what the rounds known of the company add up to' as explanation
    from current_companies
    inner join {{ ref('base_companies') }} as landed on current_companies.source_row_id = landed._row_id
    inner join identified on current_companies.source_row_id = identified.source_row_id
    inner join raised on identified.company_id = raised.company_id
    where current_companies.total_raised_currency = 'USD'
    group by current_companies.source, landed._file, landed._sheet, identified.company_id
),

checks as (
    {% for check in [
        'rows_of_files', 'money_of_files', 'totals_rows', 'not_understood', 'dates_read_otherwise', 'money_in_rounds', 'money_merged',
        'company_totals',
    ] %}
    select * from {{ check }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    check_name,
    kind,
    source,
    file,
    sheet,
    subject,
    currency,
    cast(stated as double) as stated,
    cast(computed as double) as computed,
    cast(computed - stated as double) as difference,
    case when must_hold then {{ is_near('computed', 'stated') }} end as holds,
    explanation
from checks
