-- Every month in which a company's equity grew, with what it had raised before and after, in each
-- universe. A step stands once in each scope it counts in: the company's layer and `all` layers.
with rounds as (
    select * from {{ ref('int_universe_rounds') }}
    where amount_usd > 0
),

monthly as (
    select
        universe,
        company_id,
        layer,
        model_access,
        counts_from as as_of_month,
        sum(amount_usd) as raised_usd
    from rounds
    group by universe, company_id, layer, model_access, counts_from
),

summed as (
    select
        *,
        sum(raised_usd) over (
            partition by universe, company_id order by as_of_month
            rows between unbounded preceding and current row
        ) as held_after_usd
    from monthly
),

-- What a company held before is what it held after its last step, to the last bit.
stepped as (
    select
        *,
        coalesce(
            lag(held_after_usd) over (partition by universe, company_id order by as_of_month), 0.0
        ) as held_before_usd
    from summed
),

scoped as (
    select
        *,
        layer as scope
    from stepped

    union all

    select
        *,
        'all' as scope
    from stepped
)

select
    universe,
    scope as layer,
    as_of_month,
    company_id,
    model_access,
    held_before_usd,
    held_after_usd,
    held_after_usd - held_before_usd as raised_usd
from scoped
