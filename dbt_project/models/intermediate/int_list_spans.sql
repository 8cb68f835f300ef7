-- The days that each list of open models covers: from its first to its last release dated to the day.
-- Half a year without a release ends a span, and one that holds less than a tenth of the list's dated
-- releases is none: a single row of 1950 doesn't make its list cover the time since. Facts stated of the
-- models of other lists list nothing.
{%- set longest_gap_days = 180 %}
{%- set smallest_share = 0.1 %}

with listed as (
    {{ current_rows('open_models') }}
),

dated as (
    select
        source,
        released_on,
        count(*) as releases
    from listed
    where
        date_precision = 'day'
        and not is_fact
    group by source, released_on
),

spaced as (
    select
        *,
        lag(released_on) over (partition by source order by released_on nulls last) as released_before_on
    from dated
),

numbered as (
    select
        *,
        sum(
            case
                when released_on > {{ dbt.dateadd('day', longest_gap_days, 'released_before_on') }} then 1
                else 0
            end
        ) over (partition by source order by released_on nulls last) as span_number
    from spaced
),

spans as (
    select
        source,
        min(released_on) as first_on,
        max(released_on) as last_on,
        sum(releases) as releases
    from numbered
    group by source, span_number
),

shared as (
    select
        *,
        releases / cast(sum(releases) over (partition by source) as double) as share_of_releases
    from spans
)

select
    source,
    first_on,
    last_on,
    cast(releases as int) as releases
from shared
where share_of_releases >= {{ smallest_share }}
