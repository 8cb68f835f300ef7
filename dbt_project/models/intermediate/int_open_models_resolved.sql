-- One row a model of the newest snapshot of any list. Each fact is that of the best of the model's
-- listings that states it: a row that only states facts, then the most exactly dated, then one with a
-- licence, then the newest. Of days that lists state the first is the release.
with identified as (
    select * from {{ ref('int_open_models_identified') }}
),

current_snapshots as (
    select * from {{ ref('int_current_snapshots') }}
    where kind = 'open_models'
),

-- Earlier snapshots only tell since when a model is listed.
seen as (
    select
        model_id,
        min(snapshot_on) as first_seen_on
    from identified
    group by model_id
),

ranked as (
    select
        identified.*,
        row_number() over (
            partition by identified.model_id
            order by
                case when identified.is_fact then 0 else 1 end,
                case identified.date_precision
                    when 'day' then 0
                    when 'month' then 1
                    when 'quarter' then 2
                    when 'year' then 3
                    else 4
                end,
                case when identified.licence is null then 1 else 0 end,
                identified.snapshot_on desc,
                identified.list_as_of desc,
                identified.source_row_id
        ) as statement_rank,
        row_number() over (
            partition by identified.model_id
            order by
                case when identified.released_on is null then 1 else 0 end,
                case when identified.is_fact then 0 else 1 end,
                case identified.date_precision
                    when 'day' then 0
                    when 'month' then 1
                    when 'quarter' then 2
                    else 3
                end,
                identified.released_on nulls last,
                identified.source_row_id
        ) as date_rank
    from identified
    inner join current_snapshots
        on
            identified.source = current_snapshots.source
            and identified.snapshot_on = current_snapshots.snapshot_on
),

-- The best listing that states a fact.
best as (
    select
        *,
        min(case when licence is not null then statement_rank end) over (partition by model_id) as licence_rank,
        min(case when base_model_key is not null then statement_rank end) over (partition by model_id) as base_rank,
        min(case when organisation is not null then statement_rank end) over (partition by model_id)
            as organisation_rank,
        min(case when derivation is not null then statement_rank end) over (partition by model_id)
            as derivation_rank,
        min(case when parameters_max_bn is not null and is_fact then statement_rank end) over (partition by model_id)
            as size_rank
    from ranked
),

models as (
    select
        model_id,
        max(model_key) as model_key,
        max(organisation_id) as organisation_id,
        {% for fact in ['model', 'stem_key', 'family_key', 'url', 'list_title', 'source_row_id'] -%}
        max(case when statement_rank = 1 then {{ fact }} end) as {{ fact }},
        {% endfor -%}
        max(case when date_rank = 1 then released_on end) as released_on,
        max(case when date_rank = 1 then date_precision end) as date_precision,
        {% for fact, rank in [('organisation', 'organisation'), ('licence', 'licence'), ('licence_key', 'licence'),
            ('base_model', 'base'), ('base_model_key', 'base'), ('base_model_family_key', 'base'),
            ('derivation', 'derivation')] -%}
        max(case when statement_rank = {{ rank }}_rank then {{ fact }} end) as {{ fact }},
        {% endfor -%}
        -- A mark that not every listing bears is one of its list, not of the model.
        case when count(name_form) = count(*) then max(name_form) end as name_form,
        max(case when names_size then 1 else 0 end) = 1 as names_size,
        coalesce(
            min(case when statement_rank = size_rank then parameters_min_bn end), min(parameters_min_bn)
        ) as parameters_min_bn,
        coalesce(
            max(case when statement_rank = size_rank then parameters_max_bn end), max(parameters_max_bn)
        ) as parameters_max_bn,
        max(case
            when derivation = 'quantization' then 1
            when coalesce(quantisation, 'none') not in ('none', '?', '16bit', 'fp16', 'f16', '32bit', 'fp32') then 1
            when file_format like '%gg%' then 1
            else 0
        end) = 1 as is_published_quantised,
        max(snapshot_on) as last_seen_on
    from best
    group by model_id
)

select
    models.*,
    seen.first_seen_on
from models
inner join seen on models.model_id = seen.model_id
