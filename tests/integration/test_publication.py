"""What is served while versions come and go: publication, rollback, crashes, a full disk.

Most tests publish prepared candidates, which takes a second; two build with dbt.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from orchestration import files
from orchestration.config import Home, LedgerError
from orchestration.defs import stages
from orchestration.publication import lock, versions
from orchestration.publication.contents import contents
from orchestration.publication.publish import BuildRequest, PublicationRefusedError
from orchestration.publication.publish import publish as publish_candidate

if TYPE_CHECKING:
    from conftest import Warehouse

    Copy = Callable[[str], Warehouse]

MEGABYTE = 1 << 20


def state(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def place(warehouse: Warehouse, tmp_path: Path) -> Home:
    """Return a copy of the built warehouse with its one version, without Dagster's history."""
    ignored = shutil.ignore_patterns("dagster", "docs", "work.duckdb")
    return Home(Path(shutil.copytree(warehouse.home, tmp_path / "warehouse", ignore=ignored)))


def version_of(report: Path) -> str:
    """Return the version that a page says it was made from."""
    (version,) = re.findall('<meta name="version" content="([^"]*)">', report.read_text("utf-8"))
    return str(version)


def run(place: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("genai-ledger"), *arguments],
        env=os.environ | {"GENAI_LEDGER_HOME": str(place.path)},
        capture_output=True,
        text=True,
        check=False,
    )


def prepare(place: Home, figure: int) -> None:
    """Put a candidate there that differs from all others in one table."""
    shutil.copyfile(place.served, place.candidate)
    with duckdb.connect(str(place.candidate)) as candidate:
        candidate.execute(f"update marts.rpt_funding_pace set raised_usd = {figure}")


def publish(place: Home, figure: int, **request: Any) -> dict[str, Any]:
    prepare(place, figure)
    usual: dict[str, Any] = {"raw": {}, "variables": {}, "force": True}
    with lock.sole_writer(place, print):
        return publish_candidate(place, BuildRequest(**(usual | request)))


def figure(file: Path) -> float | None:
    with duckdb.connect(str(file), read_only=True) as connection:
        found = connection.execute("select max(raised_usd) from marts.rpt_funding_pace").fetchall()
    return found[0][0]  # type: ignore[no-any-return]


# What a version says of itself


def test_a_manifest_says_what_its_version_was_made_from_and_holds(warehouse: Warehouse) -> None:
    (version,) = versions.kept(Home(warehouse.home))
    raw = {
        path.relative_to(warehouse.raw.parent).as_posix(): state(path)
        for path in warehouse.raw.rglob("*")
        if path.is_file()
    }
    assert raw.items() <= version["inputs"].items()
    assert version["packages"]["duckdb"] == duckdb.__version__
    assert version["code"]["commit"]
    for table, said in version["tables"].items():
        assert warehouse.query(f"select count(*) as n from {table}")["n"].item() == said["rows"]
    claims = warehouse.query("select claim_id, verdict from audit.claims")
    assert version["claims"] == dict(claims.to_numpy().tolist())
    results = json.loads((warehouse.home / "dbt" / "audit_results.json").read_text())["results"]
    assert version["tests"]["passed"] == sum(r["status"] == "pass" for r in results) > 100
    assert version["build_seconds"] > 1


def test_the_served_file_knows_its_version(warehouse: Warehouse) -> None:
    (version,) = versions.kept(Home(warehouse.home))
    (row,) = warehouse.query("select * from audit.publications").to_dict("records")
    assert row["version_id"] == version["id"] == version_of(warehouse.home / "report.html")
    assert row["row_count"] == sum(table["rows"] for table in version["tables"].values())
    assert row["claims_supported"] == list(version["claims"].values()).count("supported")
    assert not row["is_rollback"]


def test_content_hashes_depend_on_content_and_not_on_order(place: Home, tmp_path: Path) -> None:
    copy = tmp_path / "copy.duckdb"
    shutil.copyfile(place.served, copy)
    with duckdb.connect(str(copy)) as connection:
        before = contents(connection)
        connection.execute("create table reversed as from marts.fct_funding_rounds")
        connection.execute("delete from marts.fct_funding_rounds")
        connection.execute(
            "insert into marts.fct_funding_rounds from reversed order by round_id desc"
        )
        connection.execute("drop table reversed")
        connection.execute("delete from audit.publications")
        assert contents(connection) == before
        connection.execute("update marts.dim_companies set company = 'X' where layer = 'mlops'")
        after = contents(connection)
    assert {table for table in before if after[table] != before[table]} == {"marts.dim_companies"}


