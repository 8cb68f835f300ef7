with models as (
    select * from {{ ref('int_open_models_resolved') }}
)

select
    model_id,
    model,
    organisation,
    base_model,
    licence,
    derivation,
    url,
    list_title,
    first_seen_on,
    last_seen_on,
    source_row_id
from models
where {{ dated_by_as_of('coalesce(released_on, first_seen_on)') }}
