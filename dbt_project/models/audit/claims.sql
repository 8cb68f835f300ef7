with claims as (
    {{ current_rows('claims') }}
),

measures as (
    select * from {{ ref('int_claim_measures') }}
),

-- A measure that is not dated holds for any day; a dated one is the newest on or before the last day
-- of the claim's month. What was raised in a month is of that month only.
matched as (
    select
        claims.*,
        measures.measured_on,
        measures.computed_value,
        measures.coverage,
        measures.mart,
        row_number() over (
            partition by claims.source_row_id order by measures.measured_on desc
        ) as recency
    from claims
    left join measures
        on
            claims.measure = measures.measure
            and case coalesce(claims.cohort, 'all')
                when 'all' then 'genai'
                when 'founded_2013_or_later' then 'genai_2013'
                else claims.cohort
            end = measures.universe
            and coalesce(claims.layer, 'all') = measures.layer
            and coalesce(claims.subject_key, '') = coalesce(measures.subject, '')
            and (
                measures.measured_on <= cast({{ dbt.last_day('claims.as_of', 'month') }} as date)
                or measures.measured_on is null
            )
            and (
                measures.measured_on = cast({{ dbt.last_day('claims.as_of', 'month') }} as date)
                or measures.measure <> 'raised_in_month_usd'
            )
),

judged as (
    select
        *,
        case
            when computed_value is null then null
            when operator in ('about', 'close to', 'equals')
                then abs(computed_value - claimed_value) <= tolerance * abs(claimed_value)
            when operator in ('over', 'more than') then computed_value > claimed_value * (1 - tolerance)
            when operator = 'up to' then computed_value <= claimed_value * (1 + tolerance)
            when operator = 'between'
                then
                    computed_value >= claimed_value * (1 - tolerance)
                    and computed_value <= claimed_value_high * (1 + tolerance)
            when operator = 'decreasing' then computed_value < 0
        end as holds
    from matched
    where recency = 1
)

select
    claim_id,
    source,
    quotation,
    who,
    as_of,
    operator,
    claimed_value,
    claimed_value_high,
    unit,
    measure,
    mart,
    measured_on,
    computed_value,
    tolerance,
    tolerance_because,
    case
        when not_comparable_because is not null then 'not comparable'
        when holds is null then 'not comparable'
        when holds then 'supported'
        else 'contradicted'
    end as verdict,
    case
        when not_comparable_because is not null then not_comparable_because
        when holds is null then 'the data hold no such figure'
    end as not_comparable_because,
    coverage,
    expected_verdict,
    note,
    source_row_id
from judged
