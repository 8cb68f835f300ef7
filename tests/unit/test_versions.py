"""What is damaged of the published versions is named in a sentence, and the others go on."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from orchestration import config
from orchestration.cli import main
from orchestration.publication import versions
from orchestration.publication.contents import contents

IDS = ("20261101T000000Z-aaaaaaaa", "20261102T000000Z-bbbbbbbb", "20261103T000000Z-cccccccc")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> config.Home:
    """Make a home of three versions, the last of which is served; the tables are of no figures."""
    monkeypatch.setenv("GENAI_LEDGER_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    home = config.Home(tmp_path)
    for day, version_id in enumerate(IDS, start=1):
        folder = home.versions / version_id
        folder.mkdir(parents=True)
        moment = f"2026-11-0{day} 00:00:00"
        row = {"published_at": moment, "version_id": version_id, "is_rollback": False}
        row |= {"known_by": None, "as_of": None}
        with duckdb.connect(str(folder / home.served.name)) as connection:
            connection.execute("create schema audit; create table numbers as select 1 as number")
            connection.execute(
                "create table audit.publications (published_at timestamp, version_id text, "
                "is_rollback boolean, known_by date, as_of date)"
            )
            versions.write_publications(connection, [*versions.log(home), row])
            tables = contents(connection)
        manifest = {"id": version_id, "published_at": moment, "inputs": {}, "variables": {}}
        manifest |= {"tables": tables, "publication": {"row_count": 1}}
        (folder / "manifest.json").write_text(json.dumps(manifest))
        versions.serve(home, manifest)
    return home


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.exit_code, done.output


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_text('{"id": "2'),
        lambda path: path.write_text('"text"'),
        lambda path: path.write_text("[]"),
        lambda path: path.write_text(path.read_text().replace(IDS[0], "../../elsewhere")),
        lambda path: path.write_text(path.read_text().replace('"inputs"', '"input"')),
        lambda path: path.write_text(path.read_text().replace('"row_count": 1', '"row_count": []')),
        lambda path: path.write_bytes(b"\xff\xfe\0"),
        lambda path: (path.unlink(), path.mkdir()),
        lambda path: path.with_name("warehouse.duckdb").unlink(),
    ],
)
def test_a_damaged_version_is_named_and_the_others_go_on(
    home: config.Home, damage: Callable[[Path], object]
) -> None:
    damage(home.versions / IDS[0] / "manifest.json")
    code, told = run("versions")
    assert code == 0
    assert f"Problem: The version {IDS[0]} can't be used (" in told
    assert f"); remove {home.versions / IDS[0]}." in told
    assert [line[: len(IDS[1])] for line in told.splitlines() if "rows" in line] == [IDS[2], IDS[1]]
    code, told = run("rollback")
    assert (code, versions.served_id(home)) == (0, IDS[1])
    assert f"Served now: {IDS[1]}" in told


@pytest.mark.parametrize(
    "text",
    [
        "[{",
        "[5]",
        '[{"version_id": "a"}]',
        '"log"',
        "\udcff",
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_what_is_served_speaks_for_a_log_that_is_damaged(home: config.Home, text: str) -> None:
    log = home.versions / "log.json"
    log.write_text(text, errors="surrogateescape")
    code, told = run("versions")
    assert code == 0
    assert f"Problem: {log} can't be used (its log.json is damaged); the next build" in told
    assert versions.log_ids(home) == set(IDS)
    code, told = run("rollback")
    assert (code, versions.served_id(home)) == (0, IDS[1])
    assert [row["version_id"] for row in json.loads(log.read_text())] == [*IDS, IDS[1]]


@pytest.mark.parametrize("command", [["summary"], ["trace", "company", "A"], ["diff"], ["report"]])
@pytest.mark.parametrize("content", [b"", b"no database", None])
def test_a_damaged_served_file_is_one_sentence(
    home: config.Home, command: list[str], content: bytes | None
) -> None:
    whole = home.served.read_bytes()
    home.served.chmod(0o644)
    home.served.write_bytes(whole[: len(whole) // 2] if content is None else content)
    code, told = run(*command)
    assert code == 1
    assert len(told.splitlines()) == 1
    assert "genai-ledger" in told


def _as_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)  # which DuckDB would wait for


def _as_sqlite(path: Path) -> None:
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as other:  # for which it downloads an extension
        other.execute("create table a (b)")


@pytest.mark.parametrize("command", [["summary"], ["trace", "company", "A"], ["diff"], ["report"]])
@pytest.mark.parametrize("make", [_as_pipe, _as_sqlite])
def test_a_served_file_of_another_kind_is_not_opened(
    home: config.Home, command: list[str], make: Callable[[Path], None]
) -> None:
    make(home.served)
    code, told = run(*command)
    assert code == 1
    assert len(told.splitlines()) == 1
    assert "is no file of DuckDB's" in told or "genai-ledger" in told


def test_a_version_whose_file_is_damaged_is_not_served(home: config.Home) -> None:
    (home.versions / IDS[1] / "warehouse.duckdb").write_text("no database")
    code, told = run("rollback")
    assert (code, versions.served_id(home)) == (1, IDS[2])
    assert "no longer holds what it was published with: choose another one." in told
    assert run("rollback", IDS[0])[0] == 0


def test_a_record_of_what_stands_that_is_damaged_is_none(home: config.Home) -> None:
    home.keys.write_text("[1]")
    home.lock.write_bytes(b"\xff\xfe")
    assert run("rollback")[0] == 0


def test_versions_that_are_gone_leave_what_is_served(home: config.Home) -> None:
    shutil.rmtree(home.versions)
    code, told = run("rollback")
    assert (code, versions.served_id(home)) == (1, IDS[2])
    assert "no version that is kept: run `make`, or name one" in told
