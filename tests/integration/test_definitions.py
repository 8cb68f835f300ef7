"""What Dagster loads, and what its checks said of the committed raw files."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from conftest import PROJECT, Warehouse
from dagster._utils.test.definitions import scoped_reconstruction_serdes_objects

from orchestration import config, landing
from orchestration.config import Home
from orchestration.defs.assets import landing_assets
from orchestration.defs.definitions import defs
from orchestration.defs.request import build_request
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import find_sources

Definitions = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def definitions(warehouse: Warehouse) -> Definitions:
    listed = warehouse.run("dg", "list", "defs", "--json")
    assert listed.returncode == 0, listed.stderr
    found: Definitions = json.loads(listed.stdout)
    return found


@pytest.fixture(scope="module")
def evaluations(warehouse: Warehouse) -> dict[str, dg.AssetCheckEvaluation]:
    """Return what each check said in the build, by keys such as `raw/companies/x:data_recency`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(warehouse.home / "dagster"))
        with dg.DagsterInstance.get() as instance:
            (run,) = instance.get_runs()
            logs = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    events = [log.get_dagster_event().asset_check_evaluation_data for log in logs]
    return {f"{e.asset_key.to_user_string()}:{e.check_name}": e for e in events}


@pytest.fixture(scope="module")
def instance(warehouse: Warehouse) -> Iterator[dg.DagsterInstance]:
    """Open what Dagster knows of the build."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(warehouse.home / "dagster"))
        with dg.DagsterInstance.get() as opened:
            yield opened


def names(entries: list[dict[str, Any]], name: str = "name") -> set[str]:
    return {entry[name] for entry in entries}


def group(definitions: Definitions, name: str) -> set[str]:
    return {a["asset_key"] for a in definitions["assets"] if a["group_name"] == name}


def sources(raw: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the asset and the facts of each committed source that has data."""
    for path in raw.glob("*/*/source.yml"):
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
        if len(list(path.parent.iterdir())) == 1 and "python_package" not in facts.get(
            "reader", {}
        ):
            assert facts["refresh"]["enabled"] is False, path
            continue
        yield f"raw/{path.parent.relative_to(raw).as_posix()}", facts


def test_dg_accepts_the_project(warehouse: Warehouse) -> None:
    checked = warehouse.run("dg", "check", "defs")
    assert checked.returncode == 0, checked.stderr
    assert "All definitions loaded successfully" in checked.stdout + checked.stderr


def test_importing_reads_neither_the_environment_nor_the_home(tmp_path: Path) -> None:
    modules = sorted(
        ".".join(path.relative_to(PROJECT).with_suffix("").parts)
        for path in (PROJECT / "orchestration").rglob("*.py")
        if not path.stem.startswith("__")
    )
    nowhere = {"GENAI_LEDGER_RAW": "/nonexistent", "GENAI_LEDGER_HOME": str(tmp_path / "home")}
    imports = "\n".join(f"import {module}" for module in modules)
    imported = subprocess.run(
        [sys.executable, "-c", imports],
        env=os.environ | nowhere,
        capture_output=True,
        text=True,
        check=False,
    )
    assert imported.returncode == 0, imported.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("is_there", [False, True])
def test_nothing_to_build_from_is_one_sentence(tmp_path: Path, is_there: bool) -> None:
    raw = tmp_path / "raw"
    if is_there:
        (raw / "funding_rounds").mkdir(parents=True)
    built = Warehouse(raw, tmp_path / "home").build()
    assert built.returncode == 1
    (sentence,) = built.stderr.splitlines()
    said = "holds no data yet; `genai-ledger add FILE` puts a file there" if is_there else "is not"
    assert sentence.startswith(f"Error: the folder of raw files, {raw}, {said}")


def test_a_source_that_came_after_dagster_loaded_is_landed(
    copied_warehouse: Callable[[str], Warehouse],
) -> None:
    later = copied_warehouse("later")
    home = Home(later.home)
    kinds = read_kinds(config.KINDS_FILE)
    sources = find_sources(later.raw, kinds).sources
    known = [source for source in sources if source.kind == "funding_rounds"]
    land = landing_assets(home, later.raw, kinds, known)
    shutil.rmtree(known[0].folder)
    done = dg.materialize([land], resources={"request": build_request(home, later.raw)})
    assert done.success
    landed = set(landing.read_catalogue(home.landing).column("source").to_pylist())
    assert landed == {s.name for s in sources if s.snapshots and s is not known[0]}
    gone = done.asset_materializations_for_node("land")[0]
    assert gone.metadata["dagster/row_count"].value == 0


