"""New snapshots of remote sources: what `genai-ledger refresh` and its schedule do.

Belongs here: which sources are asked, whether what came is new, and its name in raw/. Doesn't:
fetching a file (`download`) or a hub's list (`huggingface`).

What a server said of the last download is kept in the home, below refresh/: it is what a run wrote,
not what the source is. When it is lost, the next download is unconditional and its bytes are
compared with the newest snapshot's, so that no snapshot comes twice.
"""

from __future__ import annotations

import codecs
import datetime as dt
import json
import os
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

from orchestration import config, files
from orchestration.config import Home, LedgerError, nearest
from orchestration.sources.download import Answer, ReportProgress, Transfer, fetch
from orchestration.sources.formats import FIRST_BYTES, FORMATS, GZIP, OLE, PARQUET, ZIP
from orchestration.sources.huggingface import fetch_models
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import Source, find_sources
from orchestration.sources.source_yml import Refresh

_SNIFFED_BYTES = 64 * 1024
_WEB_PAGE = (b"<!doctype html", b"<html", b"<head", b"<?xml", b"<script")
_DELIMITERS = re.compile(rb"[,;\t|]")
_BINARY = (ZIP, OLE, PARQUET, GZIP, b"%PDF")

Outcome = Literal["new", "unchanged", "failed", "disabled"]


class Refreshed(NamedTuple):
    """What became of a source (`kind/name`), and a sentence that says it."""

    source: str
    outcome: Outcome
    sentence: str


class _Download(NamedTuple):
    """What is known of the last one; `ours` is whether refresh made the newest snapshot."""

    address: str = ""
    sha256: str = ""
    etag: str | None = None
    modified: str | None = None
    ours: bool = False


def refresh(
    raw_dir: Path, home: Home, names: Sequence[str], report_progress: ReportProgress
) -> Iterator[Refreshed]:
    """Fetch what is new of the sources that are enabled, or of those named, enabled or not.

    A source that can't be fetched, or is being fetched by another, keeps its last snapshot and
    fails alone. Raises LedgerError for a name that is no remote source.
    """
    inventory = find_sources(raw_dir, read_kinds())
    sources = _chosen(inventory.sources, names)
    usable = {(source.kind, source.name) for source in inventory.sources}
    for problem in inventory.problems:
        if not names and problem.source and (problem.kind, problem.source) not in usable:
            yield Refreshed(f"{problem.kind}/{problem.source}", "failed", problem.message)
    for source in sources:
        yield _refreshed(source, home, report_progress, forced=bool(names))


def _chosen(sources: Sequence[Source], names: Sequence[str]) -> list[Source]:
    sources = [source for source in sources if source.refresh]
    chosen = []
    for name in names:
        named = [s for s in sources if name in (s.name, f"{s.kind}/{s.name}")]
        if not named:
            known = [source.name for source in sources]
            raise LedgerError(f"`{name}` is not a source with `refresh`; {nearest(name, known)}")
        chosen += named
    return chosen if names else sources


def _refreshed(
    source: Source, home: Home, report_progress: ReportProgress, *, forced: bool
) -> Refreshed:
    own = [snapshot for snapshot in source.snapshots if snapshot.path.parent == source.folder]
    last = f"the snapshot of {own[-1].snapshot_date} stays in use" if own else "nothing came yet"
    outcome: Outcome
    if source.refresh is None or not (source.refresh.enabled or forced):
        outcome, sentence = "disabled", f"{last}; name it to download it all the same"
    else:
        memory = home.refresh / source.kind / f"{source.name}.json"
        paths = [snapshot.path for snapshot in own]
        try:
            with files.sole_writer_in(source.folder):
                outcome, sentence = _downloaded(
                    source, source.refresh, paths, memory, report_progress
                )
        except LedgerError as error:
            outcome, sentence = "failed", f"{error} ({last})"
        except OSError as error:
            outcome, sentence = "failed", f"the file can't be written: {error.strerror} ({last})"
        except Exception as error:  # what a server makes a library do costs its own source only
            what = type(error).__name__
            sentence = f"an unexpected {what} stopped it; report this if it stays ({last})"
            outcome = "failed"
    return Refreshed(f"{source.kind}/{source.name}", outcome, sentence)


