-- Who each listing says made its model, one row a listing and maker, the account in front of a name
-- among them. Names of one maker meet under maker_id: those that the seed knows under their
-- organisation, the others under their key, or under that of another maker of the same name of a model
-- that it begins with, as `googledeepmind` begins with `google`. Three letters are enough of a name that
-- is printed so, as TII, but not of initials that were made from one.
{%- set fewest_letters = 3 %}
{%- set fewest_letters_of_initials = 4 %}

with listed as (
    select * from {{ ref('stg_open_models') }}
),

organisation_names as (
    select * from {{ ref('organisation_names') }}
),

stated as (
    {{ split_rows('listed', ['source_row_id', 'model_key'], ['organisation_keys', 'organisation_makers']) | indent(4) }}
),

named as (
    select
        source_row_id,
        model_key,
        organisation_keys as name_key,
        organisation_makers as maker_key
    from stated

    union all

    select
        source_row_id,
        model_key,
        account_key as name_key,
        account_maker as maker_key
    from listed
    where account_key is not null
),

known as (
    select
        named.source_row_id,
        named.model_key,
        organisation_names.organisation_id as known_organisation_id,
        coalesce(organisation_names.organisation_id, named.name_key) as organisation_id,
        coalesce(organisation_names.organisation_id, named.maker_key) as maker_key
    from named
    left join organisation_names on named.maker_key = organisation_names.maker_key
),

makers as (
    select
        model_key,
        maker_key,
        max(case when organisation_id = maker_key then 1 else 0 end) as is_printed
    from known
    group by model_key, maker_key
),

lengths as (
    {{ dbt.generate_series(60) }}
),

-- Each maker beside those that its key begins with, itself among them; the shortest stands for all.
beginnings as (
    select
        makers.model_key,
        makers.maker_key,
        substring(makers.maker_key, 1, cast(lengths.generated_number as int)) as begins_with
    from makers
    inner join lengths
        on
            lengths.generated_number <= length(makers.maker_key)
            and (
                lengths.generated_number >= {{ fewest_letters }}
                or lengths.generated_number = length(makers.maker_key)
            )
),

shortest as (
    select
        beginnings.model_key,
        beginnings.maker_key,
        min(shorter.maker_key) as maker_id
    from beginnings
    inner join makers as shorter
        on
            beginnings.model_key = shorter.model_key
            and beginnings.begins_with = shorter.maker_key
            and (
                shorter.is_printed = 1
                or length(shorter.maker_key) >= {{ fewest_letters_of_initials }}
                or beginnings.maker_key = shorter.maker_key
            )
    group by beginnings.model_key, beginnings.maker_key
)

select distinct
    known.source_row_id,
    known.model_key,
    coalesce(shortest.maker_id, known.maker_key) as maker_id,
    known.known_organisation_id,
    known.organisation_id
from known
left join shortest
    on
        known.model_key = shortest.model_key
        and known.maker_key = shortest.maker_key
