"""New snapshots of remote sources: what `genai-ledger refresh` and its schedule do.

Belongs here: which sources are asked, whether what came is new, and its place in raw/. Doesn't:
fetching a file (`download`) or a hub's list (`hub`).

What a server said of the last download is kept in the home, below refresh/: it is what a run wrote,
not what the source is. When it is lost, the next download is unconditional and its bytes are
compared with the newest snapshot's, so that no snapshot comes twice.
"""

from __future__ import annotations

import codecs
import datetime as dt
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

import filelock

from orchestration import files
from orchestration.config import KINDS_FILE, Home
from orchestration.errors import LedgerError
from orchestration.sources import download, huggingface
from orchestration.sources.download import Validators
from orchestration.sources.kinds import read_kinds
from orchestration.sources.refresh_settings import Refresh
from orchestration.sources.registry import Snapshot, Source, find_sources
from orchestration.sources.remote_errors import RemoteError
from orchestration.sources.source_yml import SourceError, nearest

_SNIFFED_BYTES = 64 * 1024
_WEB_PAGE = (b"<!doctype html", b"<html", b"<head", b"<?xml", b"<script")
_ZIP, _OLE, _PARQUET, _GZIP = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1", b"\x1f\x8b"
_STARTS = {
    **dict.fromkeys(("xlsx", "xlsb", "ods", "zip"), (_ZIP,)),
    "xls": (_OLE,),
    "parquet": (_PARQUET,),
    "gz": (_GZIP,),
    **dict.fromkeys(("json", "jsonl"), (b"[", b"{")),
}
_BINARY_STARTS = (_ZIP, _OLE, _PARQUET, _GZIP, b"%PDF")


class Refreshed(NamedTuple):
    """What became of a source (`kind/name`), and a sentence that says it."""

    source: str
    outcome: Literal["new", "unchanged", "failed", "disabled"]
    sentence: str


def refresh(
    raw_dir: Path, place: Home, names: Sequence[str], report: download.Report
) -> Iterator[Refreshed]:
    """Fetch what is new of the sources that are enabled, or of those named, enabled or not.

    A source that can't be fetched keeps its last snapshot and fails alone. Raises SourceError for
    a name that is no remote source, and while another refresh is running.
    """
    found = find_sources(raw_dir, read_kinds(KINDS_FILE))
    sources = _chosen(found.sources, names)
    usable = {(source.kind, source.name) for source in found.sources}
    for problem in found.problems:
        if not names and problem.source and (problem.kind, problem.source) not in usable:
            yield Refreshed(f"{problem.kind}/{problem.source}", "failed", problem.message)
    place.refresh.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(place.refresh / ".lock", timeout=0):
            for source in sources:
                yield _refreshed(source, place, report, forced=bool(names))
    except filelock.Timeout:
        raise SourceError("another refresh is running; wait until it has ended") from None


def _chosen(sources: Sequence[Source], names: Sequence[str]) -> list[Source]:
    sources = [source for source in sources if source.refresh]
    chosen = []
    for name in names:
        named = [s for s in sources if name in (s.name, f"{s.kind}/{s.name}")]
        if not named:
            known = [source.name for source in sources]
            raise SourceError(f"`{name}` is not a source with `refresh`; {nearest(name, known)}")
        chosen += named
    return chosen if names else sources


def _refreshed(source: Source, place: Home, report: download.Report, *, forced: bool) -> Refreshed:
    name = f"{source.kind}/{source.name}"
    own = [snapshot for snapshot in source.snapshots if snapshot.path.parent == source.folder]
    newest = own[-1] if own else None
    last = f"the snapshot of {newest.on} stays in use" if newest else "nothing downloaded yet"
    refresh = source.refresh
    if refresh is None or not (refresh.enabled or forced):
        return Refreshed(name, "disabled", f"{last}; name it to download it all the same")
    memory = place.refresh / source.kind / f"{source.name}.json"
    part = source.folder / ".refresh.part"  # beside its place, so that it moves there in one step
    try:
        known = _remembered(memory, refresh, newest)
        state = _fetched(refresh, known, newest, part, memory=memory, report=report)
        if state is None:
            return Refreshed(name, "unchanged", "the server has nothing newer")
        _check_format(part, refresh.ending)
        digest, size = files.file_hash(part)
        facts = {"address": refresh.address, "sha256": digest, **state._asdict()}
        if newest and digest == files.file_hash(newest.path).sha256:
            _remember(memory, {**facts, "ours": known.get("ours", False)})
            return Refreshed(name, "unchanged", f"the file is the same as {newest.path.name}")
        placed = _place(part, refresh.ending, own, ours=known.get("ours", False))
        _remember(memory, {**facts, "ours": True})
        return Refreshed(name, "new", f"{placed}, {size:,} bytes")
    except LedgerError as error:
        return Refreshed(name, "failed", f"{error} ({last})")
    except OSError as error:
        return Refreshed(name, "failed", f"the file can't be written: {error.strerror} ({last})")
    finally:
        part.unlink(missing_ok=True)


