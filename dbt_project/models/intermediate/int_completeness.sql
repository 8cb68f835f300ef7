-- What each list of rounds in use says that it holds in full: until when, from which amount on, of
-- which layers. A list that says nothing is a row without a day.
with lists as (
    select distinct
        source,
        complete
    from {{ ref('stg_source_files') }}
    where
        kind = 'funding_rounds'
        and is_current
),

statements as (
    {{ json_elements('lists', ['source'], 'complete', 'statement') }}
)

select distinct
    lists.source,
    cast({{ json_text('statements.statement', '$.to') }} as date) as complete_to,
    coalesce(cast({{ json_text('statements.statement', '$.from_usd') }} as double), 0) as from_usd,
    -- A JSON list of layers; null for all of them.
    {{ json_text('statements.statement', '$.layers') }} as layers
from lists
left join statements on lists.source = statements.source
