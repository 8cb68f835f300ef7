-- Pairs of rows of one company that may tell one round, with what agrees in them: `same_by` where that is
-- enough to make them one, `possible_by` where it is enough to tell. Only neighbours are compared: in the
-- order of days among rows of one stage, in the order of amounts, and in the order of days, so the work
-- grows with the rows, not with their square. What the rules are worth: docs/resolution.md.
{% set neighbours = 12 %}
{% set met_by_day = 'abs(one.place_by_day - other.place_by_day) <= ' ~ neighbours %}
{% set met_by_stage =
    'one.stage_key = other.stage_key and abs(one.place_by_stage - other.place_by_stage) <= ' ~ neighbours %}
{% set orders = {
    'day': {'rounds': 'rounds', 'within': 'company', 'met_before': 'false'},
    'stage': {'rounds': 'rounds_of_many', 'within': 'stage', 'met_before': met_by_day},
    'amount': {'rounds': 'rounds_of_many', 'within': 'company', 'met_before': met_by_day ~ ' or ' ~ met_by_stage},
} %}

with rounds as (
    select
        source_row_id,
        source,
        company_id,
        kind,
        announced_on,
        announced_not_before,
        date_precision,
        amount_usd,
        amount_currency,
        round_label_key,
        coalesce(round_stage, '') as stage_key,
        coalesce(round_part, '') as part_key,
        row_number() over (
            partition by company_id
            order by announced_not_before, announced_on, amount_usd nulls last, source_row_id
        ) as place_by_day,
        count(*) over (partition by company_id) as rows_of_company
    from {{ ref('int_funding_rounds_identified') }}
),

-- Where a company has few rows, the order of days makes neighbours of all of them.
rounds_of_many as (
    select
        *,
        row_number() over (
            partition by company_id, stage_key
            order by announced_not_before, announced_on, amount_usd nulls last, source_row_id
        ) as place_by_stage,
        row_number() over (
            partition by company_id
            order by amount_usd nulls last, announced_not_before, announced_on, source_row_id
        ) as place_by_amount,
        count(*) over (partition by company_id, stage_key) as rows_of_stage
    from rounds
    where rows_of_company > {{ neighbours + 1 }}
),

steps as (
    {{ dbt.generate_series(neighbours) }}
),

{% for order, of_order in orders.items() %}
reaching_by_{{ order }} as (
    select
        rounds.*,
        steps.generated_number as step
    from {{ of_order.rounds }} as rounds
    cross join steps
    where rounds.rows_of_{{ of_order.within }} >= rounds.place_by_{{ order }} + steps.generated_number
),