def _downloaded(
    source: Source,
    remote: Refresh,
    snapshots: Sequence[Path],
    memory: Path,
    report_progress: ReportProgress,
) -> tuple[Outcome, str]:
    """Download a source's file; make it today's snapshot if it is another than the newest."""
    today = f"{dt.datetime.now(dt.timezone.utc):%Y-%m-%d}"
    target, newest = source.folder / f"{today}{remote.ending}", next(reversed(snapshots), None)
    newest_sha256 = newest and files.file_hash(newest).sha256
    last = _remembered(memory)
    if (last.address, last.sha256) != (remote.address, newest_sha256):
        last = _Download()  # it costs no more than a download without condition
    deadline = time.monotonic() + config.FETCH_TOTAL_SECONDS
    with files.replacing(target) as part:
        transfer = Transfer(part, _token(remote), report_progress, deadline)
        answer = _answer(remote, transfer, last, newest, memory.with_suffix(".pages.jsonl"))
        if answer is None:
            part.unlink(missing_ok=True)
            return "unchanged", "the server has nothing newer"
        _check_format(part, remote.ending)
        sha256, size = files.file_hash(part)
        last = _Download(remote.address, sha256, answer.etag, answer.modified, last.ours)
        if newest and sha256 == newest_sha256:
            part.unlink()
            _remember(memory, last)
            return "unchanged", f"the file is the same as {newest.name}"
        todays = [path for path in snapshots if path.name.partition(".")[0] == today]
        if todays and not last.ours:
            raise LedgerError(
                f"the file is new, but today's {todays[0].name} was not made by refresh; "
                "run it again tomorrow, or remove that file"
            )
    for path in todays:
        if path != target:
            path.unlink()
    _remember(memory, last._replace(ours=True))
    instead = " in place of the one of earlier today" if todays else ""
    return "new", f"{target.name}{instead}, {size:,} bytes"


def _answer(
    remote: Refresh, transfer: Transfer, last: _Download, newest: Path | None, journal: Path
) -> Answer | None:
    if remote.model_hub:
        is_new = fetch_models(remote.model_hub, remote.address, transfer, newest, journal)
        return Answer() if is_new else None
    address = download_address(remote.address, remote.ending)
    return fetch(address, transfer, Answer(last.etag, last.modified))


def _check_format(path: Path, ending: str) -> None:
    """Raise LedgerError when the beginning of a file can't be that of its format."""
    last = ending[ending.rindex(".") :]
    with path.open("rb") as file:
        head = file.read(_SNIFFED_BYTES)
    is_utf16 = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = head.decode("utf-16", "ignore").encode() if is_utf16 else head
    start = text.removeprefix(codecs.BOM_UTF8).lstrip()
    if last not in FORMATS["html"] and start[:20].lower().startswith(_WEB_PAGE):
        raise LedgerError(
            f"a web page came instead of {last[1:]}, perhaps a login; share the file without "
            "login, name the environment variable of a token as `token_env`, or correct the address"
        )
    if not start:
        raise LedgerError("the file is empty; look at it on the server")
    is_text = not text.startswith(_BINARY) and b"\0" not in text
    is_text &= last not in FORMATS["delimited"] or not start.startswith((b"{", b"["))
    if not (start.startswith(FIRST_BYTES[last]) if last in FIRST_BYTES else is_text):
        raise LedgerError(f"what came is not {last[1:]}; correct `refresh.format` or the address")
    if is_text and len(head) < _SNIFFED_BYTES and not _may_hold_a_table(start, last):
        said = " ".join(start.decode(errors="replace").split())
        raise LedgerError(
            f"what came holds no table but says {said!r:.80}; run it again later, or correct the "
            "address"
        )


def _may_hold_a_table(text: bytes, ending: str) -> bool:
    """Whether a short text could hold rows, which the sentence of an error doesn't."""
    lines = text.strip().splitlines()
    if ending in FORMATS["delimited"]:
        is_sentence = lines[0].rstrip()[-1:] in b".!:" and not _DELIMITERS.search(lines[0])
        return len(lines) > 1 and not is_sentence
    if ending in FORMATS["json"]:
        return ending == ".jsonl" or b"[" in text or text.count(b"{") > 1
    return any(sign in text.lower() for sign in (b"|", b"<table"))


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


def _token(remote: Refresh) -> str | None:
    if remote.token_env is None:
        return None
    token = os.environ.get(remote.token_env, "").strip()
    if not token:
        raise LedgerError(
            f"the environment variable {remote.token_env}, which `token_env` names, is not set; "
            "set it to the token"
        )
    return token


def _remembered(memory: Path) -> _Download:
    try:
        return _Download(**json.loads(memory.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return _Download()


def _remember(memory: Path, last: _Download) -> None:
    with files.replacing(memory) as partial:
        partial.write_text(json.dumps(last._asdict()), encoding="utf-8")
