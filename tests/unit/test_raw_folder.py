"""When the sensor starts a build: files that settled, not yet built, not just tried."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from benchmarks.resilience.source import WEEKLY
from orchestration import config
from orchestration.config import Home
from orchestration.defs import runs, stages
from orchestration.defs.raw_folder import raw_folder_sensor
from orchestration.publication import provenance
from orchestration.sources.registry import raw_files

FAILURE, SUCCESS = dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.SUCCESS


class Watched:
    """A raw folder of one source, its sensor, and what counts as built."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        self.home, self.raw = Home(folder / "home"), folder / "raw"
        self.instance, self.cursor, self.skipped = instance, "", ""
        self.source = self.raw / "funding_rounds" / "rounds"
        self.source.mkdir(parents=True)
        (self.source / "source.yml").write_text(WEEKLY)
        self.file = self.source / "2026-01-01.csv"
        self.file.write_text("company,amount\nA,1\n")
        self.built: dict[str, str] = {}
        self.sensor = raw_folder_sensor(self.home, self.raw)

    def tick(self) -> list[dg.RunRequest]:
        context = dg.build_sensor_context(self.instance, self.cursor)
        result = self.sensor(context)
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor or ""
        self.skipped = getattr(result.skip_reason, "skip_message", "")
        for request in result.run_requests or ():
            assert request.run_key is None
        return list(result.run_requests or ())

    def run(self, status: dg.DagsterRunStatus, **tags: str) -> dg.DagsterRun:
        raw = runs.raw_hash(raw_files(self.raw))
        run: dg.DagsterRun = create_run_for_test(
            self.instance,
            job_name="build_warehouse",
            status=status,
            tags={runs.RAW_TAG: raw, **tags},
        )
        return run

    def publish(self) -> None:
        self.built = raw_files(self.raw)
        provenance.record(self.home, land=str(time.monotonic_ns()))


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    folder = Watched(tmp_path, dg.DagsterInstance.ephemeral())
    monkeypatch.setattr(stages, "is_built", lambda _, raw, __: raw == folder.built)
    return folder


def test_a_file_that_is_still_being_copied_starts_nothing(watched: Watched) -> None:
    started = []
    for rows in range(5):
        watched.file.write_text("company,amount\n" + "A,1\n" * (rows + 2))
        started += watched.tick()
    assert not started
    assert "waiting until they change no more" in watched.skipped
    (request,) = watched.tick()
    assert request.tags[runs.CHANGED_TAG] == (
        "raw/funding_rounds/rounds/2026-01-01.csv added, raw/funding_rounds/rounds/source.yml added"
    )
    assert request.tags[runs.RAW_TAG] == runs.raw_hash(raw_files(watched.raw))


@pytest.mark.parametrize("status", ["NOT_STARTED", "STARTING", "STARTED"])
def test_no_second_build_is_asked_for_while_one_waits_or_runs(
    watched: Watched, status: str
) -> None:
    run = watched.run(dg.DagsterRunStatus(status))
    watched.tick()
    assert not watched.tick()
    assert "queued or running" in watched.skipped
    watched.file.write_text("company,amount\nB,2\n")
    watched.tick()
    assert not watched.tick()
    watched.instance.report_run_failed(run)
    assert len(watched.tick()) == 1


def test_what_was_killed_is_tried_again(watched: Watched) -> None:
    watched.tick()
    assert watched.tick()
    run = watched.run(dg.DagsterRunStatus.STARTED)
    lock = watched.home.runs / f"{run.run_id}.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()  # its process is gone: nobody holds the lock
    assert not watched.tick()
    killed = watched.instance.get_run_by_id(run.run_id)
    assert killed is not None
    assert killed.status == FAILURE
    assert "failed (1 times): tried again in" in watched.skipped


