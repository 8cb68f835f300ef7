-- The models of every snapshot of every list, each row with the model it speaks of. Two listings are of
-- one model when their names agree and nothing contradicts: they have a maker in common, directly or
-- through a third, or one of them names no maker and the name has but one.
{%- set passes = 2 %}

with listed as (
    select * from {{ ref('stg_open_models') }}
),

makers_0 as (
    select
        *,
        maker_id as group_id
    from {{ ref('int_open_model_makers') }}
),

-- Makers of one listing, and then listings of one maker, come to share the first of their groups.
{% for pass in range(passes) %}
listings_{{ pass }} as (
    select
        *,
        min(group_id) over (partition by source_row_id) as listing_group_id
    from makers_{{ pass }}
),

makers_{{ pass + 1 }} as (
    select
        source_row_id,
        model_key,
        maker_id,
        known_organisation_id,
        organisation_id,
        min(listing_group_id) over (partition by model_key, maker_id) as group_id
    from listings_{{ pass }}
),
{% endfor %}
grouped as (
    select
        source_row_id,
        model_key,
        min(group_id) as group_id
    from makers_{{ passes }}
    group by source_row_id, model_key
),

-- A group is named for a maker that the seed knows, else for the first by its key.
organisations as (
    select
        model_key,
        group_id,
        coalesce(min(known_organisation_id), min(organisation_id)) as organisation_id
    from makers_{{ passes }}
    group by model_key, group_id
),

only_makers as (
    select
        model_key,
        min(organisation_id) as organisation_id
    from organisations
    group by model_key
    having count(*) = 1
),

owned as (
    select
        listed.*,
        case
            when grouped.source_row_id is null then only_makers.organisation_id
            else organisations.organisation_id
        end as organisation_id
    from listed
    left join grouped on listed.source_row_id = grouped.source_row_id
    left join organisations
        on
            grouped.model_key = organisations.model_key
            and grouped.group_id = organisations.group_id
    left join only_makers on listed.model_key = only_makers.model_key
)

select
    *,
    coalesce(organisation_id || '/', '') || model_key as model_id
from owned
