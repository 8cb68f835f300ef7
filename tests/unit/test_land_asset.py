"""What a run says of what it landed: what is refused ends it red, after the rest is used."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.data_version import (
    DATA_VERSION_TAG,
    INPUT_DATA_VERSION_TAG_PREFIX,
)
from dagster._core.definitions.freshness import TimeWindowFreshnessPolicy

from benchmarks.resilience.source import FROZEN, WEEKLY
from orchestration.config import Home
from orchestration.defs import runs, stages
from orchestration.defs.assets import PUBLISHED, all_used_check, landing_assets, said_of
from orchestration.defs.automation import data_recency_checks, freshness_policy
from orchestration.defs.definitions import shown_sources
from orchestration.defs.request import build_request
from orchestration.defs.runs import REFUSED_TAG
from orchestration.defs.source_states import source_states
from orchestration.landing import land as land_files
from orchestration.landing import read_catalogue
from orchestration.publication import provenance
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import find_sources, raw_files

KINDS = read_kinds()
LANDED = ["landing", "funding_rounds"]
_USED = f"{INPUT_DATA_VERSION_TAG_PREFIX}/raw/funding_rounds/weekly"
ROUNDS = "Company,Date,Amount\nNimbus,2026-01-01,$1M\n"


class Runs:
    """A raw folder, and runs of the assets around dbt, with nothing in the place of dbt."""

    def __init__(self, folder: Path) -> None:
        self.home, self.raw = Home(folder / "home"), folder / "raw"
        self.instance = dg.DagsterInstance.ephemeral()

    def add(self, source: str, yml: str = FROZEN, data: str = ROUNDS, ending: str = "csv") -> Path:
        folder = self.raw / "funding_rounds" / source
        folder.mkdir(parents=True)
        (folder / "source.yml").write_text(yml)
        path = folder / f"2026-01-01.{ending}"
        path.write_text(data)
        return path

    def run(
        self, *shown: str, only: Sequence[dg.AssetKey] | None = None
    ) -> dg.ExecuteInProcessResult:
        sources = shown_sources(self.raw, KINDS, shown or None)
        keys = {f"{s.kind}/{s.name}": dg.AssetKey(["raw", s.kind, s.name]) for s in sources}

        @dg.asset(name="published", deps=[dg.AssetKey(["landing", "funding_rounds"])])
        def published() -> None:
            pass

        definitions = dg.Definitions(
            assets=[landing_assets(self.home, self.raw, KINDS, sources), published],
            asset_checks=[
                all_used_check(self.home, self.raw, KINDS),
                data_recency_checks(self.home, self.raw, KINDS, keys),
            ],
            jobs=[dg.define_asset_job("build_warehouse", executor_def=dg.in_process_executor)],
            resources={"request": build_request(self.home, self.raw)},
        )
        job = definitions.resolve_job_def("build_warehouse")
        return job.execute_in_process(
            instance=self.instance, raise_on_error=False, asset_selection=only
        )


@pytest.fixture
def runner(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def verdicts(result: dg.ExecuteInProcessResult, check: str) -> dict[str, bool]:
    return {
        e.asset_key.to_user_string(): e.passed
        for e in result.get_asset_check_evaluations()
        if e.check_name == check
    }


def test_a_run_in_which_all_is_used_is_green_and_says_what_it_read(runner: Runs) -> None:
    runner.add("good")
    result = runner.run()
    assert result.success
    (run,) = runner.instance.get_runs()
    assert run.tags[runs.RAW_TAG] == runs.raw_hash(raw_files(runner.raw))
    assert REFUSED_TAG not in run.tags
    assert verdicts(result, "all_of_raw_is_used") == {"published": True}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            {"source": "corrupt", "data": "PK\x03\x04half", "ending": "xlsx"},
            "corrupt/2026-01-01.xlsx",
        ),
        ({"source": "headless", "data": "a,b\n1,2\n"}, "headless/2026-01-01.csv"),
        ({"source": "mistyped", "yml": "title: ["}, "mistyped/source.yml"),
    ],
)
def test_what_is_refused_ends_the_run_red_after_the_rest_was_made(
    runner: Runs, source: dict[str, str], said: str
) -> None:
    runner.add("good")
    runner.add(**source)
    result = runner.run()
    assert not result.success
    (failed,) = result.get_step_failure_events()
    assert failed.step_key == "all_of_raw_is_used"
    told = failed.step_failure_data.user_failure_data
    assert told is not None
    assert said in str(told.description)
    # What is right was made, and the source that was refused is still shown, with its check.
    assert result.asset_materializations_for_node("published")
    names = ("good", source["source"])
    good, refused = (f"raw/funding_rounds/{name}" for name in names)
    assert verdicts(result, "file_is_readable") == {good: True, refused: False}
    assert verdicts(result, "data_recency") == {good: True, refused: False}
    (run,) = runner.instance.get_runs()
    assert run.status == dg.DagsterRunStatus.FAILURE
    assert REFUSED_TAG in run.tags
    assert "land" not in provenance.keys(runner.home)


def test_nothing_to_land_is_red_in_one_sentence(runner: Runs) -> None:
    runner.raw.mkdir()
    result = runner.run()
    assert not result.success
    events = result.get_step_failure_events()
    told = [e.step_failure_data.user_failure_data for e in events if e.step_key == "land"]
    assert told[0] is not None
    assert "holds no data yet" in str(told[0].description)


def test_a_run_is_recorded_with_the_bytes_that_it_read(
    runner: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    changing, going = runner.add("changing"), runner.add("going")
    runner.add("good")

    def land_a_moment_later(*arguments: Any) -> Any:
        changing.write_text(ROUNDS.replace("$1M", "$2M"))
        return land_files(*arguments)

    def find_a_moment_later(*arguments: Any) -> Any:
        shutil.rmtree(going.parent, ignore_errors=True)
        return find_sources(*arguments)

    seen: dict[str, str] = {}
    key = provenance.key

    def keep(result: str, *made_of: Any) -> str:
        if result == "land":
            seen.update(*made_of)
        return key(result, *made_of)

    monkeypatch.setattr("orchestration.landing.land", land_a_moment_later)
    monkeypatch.setattr("orchestration.defs.assets.provenance.key", keep)
    monkeypatch.setattr("orchestration.defs.assets.find_sources", find_a_moment_later)
    assert runner.run().success
    assert seen == raw_files(runner.raw)
    assert not [name for name in seen if "/going/" in name]


def test_one_source_lands_alone(runner: Runs) -> None:
    one, other = runner.add("one"), runner.add("other")
    assert runner.run().success
    for path in (one, other):
        path.write_text(ROUNDS.replace("$1M", "$2M"))
    before = {e["source"]: e["sha256"] for e in read_catalogue(runner.home.landing).to_pylist()}
    key = dg.AssetKey(["raw", "funding_rounds", "one"])
    result = runner.run(only=[key])
    assert result.success
    assert [e.asset_key for e in result.get_asset_materialization_events()] == [key]
    assert verdicts(result, "file_is_readable") == {"raw/funding_rounds/one": True}
    now = {e["source"]: e["sha256"] for e in read_catalogue(runner.home.landing).to_pylist()}
    assert now["one"] != before["one"]
    assert now["other"] == before["other"]
    # Nothing counts as landed, also when the file is put back, until a build has landed all.
    one.write_text(ROUNDS)
    other.write_text(ROUNDS)
    assert not stages.is_landed(runner.home, raw_files(runner.raw))
    assert runner.run().success
    assert stages.is_landed(runner.home, raw_files(runner.raw))


def test_a_kind_lands_with_all_of_its_sources_and_a_source_that_is_refused_alone_is_tried_again(
    runner: Runs,
) -> None:
    runner.add("one")
    broken = runner.add("broken", data="a,b\n1,2\n")
    landed = dg.AssetKey(LANDED)
    result = runner.run(only=[landed])
    assert [e.asset_key for e in result.get_asset_materialization_events()] == [landed]
    files = {e["source"] for e in read_catalogue(runner.home.landing).to_pylist()}
    assert files == {"one", "broken"}
    broken.write_text(ROUNDS)
    assert runner.run().success
    broken.write_text("a,b\n1,2\n")
    result = runner.run(only=[dg.AssetKey(["raw", "funding_rounds", "broken"])])
    assert verdicts(result, "file_is_readable") == {"raw/funding_rounds/broken": False}
    assert "land" not in provenance.keys(runner.home)


@pytest.mark.parametrize("moment", ["2026-01-08T12:00", "2026-01-12T12:00", "2026-01-20T12:00"])
def test_the_badge_of_a_source_turns_when_its_check_does(runner: Runs, moment: str) -> None:
    runner.add("weekly", WEEKLY)
    assert runner.run().success
    key = dg.AssetKey(["raw", "funding_rounds", "weekly"])
    (source,) = shown_sources(runner.raw, KINDS)
    policy = freshness_policy(source)
    assert isinstance(policy, TimeWindowFreshnessPolicy)
    assert policy.warn_window
    event = runner.instance.get_latest_materialization_event(key)
    assert event
    now = dt.datetime.fromisoformat(f"{moment}+00:00")
    # As Dagster's own evaluator does: seconds since the newest materialization.
    age = dt.timedelta(seconds=now.timestamp() - event.timestamp)
    badge = "stale" if age >= policy.fail_window.to_timedelta() else "late"
    badge = badge if age >= policy.warn_window.to_timedelta() else "fresh"
    (state,) = source_states(runner.home, find_sources(runner.raw, KINDS), KINDS, now)
    assert state.state == badge


def test_a_source_is_new_to_what_is_made_of_it_when_its_files_are(runner: Runs) -> None:
    path = runner.add("weekly", WEEKLY)
    raw, landed = dg.AssetKey(["raw", "funding_rounds", "weekly"]), dg.AssetKey(LANDED)

    def of_run() -> tuple[str | None, str | None]:
        assert runner.run().success
        told, made = map(runner.instance.get_latest_materialization_event, (raw, landed))
        assert told and told.asset_materialization and made and made.asset_materialization
        # What Dagster is told of the data's time comes after the run's own event.
        assert "speak of" in str(told.asset_materialization.description)
        tags = (made.asset_materialization.tags or {}, told.asset_materialization.tags or {})
        used, is_now = (
            tag.get(name) for tag, name in zip(tags, (_USED, DATA_VERSION_TAG), strict=True)
        )
        return used, is_now

    used, first = of_run()
    assert used == first is not None
    assert of_run() == (first, first)
    path.write_text(ROUNDS.replace("$1M", "$2M"))
    used, second = of_run()
    assert used == second != first


def test_a_run_has_the_sources_that_were_shown_when_it_was_asked_for(runner: Runs) -> None:
    runner.add("good")
    broken = runner.add("broken")
    shown = [f"{source.kind}/{source.name}" for source in shown_sources(runner.raw, KINDS)]
    assert shown == ["funding_rounds/broken", "funding_rounds/good"]
    runner.add("new")
    shutil.rmtree(broken.parent)
    result = runner.run(*shown)
    assert result.success
    # What is new is landed, though it isn't shown yet; what is gone is shown once more, empty.
    assert set(read_catalogue(runner.home.landing).column("source").to_pylist()) == {"good", "new"}
    assert verdicts(result, "data_recency") == {
        "raw/funding_rounds/broken": False,
        "raw/funding_rounds/good": True,
    }


def test_of_a_version_that_stands_a_run_repeats_what_was_said_and_of_no_other() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert said_of({"id": "a"}, instance) is None
        told: dict[str, Any] = {"version": "a", "rounds": 5, "moved": "A share by a point."}
        instance.report_runless_asset_event(dg.AssetMaterialization(PUBLISHED, metadata=told))
        assert said_of({"id": "b"}, instance) is None
        again = said_of({"id": "a"}, instance)
    assert again is not None
    assert again["rounds"].value == 5
    assert again["moved"] == "Nothing: the version before stands."
