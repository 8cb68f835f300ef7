"""The project's own rule for dbt: what a model may use, so that it runs on either engine."""

from __future__ import annotations

import re

import pytest

from orchestration.config import PROJECT

bouncer = pytest.importorskip("dbt_bouncer.testing", reason="it needs Python 3.11 or later")

RULE = "check_model_runs_on_both_engines"


def model(sql: str) -> dict[str, str]:
    return {"name": "rpt_layer_share", "raw_code": sql}


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("select a from t qualify row_number() over (order by a) = 1", "number the rows"),
        ("select a, count(*) from t group by all", "name the columns"),
        ("select sum(a) filter (where b) from t", "case into the aggregate"),
        ("select distinct on (a) a, b from t", "keep the first"),
        ("select a from t asof join s on t.b >= s.b", "join"),
        ("select list_sort(a) from t", "list_sort"),
        ("select string_agg(a, ';') from t", "string_agg"),
        ("select a[1] from t", "lists"),
        ("select a ->> '$.b' from t", "json_text"),
        ("select 7 // 2 from t", "floor"),
        ("select cast(a as varchar) from t", "type_string"),
        ("select explode(a) from t", "explode"),
        ("select * exclude (a) from t", "name the columns"),
        ("select rank() over (partition by a order by coalesce(b, 0), t.c) from t", "`c`: where"),
    ],
)
def test_what_one_engine_has_is_refused_with_the_reason(sql: str, reason: str) -> None:
    bouncer.check_fails(
        RULE, custom_checks_dir=PROJECT / "dbt_checks", model=model(sql), match=reason
    )


def test_what_comments_texts_and_macros_hold_is_no_construct() -> None:
    sql = "-- don't qualify\nselect 'a [1] qualify' as a, {{ f()[0] }} as b from {{ ref('t') }}"
    bouncer.check_passes(RULE, custom_checks_dir=PROJECT / "dbt_checks", model=model(sql))


def test_what_says_where_missing_values_go_or_has_none_is_sorted_alike() -> None:
    keys = "round_id, b desc, c nulls last, coalesce(d, min(e)) rows between 1 preceding"
    sql = f"select sum(a) over (partition by f order by {keys} and current row) from t"
    bouncer.check_passes(RULE, custom_checks_dir=PROJECT / "dbt_checks", model=model(sql))


def test_a_seed_has_types_of_both_engines() -> None:
    def seed(type_: str) -> dict[str, object]:
        return {"name": "aliases", "config": {"column_types": {"name": type_}}}

    rule, rules = "check_seed_types_are_of_both_engines", PROJECT / "dbt_checks"
    bouncer.check_passes(rule, custom_checks_dir=rules, seed=seed("string"))
    bouncer.check_fails(rule, custom_checks_dir=rules, seed=seed("varchar"), match="use one of")


def test_each_dispatched_macro_is_listed_with_its_reason() -> None:
    macros = "\n".join(path.read_text() for path in (PROJECT / "dbt_project/macros").glob("*.sql"))
    dispatched = set(re.findall(r"adapter\.dispatch\('(\w+)'\)", macros))
    listed = re.findall(r"^\| `(\w+)` \| \S", (PROJECT / "docs/scale.md").read_text(), re.MULTILINE)
    assert dispatched == set(listed)
    for macro in dispatched:
        assert f"macro duckdb__{macro}(" in macros
        assert f"macro spark__{macro}(" in macros or f"macro default__{macro}(" in macros
