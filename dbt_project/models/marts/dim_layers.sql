with layers as (
    select * from {{ ref('layers') }}
)

select
    cast(layer as {{ dbt.type_string() }}) as layer,
    cast(position as int) as layer_position,
    cast(title as {{ dbt.type_string() }}) as title,
    cast(description as {{ dbt.type_string() }}) as description
from layers
