"""The dbt project on its own: a bare `dbt build`, with its unit tests, on the committed data."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
import yaml
from conftest import Warehouse

from benchmarks.engines import differences
from benchmarks.generate import Size, generate
from orchestration.config import DBT_PROJECT, MEMORY_LIMIT, Home
from orchestration.landing import land
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import find_sources

AS_OF = "2023-03-31"
# What became known later, by the first column of each table that `--as-of` cuts.
OF_LATER_DAYS = {
    "fct_funding_rounds": f"""
        select round_id as id from marts.fct_funding_rounds where announced_on > '{AS_OF}'""",
    "dim_investors": f"""
        select investor_id as id from marts.fct_round_investors
        inner join marts.fct_funding_rounds using (round_id)
        group by investor_id having min(announced_on) > '{AS_OF}'""",
    "dim_models": f"""
        select model_id as id from marts.fct_model_releases where released_on > '{AS_OF}'""",
    "fct_model_scores": f"""
        select model_id as id from marts.fct_model_scores
        group by model_id having min(as_of) > '{AS_OF}'""",
    "fct_benchmarks": f"""
        select metric as id from marts.fct_benchmarks
        group by metric
        having min(period_ends_on) > '{AS_OF}' and count(period_ends_on) = count(*)""",
}


def test_a_bare_dbt_build_passes_with_its_unit_tests(warehouse: Warehouse, tmp_path: Path) -> None:
    shutil.copytree(warehouse.home / "landing", tmp_path / "landing")
    bare = warehouse._replace(home=tmp_path)
    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    written = ["--target-path", str(tmp_path / "dbt"), "--log-path", str(tmp_path / "logs")]
    finished = bare.run("dbt", "build", *folders, *written)
    assert finished.returncode == 0, finished.stdout[-4000:]
    assert " unit tests" in finished.stdout
    assert "WARN=0 ERROR=0 SKIP=0" in finished.stdout


def test_dbt_keeps_within_the_memory_that_it_is_given(
    warehouse: Warehouse,
    new_warehouse: Callable[[Path], Warehouse],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bare = new_warehouse(tmp_path)
    (bare.home / "landing").symlink_to(warehouse.home / "landing")
    for limit, ends_well in (("1MB", False), ("500MB", True)):
        monkeypatch.setenv(MEMORY_LIMIT, limit)
        finished = bare.dbt("seed", "--select", "layers")
        assert (finished.returncode == 0) is ends_well, finished.stdout[-4000:]
        assert ("Out of Memory" in finished.stdout) is not ends_well


def test_everything_holds_and_nothing_is_of_a_day_after_as_of(
    warehouse: Warehouse, new_warehouse: Callable[[Path], Warehouse], tmp_path: Path
) -> None:
    then = new_warehouse(tmp_path)
    shutil.copytree(warehouse.home / "landing", then.home / "landing")
    asked = ("--exclude-resource-type", "unit_test", "--vars", f"as_of: {AS_OF}")
    finished = then.dbt("build", *asked)
    assert finished.returncode == 0, finished.stdout[-4000:]
    with duckdb.connect(str(then.home / "candidate.duckdb"), read_only=True) as connection:
        for table, query in OF_LATER_DAYS.items():
            later = set(warehouse.query(query)["id"])
            known = set(connection.execute(f"from marts.{table}").df().iloc[:, 0])
            assert later and known, table
            assert not later & known, table
        claims = connection.execute(
            "select distinct verdict, computed_value, not_comparable_because "
            f"from audit.claims where as_of > '{AS_OF}'"
        ).fetchall()
    assert {claim[:2] for claim in claims} == {("not comparable", None)}
    assert "the claim is of a day after as_of" in {reason for *_, reason in claims}


def test_no_rows_are_compared_each_with_each_where_a_key_would_do(warehouse: Warehouse) -> None:
    home = Home(warehouse.home)
    results = json.loads(home.audit_results.read_text())["results"]
    queries = {r["unique_id"]: r["compiled_code"] for r in results if r["compiled_code"]}
    assert any(name.startswith("model.") for name in queries)
    with duckdb.connect(str(home.work), read_only=True) as connection:
        connection.execute(f"attach '{home.candidate}' as candidate (read_only)")
        # A left join on a key and on something of the left table alone becomes such a loop.
        quadratic = {
            (name, condition)
            for name, query in queries.items()
            for condition in loops(connection, query)
            if re.search(r"(?<!OR )\(\w+ = [a-z]\w*\)(?! OR)", condition)
        }
    assert not quadratic


def test_where_missing_values_are_sorted_decides_nothing(
    new_warehouse: Callable[[Path], Warehouse], tmp_path: Path
) -> None:
    made_up, kinds = new_warehouse(tmp_path / "as_duckdb"), read_kinds()
    generate(made_up.raw, Size(5_000, 2_000))
    land(find_sources(made_up.raw, kinds).sources, kinds, made_up.raw, made_up.home / "landing")
    as_spark = new_warehouse(tmp_path / "as_spark")
    shutil.copytree(made_up.home / "landing", as_spark.home / "landing")
    profiles = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text())
    profiles["genai_ledger"]["outputs"]["dev"]["settings"] = {
        "default_null_order": "nulls_first_on_asc_last_on_desc"
    }
    (as_spark.home / "profiles.yml").write_text(yaml.safe_dump(profiles))
    for built, profile in ((made_up, DBT_PROJECT), (as_spark, as_spark.home)):
        types = ("--resource-type", "seed", "--resource-type", "model")
        finished = built.dbt("build", "--profiles-dir", str(profile), *types)
        assert finished.returncode == 0, finished.stdout[-4000:]
    one, other = (built.home / "candidate.duckdb" for built in (made_up, as_spark))
    with duckdb.connect(str(one), read_only=True) as connection:
        assert connection.execute("from marts.fct_funding_rounds limit 1").fetchall()
    assert list(differences(one, other)) == []


def loops(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[str]:
    """Give the conditions of the joins that compare each row of a table with each of another."""
    (explained,) = connection.execute(f"explain (format json) {query}").fetchall()
    steps = json.loads(explained[1])
    while steps:
        step = steps.pop()
        steps += step["children"]
        if step["name"].strip() == "BLOCKWISE_NL_JOIN":
            yield step["extra_info"]["Condition"]


@pytest.mark.parametrize(
    ("table", "change", "broken"),
    [
        (
            "fct_funding_rounds",
            "update {} set round_id = null where company_id = 'openai'",
            {("not_null", "round_id")},
        ),
        (
            "fct_funding_rounds",
            "insert into {0} from {0} limit 1",
            {("unique", "round_id"), ("unique", "source_row_id")},
        ),
        ("fct_funding_rounds", "update {} set kind = 'gift'", {("accepted_values", "kind")}),
        (
            "fct_funding_rounds",
            "update {} set company_id = 'nobody'",
            {("relationships", "company_id")},
        ),
        ("rpt_layer_share", "update {} set share = 1.5", {("is_between", "share")}),
        (
            "rpt_layer_share",
            "insert into {0} from {0} limit 1",
            {("unique", "as_of_month, universe, layer")},
        ),
    ],
)
def test_a_broken_promise_is_told_by_its_rule_and_columns(
    warehouse: Warehouse, table: str, change: str, broken: set[tuple[str, str]]
) -> None:
    results = json.loads(Home(warehouse.home).audit_results.read_text())["results"]
    (test,) = (r["compiled_code"] for r in results if f".{table}_holds." in r["unique_id"])
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse.served}' as served (read_only)")
        connection.execute("attach ':memory:' as candidate; create schema candidate.marts")
        for other in ("dim_companies", "dim_months", "dim_universes", "dim_layers"):
            connection.execute(f"create view candidate.marts.{other} as from served.marts.{other}")
        copy = f"candidate.marts.{table}"
        connection.execute(f"create table {copy} as from served.marts.{table}")
        assert connection.execute(test).fetchall() == []
        connection.execute(change.format(copy))
        found = connection.execute(test).fetchall()
    assert {(rule, columns) for rule, columns, _ in found} == broken
    assert all(rows > 0 for *_, rows in found)
