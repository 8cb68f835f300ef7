"""One address to a file on disk, whatever the server does.

Belongs here: how a file is fetched (https, and the protocols of fsspec), what a server may cost,
where a redirect may lead. Doesn't: whether a file is due or new (`refresh`), what is in it
(`reading`).

The server that source.yml names may be any, on a private network too: whoever wrote the address
meant it. Where that server then sends us is its own word: another origin must be https and, on
the very address that is connected to, public. A token is sent to the named origin only.
"""

from __future__ import annotations

import logging
import queue
import re
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar, cast
from urllib.parse import urljoin, urlsplit

import fsspec
import requests
import urllib3.exceptions as broken
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter_adapter import IPFilterAdapter

from orchestration import config
from orchestration.sources.remote_errors import (
    RemoteError,
    attempts,
    judge,
    refuse_above_limit,
    told,
    too_slow,
)

# What it logs of a refused address is said by our own sentence.
logging.getLogger("requests_hardened").setLevel(logging.CRITICAL)

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_BLOCK_BYTES = 64 * 1024
_T = TypeVar("_T")

Report = Callable[[int, int | None], None]  # bytes so far, and of the whole if that is known


class Validators(NamedTuple):
    """What a server said identifies the state of a file: sent back, it answers "not modified"."""

    etag: str | None = None
    modified: str | None = None


def fetch(
    address: str, into: Path, known: Validators, token: str | None, report: Report
) -> Validators | None:
    """Write what is at an address to `into`; return None when it is still what `known` says.

    Raises RemoteError; what `into` holds then is of no use.
    """
    deadline = time.monotonic() + config.FETCH_TOTAL_SECONDS
    scheme = checked_scheme(address)
    if scheme in ("http", "https"):
        return attempts(lambda: _by_http(address, into, known, token, deadline, report))
    if token is not None:
        raise RemoteError(
            f"`token_env` is for https; {scheme} has environment variables of its own"
        )
    return _by_fsspec(address, into, known, deadline, report)


def checked_scheme(address: str) -> str:
    """Return the scheme of an address that may be fetched. Raises RemoteError for others."""
    if re.match(r"https?://", address) is None and "::" in address:
        raise RemoteError("addresses chained by `::` are not fetched; name one address")
    try:
        parts = urlsplit(address)
        scheme, host, _ = parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        raise RemoteError("the address is not a valid one; correct it") from None
    if scheme in ("", "file", "local"):
        raise RemoteError("files of this machine are not fetched; put the file into the folder")
    if scheme not in ("http", "https"):
        return scheme
    if parts.username is not None:
        raise RemoteError("the address holds a password; put it where `token_env` says")
    if scheme == "http" and host not in _LOOPBACK:
        raise RemoteError("http can be read and changed on its way; write an https address")
    return scheme


def _by_http(  # noqa: PLR0917
    address: str,
    into: Path,
    known: Validators,
    token: str | None,
    deadline: float,
    report: Report,
) -> Validators | None:
    conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
    headers = {name: value for name, value in conditions.items() if value}
    try:
        with (
            _session(address) as session,
            _answer(session, address, headers, token, deadline) as response,
        ):
            if headers and response.status_code == requests.codes.not_modified:
                return None
            judge(response.status_code, response.headers, has_token=token is not None)
            length = response.headers.get("Content-Length", "")
            whole = int(length) if length.isdigit() else None

            def block() -> bytes:
                # read1 gives what has come, so that a server that drips can't hold the loop.
                return bytes(response.raw.read1(_BLOCK_BYTES, decode_content=True))

            _write(block, into, whole, deadline, report)
            return Validators(response.headers.get("ETag"), response.headers.get("Last-Modified"))
    except (requests.RequestException, broken.HTTPError, ValueError) as error:
        raise told(error) from None