def _fetched(
    refresh: Refresh,
    known: Mapping[str, Any],
    newest: Snapshot | None,
    part: Path,
    *,
    memory: Path,
    report: download.Report,
) -> Validators | None:
    token = _token(refresh)
    if refresh.model_hub:
        last, journal = newest and newest.path, memory.with_suffix(".pages.jsonl")
        return huggingface.fetch(
            refresh.address,
            refresh.model_hub,
            last,
            part,
            journal=journal,
            token=token,
            report=report,
        )
    address = download_address(refresh.address, refresh.ending)
    validators = Validators(known.get("etag"), known.get("modified"))
    return download.fetch(address, part, validators, token, report)


def _place(part: Path, ending: str, own: Sequence[Snapshot], *, ours: bool) -> str:
    """Make a download today's snapshot; `ours` tells whether refresh made the newest one, too."""
    today = dt.datetime.now(dt.timezone.utc).date()
    target = part.with_name(f"{today}{ending}")
    todays = [snapshot.path for snapshot in own if snapshot.on == today]
    if todays and not (ours and own[-1].on == today):
        raise RemoteError(
            f"the file is new, but today's {todays[0].name} was not made by refresh; "
            "run it again tomorrow, or remove that file"
        )
    part.replace(target)
    for path in todays:
        if path != target:
            path.unlink()
    return f"{target.name}{' in place of the one of earlier today' if todays else ''}"


def _check_format(path: Path, ending: str) -> None:
    """Raise RemoteError when the beginning of a file can't be that of its format."""
    form = ending.rpartition(".")[2]
    with path.open("rb") as file:
        head = file.read(_SNIFFED_BYTES)
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if form not in ("html", "htm") and start[:20].lower().startswith(_WEB_PAGE):
        raise RemoteError(
            f"a web page came instead of {form}, perhaps a login; share the file without login, "
            "name the environment variable of a token as `token_env`, or correct the address"
        )
    is_utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    is_text = not head.startswith(_BINARY_STARTS) and (is_utf16 or b"\0" not in head)
    if not (start.startswith(_STARTS[form]) if form in _STARTS else is_text):
        raise RemoteError(f"what came is not {form}; correct `refresh.format` or the address")


def download_address(address: str, ending: str) -> str:
    """Return the address of the file behind a page for people: a shared sheet, a file on GitHub."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address  # to be refused
    steps = parts.path.split("/")
    if parts.hostname == "github.com" and steps[3:4] == ["blob"]:
        return f"https://raw.githubusercontent.com/{'/'.join([*steps[1:3], *steps[4:]])}"
    shared = parts.hostname == "docs.google.com" and steps[1:3] == ["spreadsheets", "d"]
    if shared and steps[3:4] != ["e"] and steps[4:] in ([], [""], ["edit"], ["view"]):
        sheet = (parse_qs(parts.query) | parse_qs(parts.fragment)).get("gid", [""])[0]
        form = {"format": ending.removeprefix("."), **({"gid": sheet} if sheet else {})}
        return f"https://docs.google.com/spreadsheets/d/{steps[3]}/export?{urlencode(form)}"
    return address


def _token(refresh: Refresh) -> str | None:
    if refresh.token_env is None:
        return None
    token = os.environ.get(refresh.token_env, "").strip()
    if not token:
        raise RemoteError(
            f"the environment variable {refresh.token_env}, which `token_env` names, is not set; "
            "set it to the token"
        )
    return token


def _remembered(memory: Path, refresh: Refresh, newest: Snapshot | None) -> dict[str, Any]:
    """Return what is known of the last download, if its snapshot is still there as it came."""
    try:
        known: dict[str, Any] = json.loads(memory.read_text(encoding="utf-8"))
        held = newest and files.file_hash(newest.path).sha256
        if (known["address"], known["sha256"]) == (refresh.address, held):
            return known
    except (OSError, ValueError, KeyError, TypeError):
        pass  # unknown costs no more than a download without condition
    return {}


def _remember(memory: Path, facts: Mapping[str, Any]) -> None:
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps(facts), encoding="utf-8")
