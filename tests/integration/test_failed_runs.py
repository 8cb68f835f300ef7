"""Whatever fails ends red, after publishing what is right; nothing is green with nothing made."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from typing import Any

import dagster as dg
import pytest
from conftest import Warehouse

from orchestration import config
from orchestration.config import Home
from orchestration.defs import dbt_project, runs
from orchestration.defs.dbt_state import DbtState
from orchestration.defs.definitions import definitions
from orchestration.publication import versions

Copy = Callable[[str], Warehouse]
VENDOR_SOURCE = """\
title: Export of a vendor
producer: A vendor
url: https://example.com/export
licence: For tests only
accessed_on: 2023-07-01
contents: A round.
cadence: frozen
frozen_because: An export of one day.
"""
VENDOR_ROUNDS = "Startup Name,Date,Amount Raised\nNimbus Prompting,05/23/2023,$2.1M\n"


@pytest.fixture(scope="module")
def copy(copied_warehouse: Copy) -> Warehouse:
    return copied_warehouse("failing")


@pytest.fixture
def run(
    copy: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dg.ExecuteInProcessResult]:
    """Return a function that runs the whole build in this process."""
    for name in ("DAGSTER_HOME", "DBT_PROFILES_DIR", "DBT_TARGET_PATH", "DBT_LOG_PATH"):
        monkeypatch.setenv(name, "")
    for name, value in copy.environment.items():
        monkeypatch.setenv(name, value)

    def run(**request: Any) -> dg.ExecuteInProcessResult:
        home = config.prepare_environment()
        job = definitions(home, copy.raw).resolve_job_def("build_warehouse")
        return job.execute_in_process(
            instance=dg.DagsterInstance.ephemeral(),
            run_config={"resources": {"request": {"config": request}}},
            raise_on_error=False,
        )

    return run


def told(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """Return what each step that failed says."""
    said = {}
    for event in result.get_step_failure_events():
        failure = event.step_failure_data.user_failure_data
        said[str(event.step_key)] = (failure and failure.description) or str(
            event.step_failure_data.error
        )
    return said


def test_a_run_with_nothing_to_build_says_of_each_check_what_it_said(
    copy: Warehouse, run: Callable[..., dg.ExecuteInProcessResult]
) -> None:
    # Nothing has changed yet: this test and the next stand first.
    result = run()
    assert result.success
    nodes = json.loads((copy.home / "dbt" / "manifest.json").read_text())["nodes"].values()
    tests = sum(node["resource_type"] == "test" for node in nodes)
    said = [e for e in result.get_asset_check_evaluations() if "unchanged" in str(e.metadata)]
    assert len({(e.asset_key, e.check_name) for e in said}) == tests
    assert all(e.passed for e in said)


@pytest.mark.parametrize(
    ("function", "step"),
    [
        ("stages.describe", "dictionary"),
        ("stages.write_docs", "docs"),
        ("publish.publish", "published"),
        ("stages.write_exports", "exports"),
        ("stages.write_report", "report"),
    ],
)
def test_a_stage_that_fails_is_red_in_its_words_and_what_is_served_stays(
    copy: Warehouse,
    run: Callable[..., dg.ExecuteInProcessResult],
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    step: str,
) -> None:
    # Nothing has changed yet, so that no other step has anything to do.
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = versions.served_id(Home(copy.home))
    monkeypatch.setattr(f"orchestration.defs.assets.{function}", fail)
    result = run()
    assert not result.success
    assert told(result).keys() == {step}
    assert "No space left on device" in told(result)[step]
    assert versions.served_id(Home(copy.home)) == before


def test_a_dbt_that_never_started_is_red(
    copy: Warehouse, run: Callable[..., dg.ExecuteInProcessResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = versions.served_id(Home(copy.home))
    monkeypatch.setattr(dbt_project, "DBT_COMMAND", ("false",))
    result = run(force=True)
    assert not result.success
    assert told(result).keys() == {"dbt_build"}
    assert "dbt stopped before any result" in told(result)["dbt_build"]
    assert versions.served_id(Home(copy.home)) == before


def test_a_model_that_raises_is_red_by_its_name(
    copy: Warehouse, run: Callable[..., dg.ExecuteInProcessResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, arguments = versions.served_id(Home(copy.home)), DbtState.arguments
    no_day = ["--vars", '{"as_of": "no day"}']
    monkeypatch.setattr(
        DbtState, "arguments", lambda state, unchanged: [*arguments(state, unchanged), *no_day]
    )
    result = run(force=True)
    assert not result.success
    assert told(result).keys() == {"dbt_build"}
    assert "no day" in told(result)["dbt_build"]
    assert versions.served_id(Home(copy.home)) == before


def test_what_is_refused_ends_the_run_red_after_the_rest_is_published(copy: Warehouse) -> None:
    for name in ("vendor", "corrupt", "mistyped"):
        folder = copy.raw / "funding_rounds" / name
        folder.mkdir()
        (folder / "source.yml").write_text(VENDOR_SOURCE)
        (folder / "2023-07-01.csv").write_text(VENDOR_ROUNDS)
    corrupt = copy.raw / "funding_rounds" / "corrupt" / "2023-07-01.csv"
    corrupt.write_bytes(b"PK\x03\x04half")
    corrupt.rename(corrupt.with_suffix(".xlsx"))
    (copy.raw / "funding_rounds" / "mistyped" / "source.yml").write_text("title: [")

    built = copy.build()

    assert built.returncode == 1
    problems = [line for line in built.stderr.splitlines() if line.startswith("Problem: ")]
    assert len(problems) == 2, built.stderr
    assert any("corrupt/2023-07-01.xlsx" in line for line in problems)
    assert any("mistyped/source.yml" in line for line in problems)
    assert copy.query(
        "select amount_usd from marts.fct_funding_rounds where source_row_id like '%/vendor/%'"
    ).to_numpy().tolist() == [[2_100_000]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(copy.home / "dagster"))
        with dg.DagsterInstance.get() as instance:
            newest = instance.get_runs(limit=1)[0]
            logs = instance.all_logs(
                newest.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
            )
    assert newest.status == dg.DagsterRunStatus.FAILURE
    assert runs.REFUSED_TAG in newest.tags
    verdicts = [log.get_dagster_event().asset_check_evaluation_data for log in logs]
    failed = {
        v.asset_key.to_user_string()
        for v in verdicts
        if v.check_name == "file_is_readable" and not v.passed
    }
    # A source whose source.yml can't be read is still listed, and its check says why.
    assert failed == {"raw/funding_rounds/corrupt", "raw/funding_rounds/mistyped"}