def test_each_folder_of_raw_is_an_asset(warehouse: Warehouse, definitions: Definitions) -> None:
    assert group(definitions, "raw") == {asset for asset, _ in sources(warehouse.raw)}


@pytest.fixture
def started_by_hand(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the environment of a process that is started by hand on the warehouse."""
    for name in ("DAGSTER_HOME", "DBT_PROFILES_DIR", "DBT_TARGET_PATH", "DBT_LOG_PATH"):
        monkeypatch.setenv(name, "")
    for name, value in warehouse.environment.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("started_by_hand")
def test_a_run_has_the_sources_that_dagster_showed_when_it_loaded() -> None:
    shown = ["funding_rounds/gone_since", "funding_rounds/genai_rounds"]
    with scoped_reconstruction_serdes_objects({"genai_ledger_sources": shown}):
        repository = defs().get_repository_def()
    keys = {key.to_user_string() for key in repository.asset_graph.get_all_asset_keys()}
    assert {key for key in keys if key.startswith("raw/")} == {f"raw/{name}" for name in shown}


@pytest.mark.usefixtures("started_by_hand")
def test_a_process_without_a_dagster_home_says_once_which_one_it_uses(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DAGSTER_HOME")
    with scoped_reconstruction_serdes_objects({"genai_ledger_sources": []}):
        defs()
        told = capsys.readouterr().err
        defs()
    home = warehouse.home / "dagster"
    assert f"DAGSTER_HOME is not set: this process uses {home}; `dg dev` keeps its runs" in told
    assert not capsys.readouterr().err


def test_the_assets_between_raw_and_dbt_and_after_it(definitions: Definitions) -> None:
    assert group(definitions, "landing") == {
        "landing/benchmarks",
        "landing/claims",
        "landing/companies",
        "landing/exchange_rates",
        "landing/funding_rounds",
        "landing/model_scores",
        "landing/open_models",
        "landing/source_files",
    }
    assert group(definitions, "published") == {
        "dictionary",
        "docs",
        "exports",
        "published",
        "report",
    }


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("staging", "models/staging/**/*.sql"),
        ("intermediate", "models/intermediate/**/*.sql"),
        ("marts", "models/marts/**/*.sql"),
        ("audit", "models/audit/**/*.sql"),
        ("seeds", "seeds/*.csv"),
    ],
)
def test_each_file_of_the_dbt_project_is_an_asset_in_the_group_of_its_folder(
    pytestconfig: pytest.Config, definitions: Definitions, name: str, files: str
) -> None:
    paths = list((pytestconfig.rootpath / "dbt_project").glob(files))
    assert paths
    assert group(definitions, name) == {f"{name}/{path.stem}" for path in paths}


def test_every_asset_has_a_group_and_a_description(definitions: Definitions) -> None:
    for asset in definitions["assets"]:
        assert asset["group_name"] in {
            *("raw", "landing", "seeds", "staging", "intermediate", "marts", "audit", "published")
        }, asset["asset_key"]
        assert asset["description"], asset["asset_key"]


def test_every_asset_has_an_owner_and_leads_to_its_code(definitions: Definitions) -> None:
    for asset in definitions["assets"]:
        assert asset["owners"] == [{"team": "maintainers"}], asset["asset_key"]
        assert (PROJECT / asset["source"].partition(":")[0]).is_file(), asset["asset_key"]
    tags = [tag for asset in definitions["assets"] for tag in asset.get("tags", ())]
    kept = {tag["value"] for tag in tags if tag["key"] == "kept_as"}
    assert kept == {"seed", "table", "view"}


def test_what_a_run_made_is_shown_with_rows_lineage_and_what_moved(
    warehouse: Warehouse, instance: dg.DagsterInstance
) -> None:
    def told(key: str) -> dict[str, Any]:
        event = instance.get_latest_materialization_event(dg.AssetKey(key.split("/")))
        assert event is not None
        assert event.asset_materialization is not None
        return {name: v.value for name, v in event.asset_materialization.metadata.items()}

    rows = warehouse.query("select count(*) as n from marts.rpt_layer_share")["n"][0]
    assert told("marts/rpt_layer_share")["dagster/row_count"] == rows
    assert told("staging/stg_funding_rounds")["dagster/row_count"] > 0
    made_of = told("marts/rpt_layer_share")["dagster/column_lineage"].deps_by_column
    assert made_of.keys() >= {"as_of_month", "raised_usd", "share"}
    assert all(dep.asset_key.path[0] == "intermediate" for dep in made_of["as_of_month"])
    published = told("published")
    assert published["dagster/row_count"] > rows
    # Tables stand in a run's page as they are.
    headline = [record.data for record in published["headline"].records]
    assert any("%" in str(row["figure"]) for row in headline)
    assert {"tables", "layers", "rounds", "dollars", "rejected_rows"} <= published.keys()


def test_a_build_from_the_command_line_stands_in_the_timeline_and_says_what_changed(
    instance: dg.DagsterInstance,
) -> None:
    (run,) = instance.get_runs()
    assert run.remote_job_origin is not None
    assert run.remote_job_origin.location_name == "genai_ledger"
    assert run.tags["genai_ledger/changed"]


def test_what_runs_and_when(definitions: Definitions) -> None:
    assert names(definitions["jobs"]) == {
        "build_warehouse",
        "check_freshness",
        "prune_job",
        "refresh_job",
    }
    assert names(definitions["schedules"]) == {
        "daily_build",
        "daily_pruning",
        "daily_refresh",
        "hourly_freshness",
    }
    assert names(definitions["sensors"]) == {"alert_sensor", "raw_folder_sensor"}


def test_every_dbt_test_is_a_check(warehouse: Warehouse, definitions: Definitions) -> None:
    manifest = json.loads((warehouse.home / "dbt" / "manifest.json").read_text(encoding="utf-8"))
    tests = [n for n in manifest["nodes"].values() if n["resource_type"] == "test"]
    ours = {"file_is_readable", "data_recency", "all_of_raw_is_used"}
    of_dbt = [c for c in definitions["asset_checks"] if c["name"] not in ours]
    assert len(of_dbt) == len(tests) > 100


def test_every_check_says_what_it_asks_in_a_name_that_is_not_cut_off(
    definitions: Definitions,
) -> None:
    for check in definitions["asset_checks"]:
        assert check["description"], check["key"]
        assert len(check["name"]) < 60, check["key"]
        assert not re.search(r"[0-9a-f]{10}", check["name"]), check["key"]


def test_every_source_is_checked_for_readable_files_and_recent_data(
    warehouse: Warehouse, definitions: Definitions
) -> None:
    checks = names(definitions["asset_checks"], "key")
    for asset, _ in sources(warehouse.raw):
        assert {f"{asset}:file_is_readable", f"{asset}:data_recency"} <= checks


def test_every_check_was_judged_in_the_build_and_none_failed(
    definitions: Definitions, evaluations: dict[str, dg.AssetCheckEvaluation]
) -> None:
    assert evaluations.keys() == names(definitions["asset_checks"], "key")
    failed = {
        key
        for key, evaluation in evaluations.items()
        if not evaluation.passed
        and evaluation.severity == dg.AssetCheckSeverity.ERROR
        # The committed files grow old.
        and evaluation.check_name != "data_recency"
    }
    assert not failed


def test_a_frozen_source_is_recent_because_it_is_frozen(
    warehouse: Warehouse, evaluations: dict[str, dg.AssetCheckEvaluation]
) -> None:
    frozen = {
        asset: facts["frozen_because"]
        for asset, facts in sources(warehouse.raw)
        if facts["cadence"] == "frozen"
    }
    assert frozen
    for asset, reason in frozen.items():
        verdict = evaluations[f"{asset}:data_recency"]
        assert verdict.passed
        assert verdict.description == f"Frozen: {reason}"
