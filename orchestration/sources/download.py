"""One address to a file on disk, whatever the server does.

Belongs here: how a file is fetched (https, and some protocols of fsspec), what a server may cost,
where a redirect may lead, what answers and the libraries' errors mean. Doesn't: whether a file is
due or new (`refresh`), what is in it (`reading`).

The server that source.yml names may be any, on a private network too: whoever wrote the address
meant it. Where that server then sends us is its own word: another origin must be https and, on
the very address that is connected to, public. A token is sent to the named origin only.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import logging
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent import futures
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import urljoin, urlsplit

import fsspec
import requests
import requests.exceptions as wrong
import urllib3.exceptions as broken
from requests.adapters import HTTPAdapter
from requests_hardened import ip_filter
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.util import Retry

from orchestration import config
from orchestration.config import LedgerError
from orchestration.sources.formats import GZIP

# What it logs of a refused address is said by our own sentence.
logging.getLogger("requests_hardened").setLevel(logging.CRITICAL)
# What it takes for public all the same: addresses of a site, and IPv4's in IPv6's clothes.
ip_filter.EXTRA_BLOCKED_NET_RANGES += (
    ipaddress.ip_network("fec0::/10"),
    ipaddress.ip_network("::/8"),
)

ReportProgress = Callable[[int, int | None], None]  # bytes so far, and of the whole if known
_T = TypeVar("_T")

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_BLOCK_BYTES = 64 * 1024
_GZIP_BITS = 31  # a window of 2^15 behind a header of gzip, as zlib says it
_YEAR_SECONDS = 366 * 86_400

_OWN_ADDRESS = "which is refused; write the file's own address"
_BROKE = "the connection broke before the file's end; run it again later"
# What the errors of the libraries mean, the first that fits; their own texts may hold tokens.
_MEANINGS: Mapping[type[Exception], str] = {
    ip_filter.InvalidIPAddress: f"the server redirects to a private address, {_OWN_ADDRESS}",
    **dict.fromkeys(
        (wrong.InvalidProxyURL, wrong.ProxyError, broken.ProxyError),
        "the proxy that the environment names can't be used; correct HTTPS_PROXY",
    ),
    **dict.fromkeys(
        (wrong.InvalidSchema, wrong.InvalidURL, broken.LocationParseError),
        f"the server redirects to an address that is not https, {_OWN_ADDRESS}",
    ),
    wrong.SSLError: "the server's certificate can't be trusted; check the address",
    broken.SSLError: "the server's certificate can't be trusted; check the address",
    broken.NameResolutionError: "the server's name is not known; check the address and the network",
    broken.NewConnectionError: "the server can't be reached; check the address and the network",
    wrong.Timeout: "the server does not answer in time; run it again later",
    broken.TimeoutError: "the server does not answer in time; run it again later",
    **dict.fromkeys((RemoteDisconnected, IncompleteRead), _BROKE),
    **dict.fromkeys(
        (HTTPException, wrong.InvalidHeader),
        "what came is no answer of a web server, or too long a one; check the address",
    ),
    zlib.error: "the file is packed in a way that can't be unpacked; tell its producer",
    broken.ProtocolError: _BROKE,
    wrong.ConnectionError: _BROKE,
    ValueError: f"the server leads to what is no address, {_OWN_ADDRESS}",
}
_MAY_PASS = (
    *(broken.NewConnectionError, wrong.Timeout, broken.TimeoutError),
    *(broken.ProtocolError, wrong.ConnectionError, RemoteDisconnected, IncompleteRead),
)


class PassingError(LedgerError):
    """A fault that may be over in a moment, or in `wait` seconds if the server says so."""

    def __init__(self, sentence: str, wait: float | None = None) -> None:  # noqa: D107
        super().__init__(sentence)
        self.wait = wait


class Answer(NamedTuple):
    """What a server said of a file: `etag` and `modified`, sent back, ask whether it changed."""

    etag: str | None = None
    modified: str | None = None
    next_page: str | None = None


class Transfer(NamedTuple):
    """Where a download goes, and what it may take; `deadline` is a time of `time.monotonic()`.

    `token` is for the server of the address, and for none that it redirects to.
    """

    into: Path
    token: str | None
    report_progress: ReportProgress
    deadline: float

    def account(self, done: int, whole: int | None = None) -> None:
        """Report some bytes; raise LedgerError when they are too many to be read, or too late."""
        limit = config.LIMITS.file_bytes
        if max(done, whole or 0) > limit:
            raise LedgerError(
                f"the file is larger than {limit / 1e6:,.0f} MB; name a smaller part of it"
            )
        if time.monotonic() > self.deadline:
            raise _too_slow()
        self.report_progress(done, whole)


def fetch(address: str, transfer: Transfer, known: Answer = Answer()) -> Answer | None:  # noqa: B008
    """Write what is at an address to `into`; return None when it is still what `known` says.

    Raises LedgerError with a sentence that names neither the source nor the token; what `into`
    holds then is of no use.
    """
    scheme = _checked_scheme(address)
    if scheme in ("http", "https"):
        by = _by_http
    elif transfer.token is None:
        by = _by_fsspec
    else:
        raise LedgerError(
            f"`token_env` is for https; {scheme} has environment variables of its own"
        )
    deadline = transfer.deadline
    return _in_time(lambda: _attempts(lambda: by(address, transfer, known), deadline), deadline)


def _checked_scheme(address: str) -> str:
    """Return the scheme of an address that may be fetched. Raises LedgerError for others."""
    if re.match(r"https?://", address) is None and "::" in address:
        raise LedgerError("addresses chained by `::` are not fetched; name one address")
    try:
        parts = urlsplit(address)
        scheme, host, _ = parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        raise LedgerError("the address is not a valid one; correct it") from None
    if scheme in ("", "file", "local"):
        raise LedgerError("files of this machine are not fetched; put the file into the folder")
    if scheme in config.FSSPEC_PROTOCOLS:
        return scheme
    if scheme not in ("http", "https"):
        others = ", ".join(config.FSSPEC_PROTOCOLS)
        raise LedgerError(f"{scheme} addresses are not fetched; write one of https, or of {others}")
    if parts.username is not None:
        raise LedgerError("the address holds a password; put it where `token_env` says")
    if scheme == "http" and host not in _LOOPBACK:
        raise LedgerError("http can be read and changed on its way; write an https address")
    return scheme


def origin(address: str) -> str:
    """Return scheme, host and port of an address as they are connected to."""
    parts = urlsplit(requests.Request("GET", address).prepare().url or "")
    return f"{parts.scheme}://{parts.netloc}"


def _in_time(work: Callable[[], _T], deadline: float) -> _T:
    """Wait for work until the deadline; then leave it to a thread that ends with its connection.

    What the thread still writes is in a folder that is gone, and it asks for nothing more.

    The time-outs of a connection count silence only, but whatever a server sends can drip.
    """
    outcome: futures.Future[_T] = futures.Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # raised where the work is waited for
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return outcome.result(timeout=max(deadline - time.monotonic(), 0))
    except futures.TimeoutError:
        raise _too_slow() from None


def _too_slow() -> LedgerError:
    seconds = config.FETCH_TOTAL_SECONDS
    return LedgerError(f"the file did not come within {seconds:,.0f} s; run it again later")


def _attempts(work: Callable[[], _T], deadline: float) -> _T:
    """Repeat work that fails by a PassingError, longer apart each time or as the server asks."""
    for attempt in range(config.FETCH_ATTEMPTS - 1):
        try:
            return work()
        except PassingError as error:
            longer = config.FETCH_PAUSE_SECONDS * 2**attempt
            time.sleep(longer if error.wait is None else error.wait)
            if time.monotonic() > deadline:
                raise
    return work()


def _write(blocks: Iterable[bytes], whole: int | None, transfer: Transfer) -> None:
    transfer.account(0, whole)
    done = 0
    with transfer.into.open("wb") as file:
        for block in blocks:
            done += len(block)
            transfer.account(done, whole)
            file.write(block)
    if not done:
        raise LedgerError("the file is empty; look at it on the server")


def _by_http(address: str, transfer: Transfer, known: Answer) -> Answer | None:
    token = transfer.token
    conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
    headers = {name: value for name, value in conditions.items() if value}
    try:
        with _session(address) as session, _follow(session, address, headers, token) as response:
            if headers and response.status_code == requests.codes.not_modified:
                return None
            _refuse_no_file(response, has_token=token is not None)
            length = response.headers.get("Content-Length", "").partition(",")[0]
            if length and not length.isdecimal():
                raise LedgerError(
                    f"the server says that the file has {length!r:.40} bytes; tell its producer"
                )
            packed = response.headers.get("Content-Encoding", "identity").lower()
            sent = response.headers.get("Transfer-Encoding", "chunked").lower()
            for said, may_be in ((packed, ("identity", "gzip")), (sent, ("identity", "chunked"))):
                if said not in may_be:
                    raise LedgerError(
                        f"the file came packed as {said!r:.40}, which nobody asked for; tell its "
                        "producer"
                    )
            # read1 gives what has come, so that a server that drips can't hold the loop.
            blocks = iter(lambda: response.raw.read1(_BLOCK_BYTES, decode_content=False), b"")
            unpacked = _unpacked(blocks) if packed == "gzip" else blocks
            _write(unpacked, int(length) if length else None, transfer)
            following = response.links.get("next", {}).get("url")
            return Answer(
                response.headers.get("ETag"),
                response.headers.get("Last-Modified"),
                following and urljoin(response.url, following),
            )
    except (requests.RequestException, broken.HTTPError, ValueError, zlib.error) as error:
        raise _meaning(error) from None


def _unpacked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack gzip piece by piece. Raises PassingError when it ends before its end."""
    member = zlib.decompressobj(_GZIP_BITS)
    for block in blocks:
        rest = block
        while rest:
            if member.eof:  # another follows
                member = zlib.decompressobj(_GZIP_BITS)
            yield member.decompress(rest, _BLOCK_BYTES)
            rest = member.unused_data if member.eof else member.unconsumed_tail
            if member.eof and not rest.startswith(GZIP[: len(rest)]):
                break  # what stands behind it is none of the file
    if not member.eof:
        raise PassingError(_BROKE)


