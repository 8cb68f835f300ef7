"""What can go wrong between us and a server: as a sentence, and whether to try again.

Belongs here: the meaning of answers and of the libraries' errors. Doesn't: asking (remote, hub).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TypeVar

import requests
import requests.exceptions as wrong
import tenacity
import urllib3.exceptions as broken
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.util import Retry

from orchestration import config
from orchestration.errors import LedgerError

_T = TypeVar("_T")
_YEAR_SECONDS = 366 * 86_400


class RemoteError(LedgerError):
    """A file that can't be fetched; its text is one sentence that doesn't name the source."""


class PassingError(RemoteError):
    """A fault that may be over in a moment, or in `wait` seconds if the server says so."""

    def __init__(self, sentence: str, wait: float | None = None) -> None:  # noqa: D107
        super().__init__(sentence)
        self.wait = wait


# What the errors of the libraries mean, the first that fits; their own texts may hold tokens.
_MEANINGS: tuple[tuple[tuple[type[Exception], ...], type[RemoteError], str], ...] = (
    (
        (InvalidIPAddress,),
        RemoteError,
        "the server redirects to a private address, which is refused; write the file's own address",
    ),
    (
        (wrong.InvalidSchema, wrong.InvalidURL, broken.LocationParseError),
        RemoteError,
        "the server redirects to an address that is not https, which is refused; "
        "write the file's own address",
    ),
    (
        (wrong.SSLError, broken.SSLError),
        RemoteError,
        "the server's certificate can't be trusted; check the address",
    ),
    (
        (broken.NameResolutionError,),
        RemoteError,
        "the server's name is not known; check the address and the network",
    ),
    (
        (broken.NewConnectionError,),
        PassingError,
        "the server can't be reached; check the address and the network",
    ),
    (
        (wrong.Timeout, broken.TimeoutError),
        PassingError,
        "the server does not answer in time; run it again later",
    ),
    (
        (broken.DecodeError,),
        RemoteError,
        "the file is packed in a way that can't be unpacked; report it to its producer",
    ),
    (
        (broken.ProtocolError, wrong.ConnectionError),
        PassingError,
        "the connection broke before the file's end; run it again later",
    ),
)


def attempts(work: Callable[[], _T]) -> _T:
    """Repeat work that fails by a PassingError, a few times, longer apart each time."""
    pause = config.FETCH_PAUSE_SECONDS
    longer = tenacity.wait_exponential_jitter(pause, jitter=pause)

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome and state.outcome.exception()
        asked = error.wait if isinstance(error, PassingError) else None
        return longer(state) if asked is None else asked

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(PassingError),
        stop=tenacity.stop_after_attempt(config.FETCH_ATTEMPTS),
        wait=wait,
        reraise=True,
    )
    return retrying(work)


def judge(status: int, headers: Mapping[str, str], *, has_token: bool) -> None:
    """Raise RemoteError for an answer that isn't a file."""
    if status == requests.codes.ok:
        return
    if status in (requests.codes.unauthorized, requests.codes.forbidden):
        advice = (
            "the token in the variable that `token_env` names is not accepted"
            if has_token
            else "share the file, or name the environment variable of a token as `token_env`"
        )
        raise RemoteError(f"the server asks for permission ({status}); {advice}")
    if status in (requests.codes.not_found, requests.codes.gone):
        raise RemoteError(f"there is no such file on the server ({status}); correct the address")
    if status != requests.codes.too_many_requests and status < requests.codes.server_error:
        raise RemoteError(f"the server gave no file but the answer {status}; check the address")
    wait = _retry_after(headers)
    if wait is not None and wait > config.FETCH_WAIT_SECONDS:
        again = dt.datetime.now(dt.timezone.utc) + dt.timedelta(seconds=wait)
        raise RemoteError(
            f"the server wants no request ({status}) before {again:%Y-%m-%d %H:%M} UTC; "
            "run it again then"
        )
    busy = status == requests.codes.too_many_requests
    fault = "is asked too often" if busy else "has a fault of its own"
    raise PassingError(f"the server {fault} ({status}); run it again later", wait)


def refuse_above_limit(size: int) -> None:
    """Raise RemoteError if a file of so many bytes is too big to be read later."""
    limit = config.LIMITS.file_bytes
    if size > limit:
        raise RemoteError(
            f"the file is larger than {limit / 1e6:,.0f} MB; name a smaller part of it"
        )


def too_slow() -> RemoteError:
    """Make the error of a file that took more than the time for all attempts."""
    return RemoteError(
        f"the file did not come within {config.FETCH_TOTAL_SECONDS:,.0f} s; run it again later"
    )


def told(error: Exception) -> RemoteError:
    """Say what an error of a library means, or of the error that it wraps."""
    chain = [error]
    while isinstance(inner := getattr(chain[-1], "reason", (*chain[-1].args, None)[0]), Exception):
        chain.append(inner)
    for kinds, meaning, sentence in _MEANINGS:
        if any(isinstance(step, kinds) for step in chain):
            return meaning(sentence)
    return RemoteError(f"the request failed ({type(error).__name__}); check the address")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    try:
        return Retry(retry_after_max=_YEAR_SECONDS).parse_retry_after(headers["Retry-After"])
    except (KeyError, broken.HTTPError):
        return None
