"""Telling people what is not well: one message when it begins, one when it is over.

Belongs here: what was told already, and sending. Not here: what is not well (`status`).

    incidents.json      what is open and was told, and the verdicts on claims that were told last
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from filelock import FileLock

from orchestration import files
from orchestration.config import ALERTS, Home, LedgerError

Send = Callable[[str, str], bool]  # of a title and a text; whether anybody took it

_SECRET_NAME = re.compile("KEY|TOKEN|SECRET|PASSWORD|POSTGRES|ALERTS", re.IGNORECASE)
_LEAST_SECRET = 6  # letters: shorter values would hide ordinary words
_IN_ADDRESS = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_IN_QUERY = re.compile(r"(?i)((?:key|token|secret|password|sig\w*)=)[^&\s]+")


class Message(NamedTuple):
    """What is sent."""

    title: str
    text: str


def send_alerts(
    home: Home, incidents: Mapping[str, str], claims: Mapping[str, str], send: Send
) -> list[Message]:
    """Send what has begun, is over or has changed since the last call; return what was sent.

    The first claims ever seen are no change. Raises LedgerError, when the rest is sent, for what
    nobody took: the next call sends it again.
    """
    path = home.path / "incidents.json"
    home.path.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        known = _read(home)
        # What has only become worse or better, such as late to stale, is not over.
        subjects = {_subject(key) for key in incidents}
        was_open: dict[str, str] = known.get("open", {})
        still_open = {
            key: sentence
            for key, sentence in was_open.items()
            if key in incidents or _subject(key) not in subjects
        }
        sent, missed = [], []
        for key, message in _news(still_open, incidents).items():
            if not send(*message):
                missed.append(message.title)
                continue
            sent.append(message)
            if key in incidents:
                still_open[key] = incidents[key]
            else:
                del still_open[key]
        told = dict(known.get("claims", claims))
        changes = _changed_claims(told, claims)
        if changes and send(*changes):
            sent.append(changes)
            told = dict(claims)
        elif changes:
            missed.append(changes.title)
        now = {"open": still_open, "claims": told if claims and told else dict(claims)}
        if now != known:
            with files.replacing(path) as partial:
                partial.write_text(json.dumps(now, indent=1, ensure_ascii=False))
    if missed:
        raise LedgerError(f"no address in {ALERTS} took {'; '.join(missed)}; it is sent again")
    return sent


def _read(home: Home) -> dict[str, Any]:
    try:
        known: dict[str, Any] = json.loads((home.path / "incidents.json").read_text())
    except (FileNotFoundError, ValueError):  # a damaged record is none: all is told again
        return {}
    return known


def _subject(key: str) -> str:
    """Return what an incident is about: its key without the last word, which says what it is."""
    return key.rpartition(" ")[0] or key


def _news(was_open: Mapping[str, str], incidents: Mapping[str, str]) -> dict[str, Message]:
    begun = {
        key: Message(f"GenAI Ledger: {key}", redact(sentence))
        for key, sentence in incidents.items()
        if key not in was_open
    }
    over = {
        key: Message(f"GenAI Ledger: over: {key}", redact(f"It is over. It was: {sentence}"))
        for key, sentence in was_open.items()
        if key not in incidents
    }
    return begun | over


def _changed_claims(told: Mapping[str, str], claims: Mapping[str, str]) -> Message | None:
    lines = [
        f"{claim}: {told[claim]} -> {verdict}"
        for claim, verdict in claims.items()
        if claim in told and told[claim] != verdict
    ]
    return Message("GenAI Ledger: claims changed", "\n".join(lines)) if lines else None


def redact(text: str) -> str:
    """Return a text without passwords, keys and tokens, of addresses and of the environment."""
    for name, value in os.environ.items():
        if _SECRET_NAME.search(name) and len(value) >= _LEAST_SECRET:
            text = text.replace(value, "***")
    return _IN_QUERY.sub(r"\1***", _IN_ADDRESS.sub("***", text))


def sender(addresses: str) -> Send:
    """Return what sends to each of some addresses of Apprise, parted by blanks.

    Raises LedgerError for one that isn't understood, by its place: an address holds secrets.
    """
    try:
        import apprise  # noqa: PLC0415 - an extra, and only needed where somebody is to be told
    except ImportError as error:
        raise LedgerError(
            f"{ALERTS} is set, but Apprise is not installed: `pip install 'genai-ledger[alerts]'`"
        ) from error
    targets = []
    for place, address in enumerate(addresses.split(), start=1):
        target = apprise.Apprise()
        if not target.add(address):
            raise LedgerError(
                f"address {place} in {ALERTS} is not understood; https://github.com/caronc/apprise "
                "lists what there is, such as mailto://, slack:// and json://"
            )
        targets.append(target)

    def send(title: str, text: str) -> bool:
        taken = [bool(target.notify(title=title, body=text)) for target in targets]
        return any(taken)

    return send