def test_a_format_that_older_clients_cannot_open_is_refused(place: Home, tmp_path: Path) -> None:
    before = state(place.served)
    newer = tmp_path / "newer.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{place.served}' as old (read_only)")
        connection.execute(f"attach '{newer}' as newer (storage_version 'v1.2.0')")
        connection.execute("copy from database old to newer")
    newer.replace(place.candidate)
    request = BuildRequest({}, {}, force=True)
    said = r"format v1\.2\.0\+, .* not in v1\.0\.0\+"
    with lock.sole_writer(place, print), pytest.raises(PublicationRefusedError, match=said):
        publish_candidate(place, request)
    assert state(place.served) == before


# Versions come and go


def test_a_publication_replaces_the_file_and_an_open_reader_keeps_what_it_has(place: Home) -> None:
    with duckdb.connect(str(place.served), read_only=True) as reader:
        asked = "select max(raised_usd), count(*) from marts.rpt_funding_pace"
        before = reader.execute(asked).fetchall()
        version = publish(place, 7)
        assert reader.execute(asked).fetchall() == before
    assert figure(place.served) == 7
    assert versions.served(place) == version == versions.kept(place)[-1]
    listed = run(place, "versions").stdout.splitlines()
    assert listed[0].startswith(version["id"])
    assert ["served" in line for line in listed] == [True, False]


def test_the_newest_versions_are_kept_and_those_in_use(
    place: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "VERSIONS_KEPT", 2)
    (first,) = versions.kept(place)
    (place.versions / first["id"] / "pinned").touch()
    second, third, fourth = (publish(place, n) for n in (2, 3, 4))
    assert versions.kept(place) == [first, third, fourth]
    with lock.sole_writer(place, print):
        versions.rollback(place, third["id"])
    kept = [publish(place, n, variables={"known_by": f"2023-01-0{n}"}) for n in (5, 6, 7)][1:]
    assert versions.kept(place) == [first, third, fourth, *kept]
    assert versions.served(place) == third
    assert second["id"] in versions.log_ids(place)


def test_a_version_is_later_than_every_other_whatever_the_clock_says(place: Home) -> None:
    unserved = publish(place, 2, variables={"known_by": "2023-01-01"})
    ahead = place.versions / unserved["id"] / "manifest.json"
    ahead.write_text(json.dumps(unserved | {"published_at": "2100-01-01 00:00:00"}))
    assert publish(place, 3)["published_at"] == "2100-01-01 00:00:01"


def test_a_rollback_serves_the_same_bytes_and_says_so(place: Home) -> None:
    (first,) = versions.kept(place)
    before = state(place.served)
    second = publish(place, 2)
    with lock.sole_writer(place, print):
        stages.write_report(place)

    rolled_back = run(place, "rollback")

    assert rolled_back.returncode == 0, rolled_back.stderr
    assert first["id"] in rolled_back.stdout
    assert f"genai-ledger rollback {second['id']}" in rolled_back.stdout
    assert state(place.served) == before
    assert version_of(place.report) == first["id"]
    assert f"older version {first['id']}" in run(place, "summary").stdout
    # What was rolled back from isn't published again by a run that finds nothing new.
    assert publish(place, 2, force=False) == first
    assert figure(place.served) != 2

    forward = run(place, "rollback", second["id"][:16])
    assert forward.returncode == 0, forward.stderr
    assert figure(place.served) == 2
    third = publish(place, 3)
    with duckdb.connect(str(place.served), read_only=True) as connection:
        told = connection.execute(
            "select version_id, is_rollback from audit.publications order by published_at"
        ).fetchall()
    assert told == [
        *((first["id"], False), (second["id"], False)),
        *((first["id"], True), (second["id"], True)),
        (third["id"], False),
    ]


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (None, "There is no version before"),
        ("1999", "No version 1999: `genai-ledger versions` lists what there is."),
        ("2", "is what is served: there is nothing to do."),
    ],
)
def test_a_rollback_that_cannot_be_is_refused_in_one_sentence(
    place: Home, wanted: str | None, sentence: str
) -> None:
    before = state(place.served)
    with lock.sole_writer(place, print), pytest.raises(LedgerError, match=sentence):
        versions.rollback(place, wanted)
    assert state(place.served) == before


def test_a_refused_rollback_is_one_line_on_the_terminal(place: Home) -> None:
    refused = run(place, "rollback", "1999")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: No version 1999")
    assert len(refused.stderr.splitlines()) == 1


