"""The models of a hub, as its public API lists them, to a file of one JSON object a line.

Belongs here: which models are asked for, and which facts of them are kept. Doesn't: what they mean.

The list comes in pages, the last changed first. Only what changed since the newest snapshot is
asked for and merged into it. Pages are kept in a journal as they come: an interrupted list goes on
at the page where it stopped. (`HfApi.list_models` can only start anew.)
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
from huggingface_hub import ModelInfo, get_session, set_client_factory
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

from orchestration import config
from orchestration.sources.download import Report, Validators, checked_scheme
from orchestration.sources.refresh_settings import ModelHub
from orchestration.sources.remote_errors import (
    PassingError,
    RemoteError,
    attempts,
    judge,
    refuse_above_limit,
    too_slow,
)

_FACTS = ("author", "createdAt", "downloads", "lastModified", "likes", "safetensors", "tags")
_NOT_A_LIST = "the answer is not a list of models; write the hub's front page as the address"

Row = dict[str, Any]


def fetch(
    hub: str,
    wanted: ModelHub,
    newest: Path | None,
    into: Path,
    *,
    journal: Path,
    token: str | None,
    report: Report,
) -> Validators | None:
    """Write all models known to `into`; return None when none changed since `newest`.

    `newest` is the last file that this function wrote. Raises RemoteError; the pages that came
    stay in `journal` for the next call.
    """
    checked_scheme(hub)
    known = _read(newest) if newest else {}
    since = max((row["last_modified"] for row in known.values()), default=f"{wanted.since}")
    facts = [("expand", fact) for fact in _FACTS]
    query = urlencode([("filter", wanted.task), ("sort", "lastModified"), *facts])
    first = f"{hub.rstrip('/')}/api/models?{query}"
    set_client_factory(lambda: _client(hub))
    try:
        came = _pages(first, since, journal, token, report)
    except RemoteError as error:
        kept = sum(len(page["models"]) for page in _kept(journal, first, since))
        raise RemoteError(f"{error}; the next refresh goes on after {kept:,} models") from None
    # A model at `since` itself is listed again, because another may have changed at that moment.
    if any(row["last_modified"] > since or row["model"] not in known for row in came):
        merged = known | {row["model"]: row for row in reversed(came)}
        lines = [json.dumps(merged[model], ensure_ascii=False) for model in sorted(merged)]
        into.write_text("\n".join(lines) + "\n", encoding="utf-8")
    journal.unlink()
    return Validators() if into.exists() else None


def _read(snapshot: Path) -> dict[str, Row]:
    try:
        rows = [json.loads(line) for line in snapshot.read_text(encoding="utf-8").splitlines()]
        return {row["model"]: row for row in rows if row["last_modified"]}
    except (ValueError, KeyError, TypeError):
        raise RemoteError(
            f"the newest snapshot {snapshot.name} was not made by refresh; move it elsewhere"
        ) from None


def _pages(first: str, since: str, journal: Path, token: str | None, report: Report) -> list[Row]:
    """Fetch the pages that the journal lacks, to the first model older than `since`."""
    deadline = time.monotonic() + config.FETCH_TOTAL_SECONDS
    pages = _kept(journal, first, since)
    journal.parent.mkdir(parents=True, exist_ok=True)
    with journal.open("w", encoding="utf-8") as file:
        for page in pages:
            file.write(json.dumps(page) + "\n")
        following = pages[-1]["next"] if pages else first
        while following:
            if time.monotonic() > deadline:
                raise too_slow()
            address = following
            rows, following = attempts(lambda: _page(address, token, deadline))  # noqa: B023
            recent = [row for row in rows if row["last_modified"] >= since]
            following = following if len(recent) == len(rows) else None
            pages.append({"first": first, "since": since, "models": recent, "next": following})
            file.write(json.dumps(pages[-1]) + "\n")
            file.flush()
            refuse_above_limit(file.tell())
            report(file.tell(), None)
    return [row for page in pages for row in page["models"]]


def _kept(journal: Path, first: str, since: str) -> list[dict[str, Any]]:
    """Return the pages of an interrupted list of the same models, whole ones only."""
    pages = []
    for line in journal.read_text(encoding="utf-8").splitlines() if journal.exists() else []:
        try:
            page = json.loads(line)
        except json.JSONDecodeError:  # written when the process ended
            break
        if (page["first"], page["since"]) != (first, since):
            return []
        pages.append(page)
    return pages


def _client(hub: str) -> httpx2.Client:
    named = httpx2.URL(hub)

    def stay(request: httpx2.Request) -> None:
        origin = (request.url.scheme, request.url.host, request.url.port)
        if origin != (named.scheme, named.host, named.port):
            raise RemoteError("the next page is on another server, which is refused")

    timeout = httpx2.Timeout(config.FETCH_SILENCE_SECONDS, connect=config.FETCH_CONNECT_SECONDS)
    return httpx2.Client(event_hooks={"request": [stay]}, timeout=timeout, follow_redirects=False)


def _page(address: str, token: str | None, deadline: float) -> tuple[list[Row], str | None]:
    """Fetch the models of a page, and the address of the next."""
    body = bytearray()
    # Without `False` the library would send the token that a login left on this machine.
    headers = build_hf_headers(token=token or False, library_name="genai-ledger")
    try:
        with get_session().stream("GET", address, headers=headers) as response:
            judge(response.status_code, response.headers, has_token=token is not None)
            for block in response.iter_bytes():
                body += block
                refuse_above_limit(len(body))
                if time.monotonic() > deadline:
                    raise too_slow()
        listed = [{"siblings": None, **model} for model in json.loads(body)]
        models = [ModelInfo(**model) for model in listed]  # type: ignore[no-untyped-call]
        return [_row(model, address) for model in models], response.links.get("next", {}).get("url")
    except httpx2.TimeoutException:
        raise PassingError("the hub does not answer in time; run it again later") from None
    except httpx2.TransportError:
        raise PassingError("the hub can't be reached; check the address and network") from None
    except (ValueError, TypeError, KeyError, AttributeError, httpx2.HTTPError):
        raise RemoteError(_NOT_A_LIST) from None


def _row(model: ModelInfo, address: str) -> Row:
    """Keep the facts of a model that the kind open_models has columns for, and its counts."""
    tags = _tagged(model.tags or [])
    hub = urlsplit(address)
    if model.last_modified is None:
        raise ValueError(model.id)
    return {
        "model": model.id,
        "organisation": model.author or model.id.rpartition("/")[0] or None,
        "base_model": tags.get("base_model"),
        "parameters": f"{model.safetensors.total / 1e9:.3g}B" if model.safetensors else None,
        "licence": tags.get("license"),
        "released": f"{model.created_at:%Y-%m-%d}" if model.created_at else None,
        "derivation": tags.get("derivation"),
        "url": f"{hub.scheme}://{hub.netloc}/{model.id}",
        "last_modified": model.last_modified.isoformat(),
        "downloads": model.downloads,
        "likes": model.likes,
    }


def _tagged(tags: list[str]) -> Mapping[str, str]:
    """Read the tags with a value: `license:mit`, `base_model:a/b`, `base_model:finetune:a/b`."""
    facts: dict[str, str] = {}
    for tag in tags:
        name, _, value = tag.partition(":")
        derivation, _, base = value.partition(":")
        if name == "base_model" and base:
            facts["derivation"] = derivation
        facts.setdefault(name, base or value)
    return facts
