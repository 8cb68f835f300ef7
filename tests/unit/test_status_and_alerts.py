"""What counts as late, refused, failed or dead, as the clock moves; and who is told, how often."""

from __future__ import annotations

import datetime as dt
import json
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test
from dagster._daemon.types import DaemonHeartbeat

from benchmarks.resilience.source import WEEKLY
from orchestration import config, landing
from orchestration.config import Home, LedgerError
from orchestration.defs.alerts import redact, send_alerts, sender
from orchestration.defs.runs import REFUSED_TAG
from orchestration.defs.source_states import source_states
from orchestration.defs.status import BUILD, Status, find_status
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import find_sources
from orchestration.terminal import status as terminal

KINDS = read_kinds()


class Folder:
    """A raw folder of one source, landed in a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.home, self.raw = Home(folder / "home"), folder / "raw"
        self.source = self.raw / "funding_rounds" / "rounds"
        self.source.mkdir(parents=True)
        (self.source / "source.yml").write_text(WEEKLY)

    def add(self, name: str, *days: str) -> None:
        rows = "".join(f"A,{day},$1M\n" for day in days)
        (self.source / name).write_text(f"Company,Date,Amount\n{rows}")

    def land(self) -> None:
        found = find_sources(self.raw, KINDS)
        landing.land(found.sources, KINDS, self.raw, self.home.landing)

    def state(self, moment: str) -> tuple[str, str]:
        now = dt.datetime.fromisoformat(f"{moment}+00:00")
        (state,) = source_states(self.home, find_sources(self.raw, KINDS), KINDS, now)
        return state.state, state.why


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_source_goes_fresh_late_stale_and_fresh_again(folder: Folder) -> None:
    folder.add("2026-01-05.csv", "2026-01-05")
    folder.land()
    for moment, state in [
        ("2026-01-05T09:00", "fresh"),
        ("2026-01-13T00:00", "fresh"),  # the day ended seven days ago
        ("2026-01-13T00:01", "late"),
        ("2026-01-20T00:00", "late"),
        ("2026-01-20T00:01", "stale"),
    ]:
        assert folder.state(moment)[0] == state, moment
    folder.land()  # the old file again
    assert folder.state("2026-01-20T00:01")[0] == "stale"
    folder.add("2026-01-19.csv", "2026-01-18")
    folder.land()
    assert folder.state("2026-01-20T00:01")[0] == "fresh"


def test_a_cadence_of_hours_does_not_count_the_snapshots_own_day(folder: Folder) -> None:
    (folder.source / "source.yml").write_text(WEEKLY.replace("7d", "12h"))
    folder.add("2026-01-05.csv", "2026-01-05")
    folder.land()
    assert folder.state("2026-01-06T11:59")[0] == "fresh"
    assert folder.state("2026-01-06T12:01")[0] == "late"
    assert folder.state("2026-01-07T00:01")[0] == "stale"


def test_a_new_snapshot_with_old_rows_is_not_fresh(folder: Folder) -> None:
    folder.add("2026-03-01.csv", "2026-01-05", "2025-12-31")
    folder.land()
    state, why = folder.state("2026-03-01T12:00")
    assert state == "stale"
    assert "2026-03-01, the newest row in it of 2026-01-05" in why


def test_a_new_snapshot_without_rows_is_stale_or_refused(folder: Folder) -> None:
    folder.add("2026-03-01.csv", "2026-03-01")
    folder.add("2026-03-02.csv")
    folder.land()
    assert folder.state("2026-03-02T12:00")[0] in ("stale", "refused")


def test_a_snapshot_of_a_day_to_come_is_a_fault(folder: Folder) -> None:
    folder.add("2027-01-05.csv", "2026-01-05")
    folder.land()
    state, why = folder.state("2026-01-05T12:00")
    assert state == "stale"
    assert "a day to come" in why


def test_a_refused_file_and_a_broken_source_yml_are_told(folder: Folder) -> None:
    folder.add("2026-01-05.csv", "2026-01-05")
    folder.land()
    (folder.source / "2026-01-06.xlsx").write_text("not a workbook")
    folder.land()
    state, why = folder.state("2026-01-06T12:00")
    assert state == "refused"
    assert "2026-01-06.xlsx" in why
    (folder.source / "2026-01-06.xlsx").unlink()
    folder.land()
    assert folder.state("2026-01-06T12:00")[0] == "fresh"
    (folder.source / "source.yml").write_text("title: [")
    state, why = folder.state("2026-01-06T12:00")
    assert state == "refused"
    assert "source.yml" in why


NOW = dt.datetime(2026, 1, 6, 12, tzinfo=dt.timezone.utc)


def status_of(folder: Folder, instance: dg.DagsterInstance, now: dt.datetime = NOW) -> Status:
    return find_status(folder.home, folder.raw, KINDS, instance, now)


def test_a_scheduler_that_died_is_told_and_one_that_never_ran_is_not(folder: Folder) -> None:
    folder.add("2026-01-05.csv", "2026-01-05")
    folder.land()
    with dg.instance_for_test() as instance:
        assert status_of(folder, instance).scheduler.state == "never started"
        instance.add_daemon_heartbeat(DaemonHeartbeat(NOW.timestamp(), "SENSOR", "x"))
        found = status_of(folder, instance)
        assert found.scheduler.state == "alive"
        assert found.incidents.keys() == {"nothing served"}
        assert found.next_build == dt.datetime(2026, 1, 7, 6, tzinfo=dt.timezone.utc)
        later = NOW + dt.timedelta(seconds=config.DAEMON_SILENT_SECONDS + 1)
        assert status_of(folder, instance, later).scheduler.state == "dead"
        assert "scheduler" in status_of(folder, instance, later).incidents
    (told,) = [json.loads(terminal.as_json(found))["sources"]]
    assert told[0]["state"] == "fresh"
    assert told[0]["landed"]["newest_row"] == "2026-01-05"


def test_a_missed_schedule_is_told(folder: Folder) -> None:
    folder.add("2026-01-05.csv", "2026-01-05")
    with dg.instance_for_test() as instance:
        run = create_run_for_test(instance, job_name=BUILD, status=dg.DagsterRunStatus.STARTED)
        instance.report_run_canceled(run)  # nobody's fault
        ended = create_run_for_test(instance, job_name=BUILD, status=dg.DagsterRunStatus.SUCCESS)
        (record,) = instance.get_run_records(dg.RunsFilter(run_ids=[ended.run_id]))
        now = record.update_timestamp
        for hours, is_missed in ((25, False), (27, True)):
            later = now + dt.timedelta(hours=hours)
            instance.add_daemon_heartbeat(DaemonHeartbeat(later.timestamp(), "SENSOR", "x"))
            assert ("missed schedule" in status_of(folder, instance, later).incidents) is is_missed


def test_the_last_run_that_failed_is_told_in_the_words_of_its_step(folder: Folder) -> None:
    folder.add("2026-01-05.csv", "2026-01-05")

    @dg.op
    def publish() -> None:
        raise dg.Failure("the audit failed")

    @dg.job(name=BUILD)
    def job() -> None:
        publish()

    with dg.instance_for_test() as instance:
        job.execute_in_process(instance=instance, raise_on_error=False)
        told = status_of(folder, instance).incidents[f"{BUILD} failed"]
        assert told.endswith("publish: the audit failed")
        asked = {"resources": {"request": {"config": {"as_of": "2020-01-01"}}}}
        for tags, config_ in (({REFUSED_TAG: "yes"}, {}), ({}, asked)):
            run = create_run_for_test(
                instance,
                job_name=BUILD,
                tags=tags,
                run_config=config_,
                status=dg.DagsterRunStatus.STARTED,
            )
            instance.report_run_failed(run, "stopped")
        # What was refused is told by its source; a version with variables isn't what is served.
        assert f"{BUILD} failed" not in status_of(folder, instance).incidents


class Sink:
    """A webhook and a mail server on this machine, and what they got."""

    def __init__(self) -> None:
        self.posts: list[dict[str, str]] = []
        self.mails: list[str] = []
        self.is_down = False
        sink = self

        class Hook(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if not sink.is_down:
                    sink.posts.append(body)
                self.send_response(500 if sink.is_down else 200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        class Mail(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"220 sink\r\n")
                for line in self.rfile:
                    if line.upper().startswith(b"DATA"):
                        self.wfile.write(b"354 go on\r\n")
                        lines = iter(self.rfile.readline, b".\r\n")
                        sink.mails.append(b"".join(lines).decode())
                    self.wfile.write(b"250 fine\r\n")
                    if line.upper().startswith(b"QUIT"):
                        return

        self.servers = [
            HTTPServer(("127.0.0.1", 0), Hook),
            socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail),
        ]
        for server in self.servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()

    @property
    def addresses(self) -> str:
        hook, mail = (server.server_address[1] for server in self.servers)
        return (
            f"json://user:hunter2@127.0.0.1:{hook}/alerts "
            f"mailto://127.0.0.1:{mail}?from=ledger@example.com&to=team@example.com"
        )


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    yield sink
    for server in sink.servers:
        server.shutdown()
        server.server_close()


def test_an_incident_is_told_once_and_once_when_it_is_over(tmp_path: Path, sink: Sink) -> None:
    send, home = sender(sink.addresses), Home(tmp_path)
    late = {"open_models/list late": "open_models/list is late: due every 7d."}
    for _ in range(3):
        send_alerts(home, late, {}, send)
    assert [post["title"] for post in sink.posts] == ["GenAI Ledger: open_models/list late"]
    assert len(sink.mails) == 1
    assert "open_models/list is late: due every 7d." in sink.mails[0].replace("=\n", "")
    for _ in range(3):
        send_alerts(home, {}, {}, send)
    assert len(sink.posts) == len(sink.mails) == 2
    assert sink.posts[1]["title"] == "GenAI Ledger: over: open_models/list late"
    send_alerts(home, late, {}, send)
    assert len(sink.posts) == 3


def test_what_nobody_took_is_an_error_and_sent_again(tmp_path: Path, sink: Sink) -> None:
    hook = sender(sink.addresses.split()[0])
    sink.is_down = True
    for _ in range(2):
        with pytest.raises(LedgerError, match="took GenAI Ledger: build failed; it is sent again"):
            send_alerts(Home(tmp_path), {"build failed": "It failed."}, {}, hook)
    sink.is_down = False
    assert len(send_alerts(Home(tmp_path), {"build failed": "It failed."}, {}, hook)) == 1
    assert len(sink.posts) == 1


def test_a_claim_that_changed_is_told_once(tmp_path: Path) -> None:
    sent = []

    def send(*message: str) -> bool:
        sent.append(message)
        return True

    home = Home(tmp_path)
    for claims in ({"a": "supported", "b": "supported"}, {"a": "contradicted", "b": "supported"}):
        for _ in range(2):
            send_alerts(home, {}, claims, send)
    send_alerts(home, {}, {}, send)  # nothing is served: no verdict has changed
    send_alerts(home, {}, {"a": "contradicted"}, send)
    assert sent == [("GenAI Ledger: claims changed", "a: supported -> contradicted")]


def test_a_damaged_record_tells_all_again(tmp_path: Path) -> None:
    (tmp_path / "incidents.json").write_text("{")
    assert len(send_alerts(Home(tmp_path), {"x": "y"}, {}, lambda *_: True)) == 1


def test_nothing_secret_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENDOR_API_KEY", "abcdef123")
    told = redact("GET https://me:pw@example.com/x?token=zzz&day=1 failed, abcdef123 was refused")
    assert told == "GET https://***@example.com/x?token=***&day=1 failed, *** was refused"


def test_an_address_that_is_not_understood_is_named_by_its_place() -> None:
    with pytest.raises(LedgerError, match="address 2 in GENAI_LEDGER_ALERTS") as error:
        sender("json://127.0.0.1:1 nosuch://hunter2")
    assert "hunter2" not in str(error.value)