def _session(address: str) -> requests.Session:
    """Make a session that connects to the address's origin freely, elsewhere to public https only.

    The filter resolves a name once and connects to the address that it has judged.
    """
    session = requests.Session()
    session.adapters.clear()
    session.mount("https://", IPFilterAdapter(is_https_proto=True))
    # The slash makes `https://a.org@10.0.0.1/` another origin than `https://a.org/`.
    session.mount(f"{origin(address)}/", HTTPAdapter())
    session.headers.update({"User-Agent": "genai-ledger", "Accept-Encoding": "gzip"})
    # A proxy for this machine's own servers would be another machine, which reads all in clear.
    session.trust_env = urlsplit(address).hostname not in _LOOPBACK
    return session


def _follow(
    session: requests.Session, address: str, headers: Mapping[str, str], token: str | None
) -> requests.Response:
    """Follow redirects to the answer; its body is not read yet, and theirs never."""

    def authorise(request: requests.PreparedRequest) -> requests.PreparedRequest:
        # Without a function here, requests would send what .netrc holds for the host.
        if token is not None:
            request.headers["Authorization"] = f"Bearer {token}"
        return request

    named = origin(address)
    timeout = (config.FETCH_CONNECT_SECONDS, config.FETCH_SILENCE_SECONDS)
    session.auth, session.stream = authorise, True
    for _ in range(config.FETCH_REDIRECTS + 1):
        if origin(address) != named:
            token = None  # and never again, wherever it leads from there
        response = session.get(address, headers=headers, timeout=timeout, allow_redirects=False)
        target = session.get_redirect_target(response)
        if target is None:
            return response
        response.close()
        address = urljoin(address, target)
    raise LedgerError(
        f"the server redirects more than {config.FETCH_REDIRECTS} times; correct the address"
    )


