"""Where Dagster keeps its runs, and whose settings it has there."""

from __future__ import annotations

import hashlib
import os
from itertools import permutations
from pathlib import Path

import dagster as dg
import pytest
import yaml

from orchestration import config
from orchestration.defs.automation import schedules


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DBT_PROFILES_DIR", "DBT_TARGET_PATH", "DBT_LOG_PATH", config.POSTGRES_URL):
        monkeypatch.setenv(name, "")
    for name in ("DAGSTER_HOME", "GENAI_LEDGER_DAGSTER_HOME"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("GENAI_LEDGER_HOME", str(tmp_path / "home"))


def settings() -> Path:
    config.prepare_environment()
    return Path(os.environ["DAGSTER_HOME"]) / "dagster.yaml"


def test_without_a_word_of_the_user_dagster_lives_in_the_home(tmp_path: Path) -> None:
    assert settings() == tmp_path / "home" / "dagster" / "dagster.yaml"
    with dg.DagsterInstance.get() as instance:
        assert instance.run_monitoring_enabled
        assert "Pooled" in type(instance.event_log_storage).__name__


def test_a_home_of_the_users_own_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "mine"))
    assert settings() == tmp_path / "mine" / "dagster.yaml"
    assert not (tmp_path / "home" / "dagster").exists()


def test_another_home_has_a_dagster_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings()
    monkeypatch.setenv("GENAI_LEDGER_HOME", str(tmp_path / "other"))
    assert settings() == tmp_path / "other" / "dagster" / "dagster.yaml"


def test_settings_of_the_users_own_stay() -> None:
    path = settings()
    mine = path.read_text() + "# mine\n"
    path.write_text(mine)
    assert settings().read_text() == mine


def test_settings_that_an_earlier_version_wrote_are_renewed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = settings()
    text, former = path.read_text(), "telemetry:\n  enabled: false\n"
    monkeypatch.setattr(
        config, "_FORMER_DAGSTER_SETTINGS", {hashlib.sha256(former.encode()).hexdigest()}
    )
    path.write_text(former)
    assert settings().read_text() == text


def test_postgresql_is_named_by_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite = settings().read_text()
    monkeypatch.setenv(config.POSTGRES_URL, "postgresql://ledger:secret@127.0.0.1/ledger")
    text = settings().read_text()
    storage = yaml.safe_load(text)["storage"]["custom"]
    assert storage["class"] == "PooledPostgresStorage"
    assert storage["config"] == {"postgres_url": {"env": "GENAI_LEDGER_POSTGRES_URL"}}
    assert "secret" not in text
    assert "event_log_storage" not in text
    monkeypatch.setenv(config.POSTGRES_URL, "")
    assert settings().read_text() == sqlite


def test_times_are_set_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENAI_LEDGER_BUILD_CRON", "0 7 * * 1-5")
    monkeypatch.setenv("GENAI_LEDGER_TIME_ZONE", "Europe/Berlin")
    monkeypatch.setenv("GENAI_LEDGER_POLL_SECONDS", "5")
    times = config.timetable()
    assert (times.build_cron, times.time_zone, times.poll_seconds) == (
        "0 7 * * 1-5",
        "Europe/Berlin",
        5,
    )
    build = next(s for s in schedules() if s.name == "daily_build")
    assert (build.cron_schedule, build.execution_timezone) == ("0 7 * * 1-5", "Europe/Berlin")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("POLL_SECONDS", "soon", "GENAI_LEDGER_POLL_SECONDS is 'soon', which is no number"),
        ("RETRY_SECONDS", "0", "GENAI_LEDGER_RETRY_SECONDS is '0', which is no number"),
        ("TIME_ZONE", "Mars/North", "GENAI_LEDGER_TIME_ZONE is 'Mars/North'"),
        ("BUILD_CRON", "every day", "'every day' in the environment is no cron"),
    ],
)
def test_times_that_are_none_are_told(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, sentence: str
) -> None:
    monkeypatch.setenv(f"GENAI_LEDGER_{name}", text)
    with pytest.raises(config.LedgerError, match=sentence):
        schedules()


@pytest.mark.parametrize("text", ["plenty", "4", "4 XB", "50%", "1GiB'; drop schema marts"])
def test_a_memory_limit_that_is_none_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    monkeypatch.setenv("GENAI_LEDGER_HOME", str(tmp_path))
    monkeypatch.setenv(config.MEMORY_LIMIT, text)
    with pytest.raises(config.LedgerError, match="write it as in 4GiB"):
        config.prepare_environment()


@pytest.mark.parametrize("names", permutations(["Vicuna-13b", "vicuna-13b", "Vicuna-13B", "Koala"]))
def test_the_nearest_name_does_not_depend_on_the_order_of_names(names: tuple[str, ...]) -> None:
    assert config.closest("vicuna 13", names) == "Vicuna-13B"
