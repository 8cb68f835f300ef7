-- Names are resolved in one step, so an alias stands for one name, which is not an alias itself, and is
-- spelt in one way. No tolerance.
with aliases as (
    select * from {{ ref('aliases') }}
)

select
    entity,
    alias_key as name_key,
    'stands for more than one name' as problem
from aliases
group by entity, alias_key
having count(distinct name_key) > 1

union all

select
    aliases.entity,
    aliases.alias_key as name_key,
    'stands for a name that is an alias itself' as problem
from aliases
inner join aliases as next_step
    on
        aliases.entity = next_step.entity
        and aliases.name_key = next_step.alias_key

union all

select
    entity,
    name_key,
    'is spelt in more than one way' as problem
from aliases
group by entity, name_key
having count(distinct name) > 1
