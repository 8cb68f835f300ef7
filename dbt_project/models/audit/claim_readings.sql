with claims as (
    {{ current_rows('claims') }}
),

readings as (
    select * from {{ ref('int_claim_readings') }}
),

measures as (
    select * from {{ ref('int_claim_measures') }}
),

-- A figure that belongs to no universe answers a claim once, in whichever universe it is read.
answered as (
    select
        readings.*,
        measures.universe as measured_in,
        measures.measured_on,
        measures.computed_value,
        measures.coverage,
        measures.restates,
        measures.mart,
        row_number() over (
            partition by readings.source_row_id, readings.measure, readings.layer, measures.universe
            order by readings.universe_position nulls last
        ) as repetition
    from readings
    inner join measures
        on
            readings.measure = measures.measure
            and readings.layer = measures.layer
            and readings.as_of = measures.as_of
            and coalesce(readings.subject_key, '') = coalesce(measures.subject, '')
            and (readings.universe = measures.universe or measures.universe is null)
)

select
    claims.claim_id,
    claims.source,
    answered.measured_in as universe,
    answered.layer,
    answered.measure,
    answered.measured_on,
    answered.computed_value,
    answered.coverage,
    case
        when claims.operator in ('about', 'close to', 'equals', 'as many as')
            then abs(answered.computed_value - claims.claimed_value) <= claims.tolerance * abs(claims.claimed_value)
        when claims.operator in ('over', 'more than')
            then answered.computed_value > claims.claimed_value * (1 - claims.tolerance)
        when claims.operator = 'up to' then answered.computed_value <= claims.claimed_value * (1 + claims.tolerance)
        when claims.operator = 'between'
            then
                answered.computed_value >= claims.claimed_value * (1 - claims.tolerance)
                and answered.computed_value <= claims.claimed_value_high * (1 + claims.tolerance)
        when claims.operator = 'decreasing' then answered.computed_value < 0
    end as holds,
    answered.restates,
    answered.mart,
    cast(answered.measure_position as int) as measure_position,
    cast(answered.layer_position as int) as layer_position,
    cast(answered.universe_position as int) as universe_position,
    answered.source_row_id
from answered
inner join claims on answered.source_row_id = claims.source_row_id
where answered.repetition = 1