def _refuse_no_file(response: requests.Response, *, has_token: bool) -> None:
    """Raise LedgerError for an answer that isn't a file."""
    status, codes = response.status_code, requests.codes
    if status == codes.ok:
        return
    if status in (codes.unauthorized, codes.forbidden):
        advice = (
            "the token in the variable that `token_env` names is not accepted"
            if has_token
            else "share the file, or name the environment variable of a token as `token_env`"
        )
        raise LedgerError(f"the server asks for permission ({status}); {advice}")
    if status in (codes.not_found, codes.gone):
        raise LedgerError(f"there is no such file on the server ({status}); correct the address")
    if status != codes.too_many_requests and status < codes.server_error:
        raise LedgerError(f"the server gave no file but the answer {status}; check the address")
    wait = None
    with contextlib.suppress(KeyError, broken.HTTPError):
        stated = response.headers["Retry-After"]
        wait = Retry(retry_after_max=_YEAR_SECONDS).parse_retry_after(stated)
    if wait is not None and wait > config.FETCH_WAIT_SECONDS:
        again = dt.datetime.now(dt.timezone.utc) + dt.timedelta(seconds=wait)
        raise LedgerError(
            f"the server wants no request ({status}) before {again:%Y-%m-%d %H:%M} UTC; "
            "run it again then"
        )
    busy = status == codes.too_many_requests
    fault = "is asked too often" if busy else "has a fault of its own"
    raise PassingError(f"the server {fault} ({status}); run it again later", wait)


def _meaning(error: Exception) -> LedgerError:
    """Return what an error of a library means, or the error that it wraps."""
    chain = [error]
    while inner := _inner(chain[-1]):
        chain.append(inner)
    for kind, sentence in _MEANINGS.items():
        if any(isinstance(step, kind) for step in chain):
            return (PassingError if kind in _MAY_PASS else LedgerError)(sentence)
    return LedgerError(f"the request failed ({type(error).__name__}); check the address")


def _inner(error: Exception) -> Exception | None:
    """Return the error that one of the libraries wraps, as its reason or among its arguments."""
    wrapped = (getattr(error, "reason", None), *error.args)
    return next((value for value in wrapped if isinstance(value, Exception)), None)


def _by_fsspec(address: str, transfer: Transfer, known: Answer) -> Answer | None:
    scheme = address.partition("://")[0]
    try:
        system, path = fsspec.core.url_to_fs(address)
        answer = Answer(etag=system.ukey(path))
        if answer.etag == known.etag:
            return None
        with system.open(path, "rb") as remote:
            _write(iter(lambda: remote.read(_BLOCK_BYTES), b""), system.size(path), transfer)
    except LedgerError:
        raise
    except ImportError as error:
        package = getattr(error.__cause__, "name", None) or scheme
        raise LedgerError(f"{scheme} addresses need a package: pip install {package}") from None
    except FileNotFoundError:
        raise LedgerError("there is no such file; correct the address") from None
    except Exception as error:  # each protocol has a library with errors of its own
        raise LedgerError(
            f"{scheme} can't read the file ({type(error).__name__}); check the address and the "
            f"environment variables of {scheme}"
        ) from None
    return answer
