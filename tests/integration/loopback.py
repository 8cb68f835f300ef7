"""A server on this machine that answers as badly as servers can, and remembers the questions."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Exchange(BaseHTTPRequestHandler):
    """One request, and the ways to answer it."""

    protocol_version = "HTTP/1.1"
    server: Loopback

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        try:
            self.server.answers.pop(0)(self) if self.server.answers else self.server.answer(self)
        except ConnectionError:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Keep the terminal clean."""

    def send(self, body: bytes = b"", status: int = 200, **headers: Any) -> None:
        """Send a whole answer; an underscore in a header's name stands for a hyphen."""
        self.head(status, **{"Content_Length": str(len(body)), **headers})
        self.wfile.write(body)

    def head(self, status: int = 200, **headers: Any) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def hang_up(self) -> None:
        self.close_connection = True


Answer = Callable[[Exchange], None]


class Loopback(ThreadingHTTPServer):
    """`answers` are given once each, then `answer` to every request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answers: list[Answer] = []
        self.answer: Answer = sends(b"")
        self.ended = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: Any) -> None:
        """Say nothing: a client that hangs up is what the tests provoke."""


@contextmanager
def serving() -> Iterator[Loopback]:
    with Loopback() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.ended.set()
        server.shutdown()


def sends(body: bytes = b"", status: int = 200, **headers: str) -> Answer:
    return lambda exchange: exchange.send(body, status, **headers)


def is_sent(head: bytes) -> Answer:
    """Send the bytes behind the version of HTTP, whatever they say, and hang up."""

    def answer(exchange: Exchange) -> None:
        exchange.connection.sendall(b"HTTP/1.1 " + head + b"\r\n\r\n")
        exchange.hang_up()

    return answer


def redirects(target: str) -> Answer:
    return sends(b"moved", 302, Location=target)


def is_silent(exchange: Exchange) -> None:
    exchange.server.ended.wait(30)


def drips(exchange: Exchange) -> None:
    exchange.head(Content_Length="100000")
    while not exchange.server.ended.wait(0.05):
        exchange.wfile.write(b"a")


def drips_headers(exchange: Exchange) -> None:
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not exchange.server.ended.wait(0.05):
        exchange.wfile.write(b"a")


def drips_lines_of_headers(exchange: Exchange) -> None:
    exchange.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    while not exchange.server.ended.wait(0.05):
        exchange.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")


def drips_chunk_extension(exchange: Exchange) -> None:
    exchange.head(Transfer_Encoding="chunked")
    exchange.wfile.write(b"5;")
    while not exchange.server.ended.wait(0.05):
        exchange.wfile.write(b"a")


def drips_trailer(exchange: Exchange) -> None:
    exchange.head(Transfer_Encoding="chunked")
    exchange.wfile.write(b"5\r\na,b\nc\r\n0\r\n")
    while not exchange.server.ended.wait(0.05):
        exchange.wfile.write(b"X: y\r\n")


def drips_empty_gzip(exchange: Exchange) -> None:
    exchange.head(Content_Encoding="gzip", Transfer_Encoding="chunked")
    empty = gzip.compress(b"")
    while not exchange.server.ended.wait(0.05):
        exchange.wfile.write(b"%x\r\n%s\r\n" % (len(empty), empty))


def never_ends(exchange: Exchange) -> None:
    exchange.head(Transfer_Encoding="chunked")
    while not exchange.server.ended.is_set():
        exchange.wfile.write(b"10000\r\n" + b"a" * 65536 + b"\r\n")


def breaks_off(exchange: Exchange) -> None:
    exchange.head(Content_Length="1000")
    exchange.wfile.write(b"company,announced\n")
    exchange.hang_up()


def breaks_off_chunk(exchange: Exchange) -> None:
    exchange.head(Transfer_Encoding="chunked")
    exchange.wfile.write(b"ff\r\ncompany,announced\n")
    exchange.hang_up()


def hangs_up(exchange: Exchange) -> None:
    exchange.hang_up()


def inflates(exchange: Exchange) -> None:
    """Send 16 MB in 16 kB."""
    exchange.send(gzip.compress(b"a" * 16 * 1024**2), Content_Encoding="gzip")