def test_a_build_after_a_rollback_says_how_to_go_forward(
    warehouse: Warehouse, copied_warehouse: Copy
) -> None:
    copied = copied_warehouse("rolled_back")
    place = Home(copied.home)
    second = publish(place, 2)
    assert run(place, "rollback").returncode == 0
    built = copied.build()
    assert built.returncode == 0, built.stderr
    assert "nothing to build" in built.stdout
    assert f"genai-ledger rollback {second['id']}" in built.stdout
    assert "genai-ledger build --force" in built.stdout
    assert state(copied.served) == state(warehouse.served)


def test_writing_into_the_served_file_leaves_its_version_as_it_was(place: Home) -> None:
    (first,) = versions.kept(place)
    publish(place, 2)
    assert place.served.stat().st_mode & 0o222 == 0
    place.served.chmod(0o644)
    with duckdb.connect(str(place.served)) as vandal:
        vandal.execute("drop table marts.dim_companies")
    second = versions.served(place)
    with duckdb.connect(str(versions.file(place, second)), read_only=True) as connection:
        assert contents(connection) == second["tables"]
    with lock.sole_writer(place, print):
        versions.rollback(place, first["id"])
        versions.rollback(place, second["id"])
    assert figure(place.served) == 2


def test_a_damaged_version_is_not_served(place: Home) -> None:
    (first,) = versions.kept(place)
    publish(place, 2)
    versions.file(place, first).chmod(0o644)
    with duckdb.connect(str(versions.file(place, first))) as vandal:
        vandal.execute("delete from marts.dim_companies")
    said = f"{first['id']} no longer holds what it was published with"
    with lock.sole_writer(place, print), pytest.raises(LedgerError, match=said):
        versions.rollback(place, None)
    assert figure(place.served) == 2


# Stopped, crowded, out of room

STOPPED = """
import os, sys
from pathlib import Path
from orchestration import files
from orchestration.config import Home, LedgerError
from orchestration.publication import lock, publish
place, left, sync = Home(Path(sys.argv[1])), [int(sys.argv[2])], files.sync
def sync_or_die(path):
    left[0] -= 1
    if left[0] < 0:
        os._exit(9)
    sync(path)
files.sync = sync_or_die
with lock.sole_writer(place, print):
    publish.publish(place, publish.BuildRequest({}, {}, force=True))
"""


def test_a_stop_at_any_step_of_publishing_leaves_a_whole_file_and_no_hand_work(
    place: Home,
) -> None:
    codes = []
    for steps in range(12):
        prepare(place, 100 + steps)
        before = versions.served(place)
        command = [sys.executable, "-c", STOPPED, str(place.path), str(steps)]
        codes.append(subprocess.run(command, check=False).returncode)
        now = versions.served(place)
        assert now == before or figure(place.served) == 100 + steps
        with duckdb.connect(str(place.served), read_only=True) as connection:
            assert contents(connection) == now["tables"]
        with lock.sole_writer(place, print):
            assert versions.log(place)[-1]["version_id"] == now["id"]
        assert not list(place.path.rglob("*.partial"))
        if codes[-1] == 0:
            break
    assert codes == [9] * (len(codes) - 1) + [0]
    assert len(codes) > 5


