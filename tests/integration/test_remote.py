"""Refreshing remote sources, against a server on this machine that does its worst.

Nothing here reaches another machine: addresses that are not loopback are refused before a
connection, and a test that gets further fails.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from click.testing import CliRunner
from loopback import (
    Answer,
    Exchange,
    Loopback,
    breaks_off,
    breaks_off_chunk,
    drips,
    drips_chunk_extension,
    drips_empty_gzip,
    drips_headers,
    drips_lines_of_headers,
    drips_trailer,
    hangs_up,
    inflates,
    is_sent,
    is_silent,
    never_ends,
    redirects,
    sends,
    serving,
)

from orchestration import config
from orchestration.cli import main
from orchestration.defs.automation import refresh_job
from orchestration.defs.raw_folder import raw_folder_state
from orchestration.landing import land
from orchestration.sources.kinds import read_kinds
from orchestration.sources.refresh import Refreshed, download_address, refresh
from orchestration.sources.registry import find_sources

CSV = b"company,announced,amount\nA,2026-11-01,$5M\n"
OLD = "company,announced,amount\nA,2026-10-01,$4M\n"
TODAY = dt.datetime.now(dt.timezone.utc).date()
SECRET = "hf_0123456789"  # noqa: S105


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as started:
        yield started


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait little, take little, and connect to nothing but this machine."""
    monkeypatch.setattr(config, "FETCH_WAIT_SECONDS", 1.5)
    monkeypatch.setattr(config, "FETCH_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(config, "LIMITS", config.LIMITS._replace(file_bytes=1_000_000))
    connect = socket.socket.connect

    def only_loopback(self: socket.socket, address: Any) -> None:
        local = self.family == socket.AF_UNIX or address[0] in ("127.0.0.1", "::1")
        assert local, f"a connection to {address}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_loopback)


class Deals:
    """The remote source funding_rounds/deals with a snapshot of October, in folders of its own."""

    def __init__(self, tmp_path: Path, address: str) -> None:
        self.raw, self.home = tmp_path / "raw", config.Home(tmp_path / "home")
        self.folder = self.raw / "funding_rounds" / "deals"
        self.folder.mkdir(parents=True)
        (self.folder / "2026-10-01.csv").write_text(OLD)
        self.write(address)

    def write(self, address: str, refresh: str = "enabled: true, format: csv") -> None:
        (self.folder / "source.yml").write_text(
            "title: Deals\nproducer: Me\nlicence: internal\naccessed_on: 2026-10-01\n"
            "contents: Deals.\ncadence: 30d\nurl: https://example.org/deals\n"
            f"refresh: {{from: {json.dumps(address)}, {refresh}}}\n"
        )

    def refresh(self, *names: str) -> Refreshed:
        (result,) = refresh(self.raw, self.home, names, lambda *_: None)
        return result

    @property
    def files(self) -> dict[str, bytes]:
        return {
            path.name: path.read_bytes() for path in self.folder.iterdir() if path.suffix != ".yml"
        }


@pytest.fixture
def deals(tmp_path: Path, server: Loopback) -> Deals:
    return Deals(tmp_path, f"{server.address}/deals.csv")


def with_etag(exchange: Exchange) -> None:
    """Answer as a server that knows its file by its etag and its date."""
    known = exchange.headers.get("If-None-Match"), exchange.headers.get("If-Modified-Since")
    if known == ('"a"', "Sun, 01 Nov 2026 00:00:00 GMT"):
        exchange.send(status=304)
    else:
        exchange.send(CSV, ETag='"a"', Last_Modified="Sun, 01 Nov 2026 00:00:00 GMT")


def test_a_change_is_a_new_dated_snapshot(deals: Deals, server: Loopback) -> None:
    server.answer = with_etag
    result = deals.refresh()
    assert result == Refreshed("funding_rounds/deals", "new", f"{TODAY}.csv, {len(CSV)} bytes")
    assert deals.files == {"2026-10-01.csv": OLD.encode(), f"{TODAY}.csv": CSV}


def test_no_change_costs_one_conditional_request(deals: Deals, server: Loopback) -> None:
    server.answer = with_etag
    deals.refresh()
    before = deals.files
    server.asked.clear()
    assert deals.refresh().outcome == "unchanged"
    assert len(server.asked) == 1
    assert deals.files == before


def test_the_same_bytes_are_no_new_snapshot(deals: Deals, server: Loopback) -> None:
    server.answer = sends(OLD.encode(), ETag='"b"')
    assert deals.refresh() == Refreshed(
        "funding_rounds/deals", "unchanged", "the file is the same as 2026-10-01.csv"
    )
    assert deals.files == {"2026-10-01.csv": OLD.encode()}


def test_a_lost_home_costs_a_download_and_no_duplicate(
    deals: Deals, server: Loopback, tmp_path: Path
) -> None:
    server.answer = with_etag
    deals.refresh()
    before = deals.files
    deals.home = config.Home(tmp_path / "another")
    assert deals.refresh().outcome == "unchanged"
    assert "If-None-Match" not in server.asked[-1][1]
    assert deals.refresh().outcome == "unchanged"
    assert server.asked[-1][1]["If-None-Match"] == '"a"'
    assert deals.files == before


def test_a_snapshot_that_was_removed_is_fetched_again(deals: Deals, server: Loopback) -> None:
    server.answer = with_etag
    deals.refresh()
    (deals.folder / f"{TODAY}.csv").unlink()
    assert deals.refresh().outcome == "new"
    assert deals.files[f"{TODAY}.csv"] == CSV


def test_a_second_change_on_a_day_replaces_what_refresh_made(
    deals: Deals, server: Loopback
) -> None:
    server.answers = [sends(CSV), sends(CSV + b"B,2026-11-02,$6M\n")]
    deals.refresh()
    result = deals.refresh()
    assert result.sentence.startswith(f"{TODAY}.csv in place of the one of earlier today, ")
    assert deals.files[f"{TODAY}.csv"] == CSV + b"B,2026-11-02,$6M\n"
    assert len(deals.files) == 2


def test_a_snapshot_made_by_hand_today_stays(deals: Deals, server: Loopback) -> None:
    (deals.folder / f"{TODAY}.csv").write_text(OLD)
    server.answer = sends(CSV)
    result = deals.refresh()
    assert result.outcome == "failed"
    assert f"today's {TODAY}.csv was not made by refresh" in result.sentence
    assert deals.files[f"{TODAY}.csv"] == OLD.encode()


FAILURES: dict[str, tuple[Answer, str, int]] = {
    "silence": (is_silent, "the server does not answer in time", 3),
    "dripping body": (drips, "the file did not come within 2 s", 1),
    "dripping chunk extension": (drips_chunk_extension, "the file did not come within 2 s", 1),
    "dripping trailer": (drips_trailer, "the file did not come within 2 s", 1),
    "dripping empty gzip": (drips_empty_gzip, "the file did not come within 2 s", 1),
    "dripping lines of headers": (drips_lines_of_headers, "the file did not come within 2 s", 1),
    "packed as nobody asked": (
        sends(CSV, Content_Encoding="br"),
        "the file came packed as 'br', which nobody asked for",
        1,
    ),
    "packed twice": (sends(CSV, Content_Encoding="gzip, gzip"), "the file came packed as", 1),
    "a length that is none": (
        sends(CSV, Content_Length="\xb2"),
        "the server says that the file has '²' bytes; tell its producer",
        1,
    ),
    "a length below zero": (
        sends(CSV, Content_Length="-5"),
        "the server says that the file has '-5' bytes",
        1,
    ),
    "an error as a sentence": (
        sends(b"Rate limit exceeded, try again later\n"),
        "what came holds no table but says 'Rate limit exceeded, try again later'",
        1,
    ),
    "an error as two sentences": (
        sends(b"Error 1020:\nYou have been blocked.\n", Content_Type="text/csv"),
        "what came holds no table but says 'Error 1020: You have been blocked.'",
        1,
    ),
    "a charset that is none": (
        sends(b"Down for maintenance", Content_Type="text/csv; charset=\xff\xfe"),
        "what came holds no table but says 'Down for maintenance'",
        1,
    ),
    "a page that names another file": (
        sends(b"<html>gone</html>", Content_Disposition='attachment; filename="../../a.csv"'),
        "a web page came instead of csv",
        1,
    ),
    "a refresh to elsewhere": (
        sends(b"Moved", 300, Location="https://169.254.169.254/"),
        "the server gave no file but the answer 300",
        1,
    ),
    "packed as identity and gzip": (
        sends(CSV, Content_Encoding="identity, gzip"),
        "the file came packed as",
        1,
    ),
    "dripping headers": (drips_headers, "the file did not come within 2 s", 1),
    "body without end": (never_ends, "the file is larger than 1 MB", 1),
    "too long by its own word": (
        lambda e: e.head(Content_Length="9" * 20),
        "the file is larger than",
        1,
    ),
    "gzip bomb": (inflates, "the file is larger than 1 MB", 1),
    "gzip that ends before its end": (
        sends(gzip.compress(CSV)[:-9], Content_Encoding="gzip"),
        "the connection broke before the file's end",
        3,
    ),
    "broken gzip": (sends(CSV, Content_Encoding="gzip"), "the file is packed in a way that", 1),
    "truncated": (breaks_off, "the connection broke before the file's end", 3),
    "truncated chunk": (breaks_off_chunk, "the connection broke before the file's end", 3),
    "hang-up": (hangs_up, "the connection broke before the file's end", 3),
    "empty": (sends(b""), "the file is empty", 1),
    "401": (sends(status=401), "the server asks for permission (401); share the file, or", 1),
    "403": (sends(status=403), "the server asks for permission (403); share the file, or", 1),
    "404": (sends(status=404), "there is no such file on the server (404); correct the", 1),
    "418": (sends(status=418), "the server gave no file but the answer 418", 1),
    "304 unasked": (sends(status=304), "the server gave no file but the answer 304", 1),
    "206": (sends(CSV, 206), "the server gave no file but the answer 206", 1),
    "500": (sends(status=500), "the server has a fault of its own (500)", 3),
    "429": (sends(status=429), "the server is asked too often (429)", 3),
    "429 for an hour": (
        sends(status=429, Retry_After="3600"),
        "the server wants no request (429) before ",
        1,
    ),
    "503 for ages": (
        sends(status=503, Retry_After="9" * 30),
        "the server wants no request (503)",
        1,
    ),
    "redirect loop": (redirects("/deals.csv"), "the server redirects more than 5 times", 6),
    "login page": (
        sends(b"\xef\xbb\xbf\n <!DOCTYPE html><title>Sign in</title>"),
        "a web page came instead of csv, perhaps a login",
        1,
    ),
    "workbook": (sends(b"PK\x03\x04abc"), "what came is not csv; correct `refresh.format`", 1),
    "binary": (sends(b"a\0b"), "what came is not csv", 1),
    "an error as JSON": (
        sends(b'{"error": {"code": 429, "message": "quota"}}'),
        "what came is not csv",
        1,
    ),
    "an error as XML": (
        sends(b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'),
        "a web page came instead of csv",
        1,
    ),
    "a page without its type": (sends(b"<head><title>Log in</title></head>"), "a web page came", 1),
    "blanks only": (sends(b" \r\n\t\n"), "the file is empty", 1),
    "huge header": (sends(CSV, X_Much="x" * 200_000), "what came is no answer of a web server", 1),
    "a thousand headers": (
        sends(CSV, 200, **{f"X_{n}": "x" for n in range(1000)}),
        "what came is no answer of a web server",
        1,
    ),
    "no HTTP": (
        lambda e: e.connection.sendall(b"hello, this is no server\r\n\r\n"),
        "what came is no answer of a web server",
        1,
    ),
    "a redirect to a file": (redirects("file:///etc/passwd"), "the server redirects to", 1),
    "a redirect to data": (redirects("data:text/csv,a"), "the server redirects to", 1),
    "two lengths": (
        is_sent(b"200 OK\r\nContent-Length: 5\r\nContent-Length: 500"),
        "what came is no answer of a web server",
        1,
    ),
    "a status in words": (is_sent(b"abc No"), "what came is no answer of a web server", 1),
    "a status of its own": (
        is_sent(b"999 No\r\nContent-Length: 0"),
        "the server has a fault of its own (999)",
        3,
    ),
    "hints without end": (
        is_sent(b"103 Early Hints\r\nLink: </a>"),
        "the server gave no file but the answer 103",
        1,
    ),
    "a chunk of a negative size": (
        is_sent(b"200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\na,b\nc"),
        "the connection broke before the file's end",
        3,
    ),
    "a chunk of all memory": (
        is_sent(b"200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\na,b\nc"),
        "the connection broke before the file's end",
        3,
    ),
    "a page in UTF-16": (
        sends("<html><title>Sign in</title>".encode("utf-16")),
        "a web page came instead of csv",
        1,
    ),
    "a sentence in UTF-16": (
        sends("Rate limit exceeded.".encode("utf-16")),
        "what came holds no table but says 'Rate limit exceeded.'",
        1,
    ),
    "gzip of another sum": (
        sends(gzip.compress(CSV)[:-8] + b"\0" * 8, Content_Encoding="gzip"),
        "the file is packed in a way that",
        1,
    ),
    "a redirect by backslashes": (
        redirects(r"\\10.0.0.1\a.csv"),
        "the server redirects more than 5 times",
        6,
    ),
    "a redirect to half an address": (
        redirects("http://[::1"),
        "the server leads to what is no address",
        1,
    ),
    "two ways of sending": (
        is_sent(b"200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\na,b\nc\r\n0\r\n"),
        "the file came packed as 'gzip, chunked', which nobody asked for",
        1,
    ),
    "a redirect without its scheme": (redirects("//10.0.0.1/a.csv"), "the server redirects to", 1),
    "no wait before now": (
        sends(status=503, Retry_After="Mon, 01 Jan 1900 00:00:00 GMT"),
        "the server has a fault of its own (503)",
        3,
    ),
    "302 to nowhere": (sends(status=302), "the server gave no file but the answer 302", 1),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_is_one_sentence_and_leaves_the_last_snapshot(
    deals: Deals, server: Loopback, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    if name == "silence" or name.startswith("dripping"):
        monkeypatch.setattr(config, "FETCH_SILENCE_SECONDS", 0.4)
        monkeypatch.setattr(config, "FETCH_TOTAL_SECONDS", 2.0)
    server.answer, sentence, requests = FAILURES[name]
    result = deals.refresh()
    assert result.outcome == "failed"
    assert result.sentence.startswith(sentence)
    assert result.sentence.endswith(" (the snapshot of 2026-10-01 stays in use)")
    assert len(server.asked) == requests
    assert deals.files == {"2026-10-01.csv": OLD.encode()}


@pytest.mark.parametrize(
    ("packed", "unpacked"),
    [
        (gzip.compress(CSV), CSV),
        (
            gzip.compress(CSV) + gzip.compress(b"Two,2026-10-02,$6M\n"),
            CSV + b"Two,2026-10-02,$6M\n",
        ),
        (gzip.compress(CSV) + b"what follows", CSV),
    ],
    ids=["one part", "two parts", "something after it"],
)
def test_a_packed_answer_is_unpacked(
    deals: Deals, server: Loopback, packed: bytes, unpacked: bytes
) -> None:
    server.answer = sends(packed, Content_Encoding="gzip")
    assert deals.refresh().outcome == "new"
    assert deals.files[f"{TODAY}.csv"] == unpacked


@pytest.mark.parametrize(
    ("form", "body", "outcome"),
    [
        ("xlsx", CSV, "failed"),
        ("xlsx", b"<html>sign in</html>", "failed"),
        ("xlsx", b"PK\x03\x04...", "new"),
        ("json", CSV, "failed"),
        ("json", b'{"error": "quota exceeded", "code": 429}', "failed"),
        ("json", b'{"deals": []}', "new"),
        ("jsonl", b'{"company": "A"}', "new"),
        ("md", b"404: Not Found", "failed"),
        ("html", b"<p>Too many requests</p>", "failed"),
        ("md", b"<div align=center>\n\n| Model |\n| --- |\n", "new"),
        ("csv", CSV.decode().encode("utf-16"), "new"),
    ],
)
def test_only_the_format_that_is_expected_is_taken(
    deals: Deals, server: Loopback, form: str, body: bytes, outcome: str
) -> None:
    deals.write(f"{server.address}/export", f"enabled: true, format: {form}")
    server.answer = sends(body)
    assert deals.refresh().outcome == outcome
    assert (f"{TODAY}.{form}" in deals.files) == (outcome == "new")


@pytest.mark.parametrize("answer", [is_silent, breaks_off, sends(status=503), hangs_up])
def test_a_fault_that_passes_costs_a_second_request(
    deals: Deals, server: Loopback, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    monkeypatch.setattr(config, "FETCH_SILENCE_SECONDS", 1.0)
    server.answers, server.answer = [answer], sends(CSV)
    assert deals.refresh().outcome == "new"
    assert len(server.asked) == 2


def test_a_short_wait_that_the_server_asks_for_is_kept(deals: Deals, server: Loopback) -> None:
    times = []

    def timed(exchange: Exchange) -> None:
        times.append(dt.datetime.now(dt.timezone.utc))
        if len(times) == 1:
            exchange.send(status=429, Retry_After="1")
        else:
            exchange.send(CSV)

    server.answer = timed
    assert deals.refresh().outcome == "new"
    assert times[1] - times[0] >= dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    "target",
    [
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/a.csv",
        "https://100.64.0.1/a.csv",
        "https://2130706433/a.csv",
        "https://0x7f.1/a.csv",
        "https://0/a.csv",
        "https://localhost/a.csv",
        "https://[::1]/a.csv",
        "https://[::ffff:127.0.0.1]/a.csv",
        "https://[fd00::1]/a.csv",
        "https://[64:ff9b::7f00:1]/a.csv",
        "https://[fec0::1]/a.csv",
        "https://[::127.0.0.1]/a.csv",
        "https://[::ffff:0:10.0.0.1]/a.csv",
        "https://[2002:7f00:1::]/a.csv",
        "https://example.org@127.0.0.1/a.csv",
    ],
)
def test_a_redirect_to_a_private_address_is_refused(
    deals: Deals, server: Loopback, target: str
) -> None:
    server.answer = redirects(target)
    result = deals.refresh()
    assert result.sentence.startswith("the server redirects to a private address, which is refused")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "http://example.org/a.csv",
        "ftp://example.org/a",
        "data:,a",
        "https://",
    ],
)
def test_a_redirect_to_what_is_not_https_is_refused(
    deals: Deals, server: Loopback, target: str
) -> None:
    server.answer = redirects(target)
    assert "an address that is not https, which is refused" in deals.refresh().sentence
    assert len(server.asked) == 1


def test_a_redirect_to_another_local_server_is_refused(deals: Deals, server: Loopback) -> None:
    with serving() as other:
        server.answer = redirects(f"{other.address}/a.csv")
        assert deals.refresh().outcome == "failed"
        server.answer = redirects(f"{server.address}@127.0.0.1:{other.server_port}/a.csv")
        assert deals.refresh().outcome == "failed"
        assert not other.asked


def test_a_name_that_changes_its_address_is_judged_where_it_is_connected_to(
    deals: Deals, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answer a public address first and a private one then, as an attacker's name server does."""
    resolve, connect = socket.getaddrinfo, socket.socket.connect
    asked, connected = [], []

    def rebinding(host: str, *rest: Any, **options: Any) -> Any:
        if host == "rebind.example":
            asked.append(host)
            host = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return resolve(host, *rest, **options)

    def only_the_named_server(own: socket.socket, address: Any) -> None:
        if address[1] != server.server_port:
            connected.append(address[0])
            raise ConnectionRefusedError
        connect(own, address)

    monkeypatch.setattr(config, "FETCH_ATTEMPTS", 1)
    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket.socket, "connect", only_the_named_server)
    server.answer = redirects("https://rebind.example/a.csv")
    assert deals.refresh().sentence.startswith("the server can't be reached")
    assert connected == ["93.184.216.34"]


def test_a_redirect_within_the_server_is_followed(deals: Deals, server: Loopback) -> None:
    server.answers, server.answer = [redirects("/new/deals.csv")], sends(CSV)
    assert deals.refresh().outcome == "new"
    assert [path for path, _ in server.asked] == ["/deals.csv", "/new/deals.csv"]


def test_a_token_goes_to_the_named_server_and_into_no_message(
    deals: Deals,
    server: Loopback,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    deals.write(f"{server.address}/a.csv", "enabled: true, token_env: DEALS_TOKEN")
    assert "the environment variable DEALS_TOKEN, which `token_env`" in deals.refresh().sentence
    monkeypatch.setenv("DEALS_TOKEN", SECRET)
    server.answers, server.answer = [redirects("/b.csv")], sends(status=403)
    with caplog.at_level("DEBUG"):
        result = deals.refresh()
    assert [headers["Authorization"] for _, headers in server.asked] == [f"Bearer {SECRET}"] * 2
    assert "the token in the variable that `token_env` names is not accepted" in result.sentence
    monkeypatch.setenv("DEALS_TOKEN", f"{SECRET}\nX-Other: 1")
    broken = deals.refresh()
    assert broken.outcome == "failed"
    assert SECRET not in caplog.text + result.sentence + broken.sentence


def test_a_token_is_not_sent_on_after_a_redirect_elsewhere(
    deals: Deals, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let the other server be reached, which the filter would prevent, and see what it gets."""
    monkeypatch.setenv("DEALS_TOKEN", SECRET)
    monkeypatch.setattr(
        "orchestration.sources.download._session", lambda _: __import__("requests").Session()
    )
    deals.write(f"{server.address}/a.csv", "enabled: true, token_env: DEALS_TOKEN")
    with serving() as other:
        server.answers = [redirects(f"{other.address}/a.csv"), sends(CSV)]
        other.answer = redirects(f"{server.address}/back.csv")
        assert deals.refresh().outcome == "new"
        assert "Authorization" not in other.asked[0][1]
    assert ["Authorization" in headers for _, headers in server.asked] == [True, False]


def test_a_password_of_netrc_is_not_sent(
    deals: Deals, server: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.answer = sends(CSV)
    deals.refresh()
    assert "Authorization" not in server.asked[0][1]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("file:///etc/passwd", "files of this machine are not fetched"),
        ("/etc/passwd", "files of this machine are not fetched"),
        ("local:///etc/passwd", "files of this machine are not fetched"),
        ("simplecache::file:///etc/a.csv", "addresses chained by `::` are not fetched"),
        ("zip://a.csv::file:///etc/a.zip", "addresses chained by `::` are not fetched"),
        ("http://example.org/a.csv", "http can be read and changed on its way"),
        ("https://me:secret@example.org/a.csv", "the address holds a password"),
        ("https://[::1/a.csv", "the address is not a valid one"),
        ("nonsense://a/b.csv", "nonsense addresses are not fetched; write one of https, or of s3"),
        ("webhdfs://namenode/a.csv", "webhdfs addresses are not fetched"),
        ("ftp://example.org/a.csv", "ftp addresses are not fetched"),
        ("github://a:b@main/a.csv", "github addresses are not fetched"),
        ("reference://a.csv", "reference addresses are not fetched"),
        ("gs://bucket/a.csv", "gs addresses need a package: pip install gcsfs"),
    ],
)
def test_addresses_that_are_not_fetched(deals: Deals, address: str, sentence: str) -> None:
    deals.write(address)
    assert deals.refresh().sentence.startswith(sentence)


def test_an_unknown_name_and_a_server_that_is_down(
    deals: Deals, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        deals.write(f"http://127.0.0.1:{unused.getsockname()[1]}/a.csv")
        assert deals.refresh().sentence.startswith("the server can't be reached")

    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    deals.write("https://no-such-name.example/a.csv")
    assert deals.refresh().sentence.startswith("the server's name is not known")


def test_a_server_without_a_certificate(deals: Deals, server: Loopback) -> None:
    deals.write(f"https://127.0.0.1:{server.server_port}/a.csv")
    assert deals.refresh().sentence.startswith("the server's certificate can't be trusted")


def test_a_protocol_of_fsspec(deals: Deals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "FSSPEC_PROTOCOLS", ("memory",))
    deals.write("memory://absent.csv")
    assert deals.refresh().sentence.startswith("there is no such file")
    system = fsspec.filesystem("memory")
    system.pipe("/deals.csv", CSV)
    deals.write("memory://deals.csv")
    assert deals.refresh().outcome == "new"
    assert deals.refresh().sentence == "the server has nothing newer"
    system.pipe("/deals.csv", CSV * 2)
    assert deals.refresh().outcome == "new"
    assert deals.files[f"{TODAY}.csv"] == CSV * 2


@pytest.mark.parametrize(
    ("page", "ending", "file"),
    [
        (
            "https://docs.google.com/spreadsheets/d/abc_1-2/edit#gid=77",
            ".csv",
            "https://docs.google.com/spreadsheets/d/abc_1-2/export?format=csv&gid=77",
        ),
        (
            "https://docs.google.com/spreadsheets/d/abc/edit?gid=5&usp=sharing#gid=5",
            ".xlsx",
            "https://docs.google.com/spreadsheets/d/abc/export?format=xlsx&gid=5",
        ),
        (
            "https://docs.google.com/spreadsheets/d/abc",
            ".csv",
            "https://docs.google.com/spreadsheets/d/abc/export?format=csv",
        ),
        ("https://docs.google.com/spreadsheets/d/e/2PACX/pub?output=csv", ".csv", None),
        ("https://docs.google.com/spreadsheets/d/abc/export?format=csv", ".csv", None),
        (
            "https://github.com/a/b/blob/main/docs/list.md",
            ".md",
            "https://raw.githubusercontent.com/a/b/main/docs/list.md",
        ),
        ("https://example.org/edit", ".csv", None),
    ],
)
def test_the_file_behind_a_page(page: str, ending: str, file: str | None) -> None:
    assert download_address(page, ending) == (file or page)


def test_what_is_not_enabled_is_fetched_only_by_name(deals: Deals, server: Loopback) -> None:
    server.answer = sends(CSV)
    deals.write(f"{server.address}/deals.csv", "enabled: false")
    assert deals.refresh().outcome == "disabled"
    assert not server.asked
    assert deals.refresh("deals").outcome == "new"
    assert deals.refresh("funding_rounds/deals").outcome == "unchanged"


def run(deals: Deals, *names: str) -> Any:
    folders = {"GENAI_LEDGER_RAW": str(deals.raw), "GENAI_LEDGER_HOME": str(deals.home.path)}
    return CliRunner().invoke(main, ["refresh", *names], env={**os.environ, **folders})


def test_the_command_says_what_became_of_each_source(deals: Deals, server: Loopback) -> None:
    server.answer = sends(CSV)
    done = run(deals)
    assert (done.exit_code, done.stdout) == (
        0,
        f"      new  funding_rounds/deals: {TODAY}.csv, {len(CSV)} bytes\n",
    )
    server.answer = sends(status=404)
    failed = run(deals)
    assert failed.exit_code == 1
    assert re.fullmatch(r"   failed  funding_rounds/deals: there is no such .*\n", failed.stdout)
    unknown = run(deals, "deal")
    assert unknown.exit_code == 1
    assert "`deal` is not a source with `refresh`; did you mean `deals`?" in unknown.stderr


def test_a_raw_folder_that_is_not_there_is_one_sentence(deals: Deals, tmp_path: Path) -> None:
    deals.raw = tmp_path / "nowhere"
    done = run(deals)
    assert done.exit_code == 1
    assert re.fullmatch(r"Error: .*nowhere.*GENAI_LEDGER_RAW.*\n", done.stderr)


def test_the_schedule_refreshes_and_fails_with_the_sentences(
    deals: Deals, server: Loopback
) -> None:
    job = refresh_job(deals.home, deals.raw)
    before = raw_folder_state(deals.raw)
    server.answer = sends(CSV)
    assert job.execute_in_process().success
    assert deals.files[f"{TODAY}.csv"] == CSV
    changed = raw_folder_state(deals.raw)
    assert changed != before
    half = deals.folder / ".2026.csv.x.partial" / "2026.csv"
    half.parent.mkdir()
    half.write_text("half a file")
    assert raw_folder_state(deals.raw) == changed
    server.answer = sends(status=404)
    failed = job.execute_in_process(raise_on_error=False)
    (step,) = failed.get_step_failure_events()
    told = step.step_failure_data.user_failure_data
    assert told is not None
    assert str(told.description).startswith("funding_rounds/deals: there is no such file")


def test_one_refresh_at_a_time_of_a_source_whatever_the_home(
    deals: Deals, server: Loopback, tmp_path: Path
) -> None:
    """Two homes on one raw/ would write two answers into one snapshot."""

    def meanwhile(exchange: Exchange) -> None:
        deals.home = config.Home(tmp_path / "another")
        second.append(deals.refresh())
        exchange.send(CSV)

    second: list[Refreshed] = []
    server.answer = meanwhile
    assert deals.refresh().outcome == "new"
    assert [result.sentence for result in second] == [
        "another process is writing here; wait until it has ended "
        "(the snapshot of 2026-10-01 stays in use)"
    ]


def test_a_download_is_not_written_through_a_link(
    deals: Deals, server: Loopback, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    for name in (".refresh.part", f".{TODAY}.part", f".{TODAY}.csv.partial", ".lock", ".refresh"):
        (deals.folder / name).symlink_to(victim)
    (deals.folder / f".{TODAY}.csv.gone.partial").symlink_to(tmp_path / "gone")
    server.answer = sends(CSV)
    assert deals.refresh().outcome == "new"
    assert victim.read_text() == "mine"
    assert (deals.folder / f"{TODAY}.csv").read_bytes() == CSV
    assert not (deals.folder / f"{TODAY}.csv").is_symlink()


def test_a_source_that_cannot_be_read_fails_the_command(deals: Deals) -> None:
    deals.write("https://example.org/a.csv", "enabled: perhaps")
    done = run(deals)
    assert done.exit_code == 1
    assert '`refresh.enabled` is "perhaps" but must be true when' in done.stdout


class Hub:
    """An imitation of the hub's list of models: pages of two, the last changed first."""

    def __init__(self, server: Loopback) -> None:
        self.server = server
        self.models: list[dict[str, Any]] = []
        self.fails_at = ""

    def change(self, model: str, modified: str, *tags: str) -> None:
        self.models = [m for m in self.models if m["id"] != model]
        self.models.insert(
            0,
            {
                "id": model,
                "author": model.split("/", maxsplit=1)[0],
                "lastModified": f"{modified}T10:00:00.000Z",
                "createdAt": "2026-01-02T00:00:00.000Z",
                "downloads": 1234,
                "likes": 5,
                "tags": list(tags),
                "safetensors": {"parameters": {"BF16": 7e9}, "total": 7_241_732_096},
            },
        )

    def __call__(self, exchange: Exchange) -> None:
        path, _, query = exchange.path.partition("?")
        assert path == "/api/models"
        if self.fails_at and f"cursor={self.fails_at}" in query:
            exchange.send(status=500)
            return
        start = int(query.rpartition("cursor=")[2]) if "cursor=" in query else 0
        page = json.dumps(self.models[start : start + 2]).encode()
        following = f"{self.server.address}/api/models?filter=text-generation&cursor={start + 2}"
        more: dict[str, Any] = {"Link": f'<{following}>; rel="next"'}
        exchange.send(page, **(more if start + 2 < len(self.models) else {}))


@pytest.fixture
def hub(deals: Deals, server: Loopback) -> Hub:
    (deals.folder / "2026-10-01.csv").unlink()
    deals.folder = deals.folder.rename(deals.raw / "open_models")
    deals.folder = deals.folder.rename(deals.raw / "m")
    (deals.raw / "open_models").mkdir()
    deals.folder = deals.folder.rename(deals.raw / "open_models" / "hub")
    wanted = "enabled: true, model_hub: {task: text-generation, since: 2026-10-05}"
    deals.write(server.address, wanted)
    hub = Hub(server)
    for day in range(1, 10):
        hub.change(f"org/model-{day}", f"2026-10-{day:02}", "license:apache-2.0")
    hub.change(
        "org/tuned", "2026-10-10", "base_model:org/model-9", "base_model:finetune:org/model-9"
    )
    server.answer = hub
    return hub


def rows(deals: Deals) -> dict[str, dict[str, Any]]:
    lines = deals.files[f"{TODAY}.jsonl"].decode().splitlines()
    return {row["model"]: row for row in map(json.loads, lines)}


def test_the_hub_is_read_page_by_page_down_to_the_day(deals: Deals, hub: Hub) -> None:
    assert deals.refresh().outcome == "new"
    assert len(hub.server.asked) == 4
    assert rows(deals).keys() == {"org/tuned", *(f"org/model-{day}" for day in range(5, 10))}
    assert rows(deals)["org/tuned"] == {
        "model": "org/tuned",
        "organisation": "org",
        "base_model": "org/model-9",
        "parameters": "7.24B",
        "licence": None,
        "released": "2026-01-02",
        "derivation": "finetune",
        "url": f"{hub.server.address}/org/tuned",
        "last_modified": "2026-10-10T10:00:00.000Z",
        "downloads": 1234,
        "likes": 5,
    }
    assert rows(deals)["org/model-9"]["licence"] == "apache-2.0"
    kinds = read_kinds(config.KINDS_FILE)
    sources = find_sources(deals.raw, kinds).sources
    (landed,) = land(sources, kinds, deals.raw, deals.home.landing)
    assert (landed.outcome, landed.rows) == ("landed", 6)


def test_only_what_changed_on_the_hub_is_asked_for(deals: Deals, hub: Hub) -> None:
    deals.refresh()
    hub.server.asked.clear()
    assert deals.refresh().outcome == "unchanged"
    assert len(hub.server.asked) == 1
    hub.change("org/model-1", "2026-10-11", "license:mit")
    hub.server.asked.clear()
    assert deals.refresh().outcome == "new"
    assert len(hub.server.asked) == 2
    assert len(rows(deals)) == 7
    assert rows(deals)["org/model-1"]["licence"] == "mit"


def test_an_interrupted_list_goes_on_where_it_stopped(deals: Deals, hub: Hub) -> None:
    hub.fails_at = "4"
    result = deals.refresh()
    assert result.outcome == "failed"
    assert "the next refresh goes on after 4 models" in result.sentence
    assert not deals.files
    hub.fails_at = ""
    hub.server.asked.clear()
    assert deals.refresh().outcome == "new"
    assert [path.rpartition("=")[2] for path, _ in hub.server.asked] == ["4", "6"]
    assert len(rows(deals)) == 6


def test_a_snapshot_of_another_hand_is_not_merged_with_the_hub(deals: Deals, hub: Hub) -> None:
    (deals.folder / "2026-10-01.csv").write_text("model\na/b\n")
    sentence = deals.refresh().sentence
    assert sentence.startswith("the newest snapshot 2026-10-01.csv was not made by refresh")
    assert not hub.server.asked


@pytest.mark.parametrize(
    "link",
    [
        '<https://[::1>; rel="next"',
        '<http://>; rel="next"',
        '<//>; rel="next"',
        '<http://a:b:c/>; rel="next"',
        '<javascript:alert(1)>; rel="next"',
        '<http://\xff\xfe/>; rel="next"',
        '<{address}@example.org/>; rel="next"',
        '<{address}0/>; rel="next"',
    ],
)
def test_a_next_page_that_is_no_address_fails_its_source_only(
    deals: Deals, hub: Hub, link: str
) -> None:
    page = json.dumps(hub.models[:2]).encode()
    hub.server.answer = sends(page, Link=link.format(address=hub.server.address))
    assert deals.refresh().outcome == "failed"
    assert not deals.files


def test_pages_that_lead_in_a_circle_end(deals: Deals, hub: Hub) -> None:
    page = json.dumps(hub.models[:2]).encode()
    link = f'<{hub.server.address}/api/models?cursor=2>; rel="next"'
    hub.server.answer = sends(page, Link=link)
    assert deals.refresh().sentence.startswith("the list's pages lead back to one that came")
    assert len(hub.server.asked) == 2
    hub.server.answer = hub  # mended, it is read from its beginning
    assert deals.refresh().outcome == "new"


@pytest.mark.usefixtures("hub")
def test_pages_that_were_kept_half_are_asked_for_again(deals: Deals) -> None:
    journal = deals.home.refresh / "open_models" / "hub.pages.jsonl"
    # The last is cut in the middle of a sign, as by a process that is killed.
    for line in (b"5", b"[]", b'{"first": 1}', b"{", b"[" * 100_000, '{"first": "é'.encode()[:-1]):
        journal.parent.mkdir(parents=True, exist_ok=True)
        journal.write_bytes(line)
        assert deals.refresh("hub").outcome in ("new", "unchanged")


def test_a_name_may_hold_what_ends_a_line_elsewhere(deals: Deals, hub: Hub) -> None:
    hub.change("org/one\u2028two\x85", "2026-10-11", "license:a\u2029b")
    assert deals.refresh().outcome == "new"
    assert deals.refresh().outcome == "unchanged"


def test_a_fault_of_a_library_costs_its_own_source_only(
    deals: Deals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("orchestration.sources.refresh.fetch", fails)
    assert deals.refresh() == Refreshed(
        "funding_rounds/deals",
        "failed",
        "an unexpected ZeroDivisionError stopped it; report this if it stays "
        "(the snapshot of 2026-10-01 stays in use)",
    )


def test_no_proxy_for_this_machine(
    deals: Deals, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEALS_TOKEN", SECRET)
    deals.write(f"{server.address}/a.csv", "enabled: true, token_env: DEALS_TOKEN")
    server.answer = sends(CSV)
    with serving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        assert deals.refresh().outcome == "new"
        assert not proxy.asked


def test_a_proxy_that_is_none_is_named(deals: Deals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    deals.write("https://example.org/a.csv")
    assert deals.refresh().sentence.startswith("the proxy that the environment names can't be")


def test_a_page_elsewhere_or_no_list_is_refused(
    deals: Deals, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as other:
        page = json.dumps(hub.models[:2]).encode()
        hub.server.answer = sends(page, Link=f'<{other.address}/api/models>; rel="next"')
        assert "the next page is on another server, which is refused" in deals.refresh().sentence
        assert not other.asked
    for body in (
        b"<html>",
        b"[1]",
        b'[{"id": "a"}]',
        b'{"a": 1}',
        b'[{"id": 5, "lastModified": "2026-10-09"}]',
        b'[{"id": "a", "lastModified": 5}]',
        b'[{"id": "a", "lastModified": "9999-01-01"}]',
        b'[{"id": "\\ud800", "lastModified": "2026-10-09"}]',
        b'[{"id": "a", "lastModified": "2026-10-09", "tags": [5]}]',
        b'[{"id": "a", "lastModified": "2026-10-09", "tags": 5}]',
        b'[{"id": "a", "lastModified": "2026-10-09", "createdAt": 5}]',
        b'[{"id": "a", "lastModified": "2026-10-09", "safetensors": {"total": 1%s}}]'
        % (b"0" * 400),
        b'[{"id": "a", "lastModified": "2026-10-09", "safetensors": {"total": "7B"}}]',
        b'[{"id": "a", "lastModified": "2026-10-09", "safetensors": [7]}]',
        b'[{"id": "a", "lastModified": "2026-10-09", "likes": %s}]' % (b"9" * 5000),
        b"[null]",
        b"null",
        b"\xff",
        b"[" * 100_000,
    ):
        hub.server.answer = sends(body)
        (deals.home.refresh / "open_models" / "hub.pages.jsonl").unlink(missing_ok=True)
        assert deals.refresh().sentence.startswith("the answer is not a list of models")
    hub.server.answer = never_ends
    assert deals.refresh().sentence.startswith("the file is larger than 1 MB")
    monkeypatch.setattr("orchestration.sources.huggingface._PAGE_BYTES", 10)
    hub.server.answer = sends(b"[" + b" " * 10 + b"]")
    assert deals.refresh().sentence.startswith("a page has over")
    hub.server.answer = redirects("https://169.254.169.254/")
    assert deals.refresh().sentence.startswith("the server redirects to a private address")
    assert not deals.files