def _session(address: str) -> requests.Session:
    """Make a session that connects to the address's origin freely, elsewhere to public https only.

    The filter resolves a name once and connects to the address that it has judged.
    """
    session = requests.Session()
    session.adapters.clear()
    session.mount("https://", IPFilterAdapter(is_https_proto=True))
    # The slash makes `https://a.org@10.0.0.1/` another origin than `https://a.org/`.
    session.mount(f"{_origin(address)}/", HTTPAdapter())
    session.headers["User-Agent"] = "genai-ledger"
    return session


def _origin(address: str) -> str:
    parts = urlsplit(requests.Request("GET", address).prepare().url or "")
    return f"{parts.scheme}://{parts.netloc}"


def _answer(
    session: requests.Session,
    address: str,
    headers: Mapping[str, str],
    token: str | None,
    deadline: float,
) -> requests.Response:
    """Follow redirects to the answer; its body is not read yet, and theirs never."""
    named = _origin(address)
    for _ in range(config.FETCH_REDIRECTS + 1):
        if _origin(address) != named:
            token = None  # and never again, wherever it leads from there
        response = _within(deadline, lambda: _get(session, address, headers, token))  # noqa: B023
        target = session.get_redirect_target(response)
        if target is None:
            return response
        response.close()
        address = urljoin(address, target)
    raise RemoteError(
        f"the server redirects more than {config.FETCH_REDIRECTS} times; correct the address"
    )


def _get(
    session: requests.Session, address: str, headers: Mapping[str, str], token: str | None
) -> requests.Response:
    def authorise(request: requests.PreparedRequest) -> requests.PreparedRequest:
        # Without a function here, requests would send what .netrc holds for the host.
        if token is not None:
            request.headers["Authorization"] = f"Bearer {token}"
        return request

    return session.get(
        address,
        headers=headers,
        auth=authorise,
        stream=True,
        allow_redirects=False,
        timeout=(config.FETCH_CONNECT_SECONDS, config.FETCH_SILENCE_SECONDS),
    )


def _within(deadline: float, work: Callable[[], _T]) -> _T:
    """Wait for work until the deadline; then leave it to a thread that ends with its connection.

    The time-outs of a connection count silence only, but names, handshakes and headers can drip.
    """
    outcome: queue.Queue[tuple[_T | None, BaseException | None]] = queue.Queue()

    def run() -> None:
        try:
            outcome.put((work(), None))
        except BaseException as error:  # raised where the work is waited for
            outcome.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        result, error = outcome.get(timeout=max(deadline - time.monotonic(), 0))
    except queue.Empty:
        raise too_slow() from None
    if error is not None:
        raise error
    return cast("_T", result)


def _write(
    block: Callable[[], bytes], into: Path, whole: int | None, deadline: float, report: Report
) -> None:
    refuse_above_limit(whole or 0)
    done = 0
    with into.open("wb") as file:
        while data := block():
            done += len(data)
            refuse_above_limit(done)
            if time.monotonic() > deadline:
                raise too_slow()
            file.write(data)
            report(done, whole)
    if not done:
        raise RemoteError("the file is empty; look at it on the server")


def _by_fsspec(
    address: str, into: Path, known: Validators, deadline: float, report: Report
) -> Validators | None:
    scheme = address.partition("://")[0]
    try:
        system, path = fsspec.core.url_to_fs(address)
        state = Validators(etag=system.ukey(path))
        if state == known:
            return None
        with system.open(path, "rb") as remote:
            _write(lambda: remote.read(_BLOCK_BYTES), into, system.size(path), deadline, report)
    except RemoteError:
        raise
    except ImportError as error:
        package = getattr(error.__cause__, "name", None) or scheme
        raise RemoteError(f"{scheme} addresses need a package: pip install {package}") from None
    except FileNotFoundError:
        raise RemoteError("there is no such file; correct the address") from None
    except Exception as error:  # each protocol has a library with errors of its own
        raise RemoteError(
            f"{scheme} can't read the file ({type(error).__name__}); check the address and the "
            f"environment variables of {scheme}"
        ) from None
    return state
