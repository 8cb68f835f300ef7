-- One row a model, from every snapshot of every list: a model that a later snapshot dropped stays,
-- counted from where it was first seen.
with identified as (
    select * from {{ ref('int_open_models_identified') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by model_id
            order by
                case date_precision
                    when 'day' then 0
                    when 'month' then 1
                    when 'quarter' then 2
                    when 'year' then 3
                    else 4
                end,
                case when licence is null then 1 else 0 end,
                snapshot_on desc,
                list_as_of desc,
                source_row_id
        ) as statement_rank,
        min(snapshot_on) over (partition by model_id) as first_seen_on,
        max(snapshot_on) over (partition by model_id) as last_seen_on,
        max(licence) over (partition by model_id) as any_licence,
        max(base_model_key) over (partition by model_id) as any_base_model_key,
        min(parameters_min_bn) over (partition by model_id) as smallest_parameters_bn,
        max(parameters_max_bn) over (partition by model_id) as largest_parameters_bn,
        max(case
            when derivation = 'quantization' then 1
            when coalesce(quantisation, 'none') not in ('none', '?', '16bit', 'fp16', 'f16', '32bit', 'fp32') then 1
            when file_format like '%gg%' then 1
            else 0
        end) over (partition by model_id) as quantised_mark
    from identified
)

select
    model_id,
    model,
    model_key,
    organisation_id,
    organisation_name as organisation,
    released_on,
    date_precision,
    smallest_parameters_bn as parameters_min_bn,
    largest_parameters_bn as parameters_max_bn,
    base_model,
    coalesce(base_model_key, any_base_model_key) as base_model_key,
    coalesce(licence, any_licence) as licence,
    derivation,
    quantised_mark = 1 as is_quantised_copy,
    url,
    list_title,
    first_seen_on,
    last_seen_on,
    source_row_id
from ranked
where statement_rank = 1
