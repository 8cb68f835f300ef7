-- What judged companies would add to the served file, as a view of one connection;
-- served_comparison.py makes it.

create or replace temp view counts as
with stated as (
    select company_key, coalesce(layer_value, 'unknown') as layer
    from work.landing.judged
    where reject_rule is null
)

select
    count(distinct stated.company_key) as companies,
    count(distinct stated.company_key) filter (stated.layer <> 'unknown') as companies_with_a_layer,
    count(distinct stated.company_key) filter (
        stated.layer <> 'unknown' and not coalesce(companies.is_mapped, false)
    ) as newly_mapped_companies,
    coalesce(sum(companies.raised_usd) filter (
        stated.layer <> 'unknown' and not companies.is_mapped
    ), 0) as newly_mapped_usd,
    count(distinct stated.company_key) filter (
        stated.layer <> 'unknown' and companies.is_mapped and companies.layer <> stated.layer
    ) as contradicted_layers
from stated
left join served.audit.company_names as names
    on stated.company_key = names.name_key and names.is_likeliest
left join (
    select company_id, is_mapped, layer, coalesce(sum(amount_usd), 0) as raised_usd
    from served.marts.dim_companies
    left join served.marts.fct_funding_rounds using (company_id)
    group by all
) as companies on names.company_id = companies.company_id;
