with claims as (
    {{ current_rows('claims') }}
),

readings as (
    select * from {{ ref('claim_readings') }}
),

universes as (
    select * from {{ ref('dim_universes') }}
),

-- A claim shows the figure of the headline universe, or of the first reading that has one.
ordered as (
    select
        readings.*,
        coalesce(universes.is_headline, false) as is_headline,
        row_number() over (
            partition by readings.source_row_id
            order by
                readings.measure_position nulls last,
                readings.layer_position nulls last,
                case when universes.is_headline then 0 else 1 end,
                readings.universe_position nulls last
        ) as reading_position,
        coalesce(readings.universe, readings.measure)
        || case when readings.layer = 'all' then '' else ' (' || readings.layer || ')' end as reading
    from readings
    left join universes on readings.universe = universes.universe
),

judged as (
    select
        source_row_id,
        count(*) as readings,
        sum(case when holds then 1 else 0 end) as readings_that_hold,
        min(computed_value) as lowest_value,
        max(computed_value) as highest_value,
        min(case when restates then 1 else 0 end) as restates,
        {{ dbt.listagg('case when holds then reading end', "', '", 'order by reading_position') }} as supported_in,
        {{ dbt.listagg('case when not holds then reading end', "', '", 'order by reading_position') }}
            as contradicted_in
    from ordered
    group by source_row_id
)

select
    claims.claim_id,
    claims.source,
    claims.quotation,
    claims.who,
    claims.as_of,
    claims.operator,
    claims.claimed_value,
    claims.claimed_value_high,
    claims.unit,
    coalesce(shown.measure, claims.measure) as measure,
    shown.mart,
    shown.universe,
    shown.layer,
    claims.subject_key,
    shown.measured_on,
    shown.computed_value,
    claims.tolerance,
    claims.tolerance_because,
    case
        when claims.not_comparable_because is not null or judged.readings is null then 'not comparable'
        when
            judged.readings_that_hold = 0
            and claims.operator in ('about', 'close to', 'equals', 'as many as')
            and judged.lowest_value < claims.claimed_value
            and judged.highest_value > claims.claimed_value
            then 'depends on the universe'
        when judged.readings_that_hold = 0 then 'contradicted'
        when judged.readings_that_hold < judged.readings then 'depends on the universe'
        when judged.restates = 1 then 'restated'
        else 'supported'
    end as verdict,
    coalesce(
        claims.not_comparable_because,
        case when not {{ dated_by_as_of('claims.as_of') }} then 'the claim is of a day after as_of' end,
        case when judged.readings is null then 'the data hold no such figure up to the day of the claim' end
    ) as not_comparable_because,
    cast(coalesce(judged.readings, 0) as int) as readings,
    judged.lowest_value,
    judged.highest_value,
    judged.supported_in,
    judged.contradicted_in,
    shown.coverage,
    claims.expected_verdict,
    claims.note,
    claims.source_row_id
from claims
left join judged on claims.source_row_id = judged.source_row_id
left join ordered as shown
    on
        claims.source_row_id = shown.source_row_id
        and shown.reading_position = 1