def test_a_version_that_a_stopped_run_has_left_is_served_by_the_next(
    place: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.publication.provenance.inputs_hash", lambda *_: "another")
    with monkeypatch.context() as stopped:
        stopped.setattr(versions, "serve", raise_full)
        with pytest.raises(OSError, match="No space"):
            publish(place, 2, force=False)
    left = versions.kept(place)[-1]
    assert versions.served(place) != left
    assert publish(place, 3, force=False) == left
    assert versions.served(place) == left
    assert len(versions.kept(place)) == 2


def raise_full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_the_second_of_two_runs_waits_and_says_for_whom(place: Home) -> None:
    with lock.sole_writer(place, print):
        second = subprocess.Popen(
            [Path(sys.executable).with_name("genai-ledger"), "rollback"],
            env=os.environ | {"GENAI_LEDGER_HOME": str(place.path), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert second.stdout
        said = second.stdout.readline()
        assert f"process {os.getpid()}, since {datetime.now():%Y}" in said
        assert second.poll() is None
        publish(place, 2)
    _, told = second.communicate(timeout=60)
    assert second.returncode == 0, told
    assert figure(place.served) != 2


def test_who_writes_gives_way_to_who_reads(place: Home) -> None:
    holding = (
        "import os; from pathlib import Path; from orchestration.config import Home\n"
        "from orchestration.publication.lock import sole_writer\n"
        f"with sole_writer(Home(Path({str(place.path)!r})), print): os.system('nice')"
    )
    done = subprocess.run(
        [sys.executable, "-c", holding], check=True, capture_output=True, text=True
    )
    assert int(done.stdout) >= 10


def test_nobody_waits_for_a_run_that_was_killed(place: Home) -> None:
    holding = (
        "import sys, time; from pathlib import Path; from orchestration import config\n"
        "from orchestration.publication import lock\n"
        "with lock.sole_writer(config.Home(Path(sys.argv[1])), print):\n"
        "    print('held', flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", holding, str(place.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout
        assert killed.stdout.readline() == "held\n"
        killed.kill()
    publish(place, 2)
    assert figure(place.served) == 2


def test_a_full_disk_is_told_from_other_errors(tmp_path: Path) -> None:
    assert "is full" in str(files.full_disk(tmp_path, OSError(28, "No space left on device")))
    assert files.full_disk(tmp_path, OSError(13, "Permission denied")) is None


@pytest.mark.parametrize(("free", "is_full"), [(20 * MEGABYTE, True), (900 * MEGABYTE, False)])
def test_an_unclear_error_of_the_disk_is_a_full_one_where_little_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, is_full: bool
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert bool(files.full_disk(tmp_path, "OperationalError: disk I/O error")) is is_full
    assert files.full_disk(tmp_path, "another error") is None


def test_a_build_without_room_is_one_sentence_and_leaves_the_served_file(
    copied_warehouse: Copy,
) -> None:
    crowded = copied_warehouse("crowded")
    before = state(crowded.served)

    def allow_small_files_only() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (12 * MEGABYTE, 12 * MEGABYTE))

    built = subprocess.run(
        [Path(sys.executable).with_name("genai-ledger"), "build", "--force"],
        env=crowded.environment,
        preexec_fn=allow_small_files_only,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 1
    assert len(built.stderr.splitlines()) == 1, built.stderr
    assert f"The disk that holds {crowded.home} is full" in built.stderr
    assert state(crowded.served) == before


def test_readers_see_no_error_and_no_mixture(warehouse: Warehouse) -> None:
    command = [sys.executable, "-m", "benchmarks.resilience.readers", "--readers", "6"]
    measured = subprocess.run(
        [*command, "--publications", "4", "--rollbacks", "1"],
        env=warehouse.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert measured.returncode == 0, measured.stdout + measured.stderr
    assert "0 errors, 0 connections that saw a mixture" in measured.stdout


# As known by a day; and a build that is killed on the way

LATER = """\
title: A later list
producer: A vendor
url: https://example.com/export
licence: For tests only
accessed_on: 2026-12-01
contents: One round.
cadence: frozen
frozen_because: An export of one day.
"""


@pytest.fixture(scope="module")
def as_known(copied_warehouse: Copy) -> Iterator[Warehouse]:
    """Build what was known before a later list; the first try is killed while dbt runs."""
    later = copied_warehouse("as_known")
    folder = later.raw / "funding_rounds" / "later_list"
    folder.mkdir()
    (folder / "source.yml").write_text(LATER)
    (folder / "2026-12-01.csv").write_text("Company,Date,Amount\nOpenAI,2026-11-30,$1M\n")
    for path in later.raw.rglob("*"):
        os.utime(path, (1, 1))
    command = [str(Path(sys.executable).with_name("genai-ledger")), "build"]
    command += ["--known-by", "2026-11-30"]
    with subprocess.Popen(
        command,
        env=later.environment | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as killed:
        assert killed.stdout
        assert any("Building and auditing" in line for line in killed.stdout)
        time.sleep(3)
        os.killpg(killed.pid, signal.SIGKILL)
    built = later.run("genai-ledger", "build", "--known-by", "2026-11-30")
    assert built.returncode == 0, built.stdout + built.stderr
    assert "Made from what was known by 2026-11-30" in built.stdout
    yield later


def test_a_build_as_known_leaves_later_snapshots_out_and_holds_the_same(
    warehouse: Warehouse, as_known: Warehouse
) -> None:
    place = Home(as_known.home)
    version = versions.kept(place)[-1]
    assert version["variables"] == {"known_by": "2026-11-30"}
    # Another home, other times of files, a list more: what was known by then is the same.
    assert version["tables"] == versions.kept(Home(warehouse.home))[-1]["tables"]
    report = versions.file(place, version).with_name("report.html")
    assert version_of(report) == version["id"]
    assert "made from what was known by 30 November 2026" in report.read_text(encoding="utf-8")


def test_a_build_as_known_is_kept_and_not_served(warehouse: Warehouse, as_known: Warehouse) -> None:
    assert state(as_known.served) == state(warehouse.served)
    again = as_known.run("genai-ledger", "build", "--known-by", "2026-11-30")
    assert "nothing to build" in again.stdout
    assert len(versions.kept(Home(as_known.home))) == 2