{% endfor %}
compared as (
    {% for order, of_order in orders.items() %}
    select
        least(one.source_row_id, other.source_row_id) as source_row_id,
        greatest(one.source_row_id, other.source_row_id) as other_row_id,
        one.company_id,
        one.stage_key,
        other.stage_key as other_stage_key,
        one.source = other.source as is_of_one_source,

        -- kind of money
        one.kind = other.kind as is_of_one_kind,
        one.kind = 'equity' and other.kind = 'equity' as is_equity,

        -- when
        one.date_precision = 'day' and other.date_precision = 'day' as are_days_known,
        one.date_precision in ('day', 'month') and other.date_precision in ('day', 'month') as are_months_known,
        case
            when
                one.announced_not_before <= other.announced_on
                and other.announced_not_before <= one.announced_on
                then 0
            else least(
                abs({{ dbt.datediff('one.announced_on', 'other.announced_not_before', 'day') }}),
                abs({{ dbt.datediff('other.announced_on', 'one.announced_not_before', 'day') }})
            )
        end as days_apart,

        -- how much
        one.amount_usd is null or other.amount_usd is null as is_amount_unknown,
        case
            when one.amount_usd = other.amount_usd then 1.0
            when one.amount_usd > other.amount_usd then other.amount_usd / one.amount_usd
            when one.amount_usd < other.amount_usd then one.amount_usd / other.amount_usd
        end as amount_ratio,
        coalesce(one.amount_currency <> other.amount_currency, false) as is_converted,

        -- which of the company's series
        one.part_key = other.part_key as is_of_one_part,
        case
            when one.source_row_id < other.source_row_id
                then (one.stage_key < other.stage_key) = (one.announced_on > other.announced_on)
            else (other.stage_key < one.stage_key) = (other.announced_on > one.announced_on)
        end as is_against_order,
        coalesce(one.round_label_key, '') = coalesce(other.round_label_key, '') as is_of_one_label
    from reaching_by_{{ order }} as one
    inner join {{ of_order.rounds }} as other
        on
            one.company_id = other.company_id
            and one.place_by_{{ order }} + one.step = other.place_by_{{ order }}
            {{ 'and one.stage_key = other.stage_key' if order == 'stage' }}
    where not ({{ of_order.met_before }})
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

staged as (
    select
        *,
        stage_key like '%series%' and other_stage_key like '%series%' as are_lettered,
        case
            when stage_key = '' or other_stage_key = '' then 'unknown'
            when stage_key = other_stage_key then 'same'
            -- The rest is about labels that name several stages, which are few.
            when stage_key not like '%;%' and other_stage_key not like '%;%' then 'other'
            when concat(';', stage_key, ';') like concat('%;', other_stage_key, ';%') then 'same'
            when concat(';', other_stage_key, ';') like concat('%;', stage_key, ';%') then 'same'
            else 'other'
        end as stages
    from compared
),

described as (
    select
        *,
        stages = 'same' and is_of_one_part as is_of_one_stage,
        stages = 'same' and not is_of_one_part as is_part_of_stage,
        stages = 'unknown' as is_stage_unknown,
        -- Lists round amounts, and convert them at rates of other days.
        coalesce(amount_ratio >= case when is_converted then 0.95 else 0.98 end, false) as is_of_one_amount
    from staged
),

judged as (
    select
        *,
        case
            -- Two kinds of money are two rounds, unless two lists give them one day and one amount.
            when not is_of_one_kind
                then case
                    when
                        amount_ratio >= 0.99 and are_days_known and days_apart <= 3
                        and not is_of_one_source
                        then 'day and amount, of other kinds'
                end

            -- An extension is a round beside the whole one, unless two lists give them one day and amount.
            when is_part_of_stage
                then case
                    when amount_ratio >= 0.99 and days_apart <= 3 and not is_of_one_source
                        then 'day and amount, of other parts'
                end

            -- One stage: the nearer the amounts, the farther apart may the days be.
            when is_of_one_stage
                then case
                    when
                        is_of_one_amount
                        and days_apart <= case
                            when not is_of_one_source then 200
                            when are_lettered then 150
                            else 45
                        end
                        then 'stage and amount'
                    when is_amount_unknown and days_apart <= 31 then 'stage, amount unknown'
                    when
                        amount_ratio >= 0.9
                        and days_apart <= case when is_of_one_source then 20 else 31 end
                        then 'stage, about one amount'
                    when
                        amount_ratio >= 0.5
                        and days_apart <= case when is_of_one_source then 7 else 10 end
                        then 'stage and days'
                end

            -- A stage that isn't told ("Venture round"): amounts decide. Of debts that one list tells,
            -- only those that are one to the word: lenders often lend the same.
            when is_stage_unknown
                then case
                    when is_of_one_label and is_of_one_part and amount_ratio = 1 and days_apart = 0
                        then 'the same again'
                    when
                        is_of_one_amount
                        and days_apart <= case
                            when not is_of_one_part then 3
                            when is_of_one_source and not is_equity then 3
                            else 31
                        end
                        then 'amount, stage unknown'
                    when
                        amount_ratio >= 0.9 and days_apart <= 31
                        and is_of_one_part and not is_of_one_source
                        then 'about one amount, stage unknown'
                    when is_amount_unknown and days_apart <= 1 and is_of_one_part and is_equity
                        then 'day, amount and stage unknown'
                end

            -- Stages that differ: a label is wrong in one list more often than two rounds are alike.
            when
                amount_ratio >= 0.99 and are_days_known
                and days_apart <= case when is_of_one_source then 10 else 45 end
                then 'amount and days, of other stages'
            when
                amount_ratio >= 0.97 and are_days_known and days_apart <= 10
                and not is_of_one_source
                then 'amount and days, of other stages'
        end as same_by
    from described
),

doubted as (
    select
        *,
        case
            when same_by is not null then null
            when is_of_one_source and (not is_of_one_kind or is_part_of_stage) then null
            when
                is_of_one_stage and is_of_one_amount
                and days_apart <= case when is_of_one_source then 400 else 1100 end
                then 'one stage and amount'
            when is_of_one_stage and amount_ratio >= 0.9 and days_apart <= 400 then 'one stage, about one amount'
            when is_of_one_stage and is_amount_unknown and days_apart <= 400 then 'one stage, an amount unknown'
            when is_of_one_stage and days_apart <= 92 then 'one stage, other amounts'
            when
                is_of_one_amount
                and days_apart <= case
                    when not is_of_one_source then 400
                    when is_against_order then 200
                    else 92
                end
                then 'one amount'
            when
                amount_ratio >= 0.9 and days_apart <= 200
                and is_stage_unknown and not is_of_one_source
                then 'about one amount'
            when is_amount_unknown and is_of_one_label and days_apart <= 92 then 'one label, an amount unknown'
            when is_amount_unknown and is_stage_unknown and days_apart <= 31 then 'days, an amount unknown'
            -- Two stages of which only the years are told are no likeness.
            when is_amount_unknown and are_months_known and days_apart <= 7 then 'days, an amount unknown'
        end as possible_by
    from judged
)

select
    source_row_id,
    other_row_id,
    company_id,
    is_of_one_source,
    days_apart,
    amount_ratio,
    is_of_one_stage,
    is_stage_unknown,
    same_by,
    possible_by
from doubted
where
    same_by is not null
    or possible_by is not null
