-- What was served when. No rows yet: they are written as the file is published, when its version
-- is known.
select
    cast(null as timestamp) as published_at,
    cast(null as {{ dbt.type_string() }}) as version_id,
    cast(null as boolean) as is_rollback,
    cast(null as date) as as_of,
    cast(null as date) as known_by,
    cast(null as {{ dbt.type_string() }}) as inputs_hash,
    cast(null as {{ dbt.type_string() }}) as content_hash,
    cast(null as int) as table_count,
    cast(null as bigint) as row_count,
    cast(null as int) as tests_passed,
    cast(null as int) as tests_warned,
    cast(null as int) as claims_supported,
    cast(null as int) as claims_contradicted
where 1 = 0
