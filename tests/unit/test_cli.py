"""What a person can mend is one sentence on the terminal, whatever command met it."""

from __future__ import annotations

import io
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner
from dagster._core.errors import DagsterExecutionInterruptedError

from orchestration import cli, config
from orchestration.cli import main
from orchestration.defs.progress import STAGES, StageLines
from orchestration.publication import versions


@pytest.fixture(autouse=True)
def _served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a home in which a command finds a served file, so that it goes on."""
    monkeypatch.setenv("GENAI_LEDGER_HOME", str(tmp_path))
    (tmp_path / "warehouse.duckdb").touch()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (config.LedgerError("the log is damaged; remove it"), "the log is damaged; remove it"),
        (
            PermissionError(13, "Permission denied", "log.json"),
            "log.json can't be used: Permission",
        ),
        (OSError(28, "No space left on device", "log.json"), "The disk that holds"),
    ],
)
def test_what_a_person_can_mend_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(versions, "listing", fails)
    done = CliRunner().invoke(main, ["versions"])
    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: {sentence}")
    assert len(done.stderr.splitlines()) == 1


def test_a_fault_of_the_program_keeps_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "listing", lambda *_: 1 / 0)
    assert isinstance(CliRunner().invoke(main, ["versions"]).exception, ZeroDivisionError)


def test_folders_may_be_named_by_a_tilde_and_not_by_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GENAI_LEDGER_HOME", "")
    monkeypatch.setenv("GENAI_LEDGER_RAW", "~/lists")
    assert config.home().path == config.PROJECT / "warehouse"
    assert config.raw_dir() == Path.home() / "lists"


def test_a_home_that_nobody_has_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENAI_LEDGER_HOME", "~nobody-of-this-name/warehouse")
    done = CliRunner().invoke(main, ["versions"])
    assert done.stderr == (
        "Error: GENAI_LEDGER_HOME is ~nobody-of-this-name/warehouse, and whose home that is isn't "
        "known; write the whole path\n"
    )


def test_a_user_without_a_home_has_that_of_the_warehouse(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HOME", "DAGSTER_HOME", "DBT_TARGET"):
        monkeypatch.setenv(name, "")

    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nobody)
    config.prepare_environment()
    assert os.environ["HOME"] == str(tmp_path)
    assert "DBT_TARGET" not in os.environ


def test_a_relative_folder_of_raw_files_is_below_where_one_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GENAI_LEDGER_RAW", "my/raw")
    assert config.raw_dir() == tmp_path / "my" / "raw"


@pytest.mark.parametrize("name", ["my*home", "what?", "[old]"])
def test_a_home_that_duckdb_takes_for_a_pattern_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv("GENAI_LEDGER_HOME", str(tmp_path / name))
    done = CliRunner().invoke(main, ["versions"])
    assert done.exit_code == 1
    assert done.stderr.endswith("for a pattern; choose a folder without them\n")


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ("/proc/warehouse", "/proc/warehouse can't be used: "),
        ("/dev/null", "/dev/null/dagster can't be used: "),
        ("~nobody-of-this-name/x", "GENAI_LEDGER_HOME is ~nobody-of-this-name/x, and whose home"),
    ],
)
@pytest.mark.parametrize("command", ["check", "build"])
def test_a_home_that_can_not_be_made_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, named: str, sentence: str
) -> None:
    for name in ("DAGSTER_HOME", "GENAI_LEDGER_DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GENAI_LEDGER_HOME", named)
    deals = tmp_path / "deals.csv"
    deals.write_text("company,date,amount\nA,2024-01-01,$5M\n")
    done = CliRunner().invoke(main, [command, *([str(deals)] if command == "check" else [])])
    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: {sentence}")
    assert len(done.stderr.splitlines()) == 1


def test_a_blank_home_is_that_of_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENAI_LEDGER_HOME", " \t")
    assert config.home().path == config.PROJECT / "warehouse"


def test_who_stops_a_command_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(versions, "listing", stopped)
    done = CliRunner().invoke(main, ["versions"])
    assert (done.exit_code, done.stderr) == (130, "Stopped; what is served is as it was.\n")


def test_who_stops_a_build_is_told_so_and_no_name_of_an_error() -> None:
    def interrupted() -> None:
        raise DagsterExecutionInterruptedError

    stages = StageLines(io.StringIO())
    logger = logging.getLogger("test_who_stops_a_build")
    logger.handlers, logger.propagate = [stages], False
    logger.setLevel(logging.DEBUG)

    @dg.op(name="dbt_build")
    def step() -> None:
        interrupted()

    @dg.job(logger_defs={"stages": dg.LoggerDefinition(lambda _: logger)})
    def stopped() -> None:
        step()

    stopped.execute_in_process(run_config={"loggers": {"stages": {}}}, raise_on_error=False)
    assert stages.problems == [f"Stopped at “{STAGES['dbt_build']}”; what is served is as it was."]


def test_help_and_version_answer_to_their_usual_names() -> None:
    help_text = CliRunner().invoke(main, ["build", "-h"]).output
    assert help_text == CliRunner().invoke(main, ["build", "--help"]).output
    assert CliRunner().invoke(main, ["--version"]).output.startswith("genai-ledger, version ")


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_shows_examples_that_can_be_typed(name: str) -> None:
    examples = CliRunner().invoke(main, [name, "--help"]).output.partition("Examples:")[2]
    assert examples.strip().startswith(f"genai-ledger {name}")


def test_a_command_that_is_misspelt_gets_the_one_meant() -> None:
    assert "Did you mean 'summary'?" in CliRunner().invoke(main, ["sumary"]).stderr


def test_a_day_of_no_calendar_is_told_in_words() -> None:
    done = CliRunner().invoke(main, ["build", "--as-of", "2023-02-30"])
    assert "'2023-02-30' is no day; write it as 2026-11-23." in done.stderr


def test_a_ui_that_dies_is_started_again_and_one_that_can_not_start_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, codes = [0.0], [1, 1]

    def run(_: list[str]) -> int:
        # The first dies after an hour, the second at once.
        clock[0] += 3600 if len(codes) == 2 else 1
        return codes.pop()

    monkeypatch.setattr(cli, "_run_to_its_end", run)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    done = CliRunner().invoke(main, ["ui"])
    assert done.output == "Dagster has died; it is started again.\n"
    assert (done.exit_code, codes) == (1, [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_ui_that_is_told_to_end_ends_what_it_started_once_and_in_order(
    tmp_path: Path, number: signal.Signals
) -> None:
    program = (
        "import sys, time\n"
        "try: print('started', flush=True); time.sleep(60)\n"
        "except KeyboardInterrupt: time.sleep(0.5); open(sys.argv[1], 'w').close(); sys.exit(1)\n"
    )
    ended = tmp_path / "ended"
    command = [sys.executable, "-c", program, str(ended)]
    code = f"import sys; from orchestration import cli; sys.exit(cli._run_to_its_end({command!r}))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"started\n"
        process.send_signal(number)
        assert process.wait(30) == 0
    assert ended.exists()
