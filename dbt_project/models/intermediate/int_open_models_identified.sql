-- The models of every snapshot of every list, each row with the model it speaks of. Tools that the
-- lists name beside models are left out.
with listed as (
    select * from {{ ref('stg_open_models') }}
    where coalesce(derivation, '') <> 'tool'
),

organisation_aliases as (
    select * from {{ ref('aliases') }}
    where entity = 'organisation'
)

-- On a model hub the account name tells one `llama-7b` from another.
select
    listed.*,
    coalesce(organisation_aliases.name_key, listed.organisation_key) as organisation_id,
    coalesce(organisation_aliases.name, listed.organisation) as organisation_name,
    coalesce(coalesce(organisation_aliases.name_key, listed.organisation_key) || '/', '')
    || listed.model_key as model_id
from listed
left join organisation_aliases on listed.organisation_key = organisation_aliases.alias_key