def test_a_run_that_goes_on_is_not_taken_for_killed(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = watched.run(dg.DagsterRunStatus.STARTED)
    assert runs.fail_killed(watched.home, watched.instance) == []  # it may still be starting
    runs.hold(watched.home, run.run_id)
    a_day_later = time.time() + 90_000
    monkeypatch.setattr(time, "time", lambda: a_day_later)
    assert runs.fail_killed(watched.home, watched.instance) == []
    never_started = watched.run(dg.DagsterRunStatus.NOT_STARTED).run_id
    (watched.home.runs / "left-over.lock").touch()
    os.utime(watched.home.runs / "left-over.lock", (1, 1))
    assert runs.fail_killed(watched.home, watched.instance) == [never_started]
    assert [file.stem for file in watched.home.runs.iterdir()] == [run.run_id]


def test_each_failure_of_the_same_files_waits_twice_as_long(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.tick()
    now = time.time()
    for failures, pause in enumerate([60, 120, 240], start=1):
        watched.run(FAILURE)
        monkeypatch.setattr(time, "time", lambda later=pause: now + later - 5)
        assert not watched.tick()
        assert f"({failures} times)" in watched.skipped
        monkeypatch.setattr(time, "time", lambda later=pause: now + later + 5)
        assert len(watched.tick()) == 1
    watched.file.write_text("company,amount\nB,2\n")
    watched.tick()
    assert len(watched.tick()) == 1


def test_refused_files_are_not_tried_again_until_they_change(watched: Watched) -> None:
    watched.tick()
    watched.run(FAILURE, **{runs.REFUSED_TAG: "yes"})
    assert not watched.tick()
    assert "refused" in watched.skipped
    assert "genai-ledger status" in watched.skipped
    os.utime(watched.file, (1, 1))  # touched, but the same
    watched.tick()
    assert not watched.tick()
    watched.file.write_text("company,amount\nB,2\n")
    watched.tick()
    assert len(watched.tick()) == 1


def test_a_file_moved_out_and_back_is_built_twice(watched: Watched) -> None:
    watched.publish()
    watched.tick()
    assert not watched.tick()
    assert watched.skipped == "What is in raw/ is published."
    assert not watched.tick()
    assert watched.skipped == "Nothing in raw/ changed."
    original = watched.file.read_text()
    watched.run(SUCCESS)
    for text in ("company,amount\nB,2\n", original):
        watched.file.write_text(text)
        watched.tick()
        assert len(watched.tick()) == 1
        watched.publish()
        watched.run(SUCCESS)
        assert not watched.tick()


def test_a_run_of_a_part_says_nothing_of_the_files_before_it(watched: Watched) -> None:
    watched.tick()
    watched.run(FAILURE, **{runs.REFUSED_TAG: "yes"})
    create_run_for_test(watched.instance, job_name="build_warehouse", status=FAILURE)
    assert not watched.tick()
    assert "refused" in watched.skipped


def test_an_empty_raw_folder_starts_nothing(watched: Watched) -> None:
    watched.file.unlink()
    watched.tick()
    assert not watched.tick()
    assert "no data file" in watched.skipped


def test_pruning_keeps_the_newest_runs_that_went_well_and_that_did_not(watched: Watched) -> None:
    went_well = [watched.run(SUCCESS).run_id for _ in range(config.RUNS_KEPT + 2)]
    failed = [watched.run(FAILURE).run_id for _ in range(config.RUNS_KEPT + 3)]
    going_on = watched.run(dg.DagsterRunStatus.STARTED).run_id
    assert runs.prune(watched.instance) == 5
    left = {run.run_id for run in watched.instance.get_runs()}
    assert left == {*went_well[2:], *failed[3:], going_on}


def test_pruned_storage_grows_no_more_and_keeps_what_each_check_said_last(tmp_path: Path) -> None:
    storage = {"module": "orchestration.defs.event_storage", "class": "PooledSqliteEventLogStorage"}
    events = {"event_log_storage": {**storage, "config": {"base_dir": str(tmp_path)}}}

    @dg.asset(check_specs=[dg.AssetCheckSpec(name, asset="made") for name in "abc"])
    def made() -> Iterator[Any]:
        yield dg.MaterializeResult(metadata={"told": "x" * 50_000})
        for name in "abc":
            yield dg.AssetCheckResult(check_name=name, passed=True)

    @dg.asset_check(asset=made)
    def seldom() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    every = dg.Definitions(
        assets=[made],
        asset_checks=[seldom],
        jobs=[
            dg.define_asset_job("once", dg.AssetSelection.checks(seldom)),
            dg.define_asset_job(
                "daily",
                dg.AssetSelection.assets(made).without_checks()
                | dg.AssetSelection.checks(*(dg.AssetCheckKey(made.key, n) for n in "abc")),
            ),
        ],
    )
    with dg.instance_for_test(temp_dir=str(tmp_path), overrides=events) as instance:
        once = every.resolve_job_def("once").execute_in_process(instance=instance)
        instance.delete_run(once.run_id)
        sizes = []
        for _ in range(4 * config.RUNS_KEPT):
            daily = every.resolve_job_def("daily").execute_in_process(instance=instance)
            assert daily.success
            instance.report_runless_asset_event(dg.AssetMaterialization("source"))
            runs.prune(instance)
            with sqlite3.connect(tmp_path / "event_log.db") as database:
                database.execute("pragma wal_checkpoint")
                (size,) = database.execute("pragma page_count").fetchone()
                said = database.execute(
                    "select check_name, count(*) from asset_check_executions group by 1"
                ).fetchall()
                reported = database.execute(
                    "select count(*) from event_logs where run_id = ''"
                ).fetchall()
            sizes.append(size)
    assert sizes[-1] < 1.05 * sizes[2 * config.RUNS_KEPT], sizes
    assert reported == [(1,)]
    assert dict(said) == {**dict.fromkeys("abc", config.RUNS_KEPT), "seldom": 1}


def test_the_hash_of_raw_files_depends_on_names_and_contents() -> None:
    files = {"raw/a.csv": "1", "raw/b.csv": "2"}
    assert runs.raw_hash(files) == runs.raw_hash(dict(reversed(files.items())))
    assert runs.raw_hash(files) != runs.raw_hash(json.loads('{"raw/a.csv": "2", "raw/b.csv": "1"}'))
