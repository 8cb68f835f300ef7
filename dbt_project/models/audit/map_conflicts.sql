-- Facts of a company that market maps state in two ways: the row that tells the company, and the one that
-- says otherwise.
{% set facts = ['layer', 'alternative_layer', 'founded_year', 'hq_country', 'model_access', 'genai_fit'] %}

with described as (
    select * from {{ ref('int_companies_identified') }}
),

stated as (
    {% for fact in facts %}
    select
        company_id,
        source_row_id,
        description_rank,
        '{{ fact }}' as fact,
        cast({{ fact }} as {{ dbt.type_string() }}) as value
    from described
    where
        {{ fact }} is not null
        and cast({{ fact }} as {{ dbt.type_string() }}) <> 'unknown'
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    told.company_id,
    told.fact,
    told.value as told_value,
    others.value as other_value,
    told.source_row_id as told_row_id,
    others.source_row_id as other_row_id
from stated as told
inner join stated as others
    on
        told.company_id = others.company_id
        and told.fact = others.fact
        and told.value <> others.value
where
    told.description_rank = 1
    and others.description_rank > 1
