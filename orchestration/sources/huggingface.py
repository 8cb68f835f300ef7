"""The models of a hub, as its public API lists them, to a file of one JSON object a line.

Belongs here: which models are asked for, and which facts of them are kept. Doesn't: how a page is
downloaded (`download`), what the facts mean (`parsing`).

The list comes in pages, the last changed first. Only what changed since the newest snapshot is
asked for and merged into it. Pages are kept in a journal as they come: an interrupted list goes on
at the page where it stopped.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from orchestration.config import LedgerError
from orchestration.sources.download import Transfer, fetch, origin
from orchestration.sources.source_yml import ModelHub

_FACTS = ("author", "createdAt", "downloads", "lastModified", "likes", "safetensors", "tags")

_PAGE_BYTES = 32 << 20  # of a thousand models it has two

_Row = dict[str, Any]


def fetch_models(
    hub: ModelHub, address: str, transfer: Transfer, newest: Path | None, journal: Path
) -> bool:
    """Write all models known to `into`; return whether any changed since `newest`.

    `newest` is the last file that this function wrote. Raises LedgerError; the pages that came
    stay in `journal` for the next call.
    """
    known = _read(newest) if newest else {}
    since = max((row["last_modified"] for row in known.values()), default=f"{hub.since}")
    facts = [("expand", fact) for fact in _FACTS]
    query = urlencode([("filter", hub.task), ("sort", "lastModified"), *facts])
    first = f"{address.rstrip('/')}/api/models?{query}"
    try:
        listed = _pages(first, since, transfer, journal)
    except LedgerError as error:
        kept = sum(len(page["models"]) for page in _kept(journal, first, since))
        raise LedgerError(f"{error}; the next refresh goes on after {kept:,} models") from None
    # A model at `since` itself is listed again, because another may have changed at that moment.
    is_new = any(row["last_modified"] > since or row["model"] not in known for row in listed)
    merged = known | {row["model"]: row for row in reversed(listed)}
    lines = (_line(merged[model]) for model in sorted(merged))
    transfer.into.write_text("".join(lines), encoding="utf-8")
    journal.unlink()
    return is_new


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def _read(snapshot: Path) -> dict[str, _Row]:
    try:
        rows = [json.loads(line) for line in snapshot.read_bytes().splitlines()]
        dated = _checked_rows([row for row in rows if row["last_modified"]])
        return {row["model"]: row for row in dated}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise LedgerError(
            f"the newest snapshot {snapshot.name} was not made by refresh; move it elsewhere"
        ) from None


def _checked_rows(rows: list[_Row]) -> list[_Row]:
    """Return rows that name a model and a moment. Raises KeyError or TypeError for others."""
    if not all(isinstance(row[name], str) for row in rows for name in ("model", "last_modified")):
        raise TypeError("a model or a moment is no text")
    return rows


def _pages(first: str, since: str, transfer: Transfer, journal: Path) -> list[_Row]:
    """Fetch the pages that the journal lacks, to the first model older than `since`."""
    pages = _kept(journal, first, since)
    following = pages[-1]["next"] if pages else first
    journal.parent.mkdir(parents=True, exist_ok=True)
    with journal.open("w", encoding="utf-8") as file:
        file.writelines(map(_line, pages))
        while following:
            if not following.startswith(f"{origin(first)}/"):
                raise LedgerError("the next page is on another server, which is refused")
            answer = fetch(following, transfer)
            if transfer.into.stat().st_size > _PAGE_BYTES:
                raise LedgerError(f"a page has over {_PAGE_BYTES >> 20} MB; tell its producer")
            models = _models(transfer.into.read_bytes(), origin(first))
            recent = [row for row in models if row["last_modified"] >= since]
            following = answer and answer.next_page if len(recent) == len(models) else None
            if following in {first, *(page["next"] for page in pages)}:
                file.truncate(0)  # nothing of it is to be gone on with
                raise LedgerError("the list's pages lead back to one that came; tell its producer")
            pages.append({"first": first, "since": since, "models": recent, "next": following})
            file.write(_line(pages[-1]))
            file.flush()
            transfer.account(file.tell())
    return [row for page in pages for row in page["models"]]


def _kept(journal: Path, first: str, since: str) -> list[dict[str, Any]]:
    """Return the pages of an interrupted list of the same models, whole ones only."""
    pages = []
    for line in journal.read_bytes().splitlines() if journal.exists() else []:
        try:
            page = json.loads(line)
            is_of_this_list = (page["first"], page["since"]) == (first, since)
            _checked_rows(page["models"])
            if not isinstance(page["next"], str | None):
                raise TypeError("the next page is at no address")
        except (ValueError, KeyError, TypeError, RecursionError):
            break  # written when the process ended, perhaps to the middle of a sign
        if not is_of_this_list:
            return []
        pages.append(page)
    return pages


def _models(page: bytes, hub: str) -> list[_Row]:
    try:
        rows = [_row(model, hub) for model in json.loads(page)]
        _line({"models": rows}).encode()  # fails on text that is none
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError):
        raise LedgerError(
            "the answer is not a list of models; write the hub's front page as the address"
        ) from None
    return rows


def _row(model: Mapping[str, Any], hub: str) -> _Row:
    """Keep the facts of a model that the kind open_models has columns for, and its counts."""
    name, tags = model["id"].strip(), _with_values(model.get("tags") or ())
    weights, created = model.get("safetensors"), model.get("createdAt")
    modified = model["lastModified"].strip()
    if modified[:10] > f"{dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=366):%Y-%m-%d}":
        raise ValueError("nothing would be newer for a long time")
    return {
        "model": name,
        "organisation": model.get("author") or name.rpartition("/")[0] or None,
        "base_model": tags.get("base_model"),
        "parameters": f"{weights['total'] / 1e9:.3g}B" if weights else None,
        "licence": tags.get("license"),
        "released": created and created.partition("T")[0],
        "derivation": tags.get("derivation"),
        "url": f"{hub}/{name}",
        "last_modified": modified,
        "downloads": model.get("downloads"),
        "likes": model.get("likes"),
    }


def _with_values(tags: Sequence[str]) -> Mapping[str, str]:
    """Read the tags with a value: `license:mit`, `base_model:a/b`, `base_model:finetune:a/b`."""
    facts: dict[str, str] = {}
    for tag in tags:
        name, _, value = tag.partition(":")
        derivation, _, base = value.partition(":")
        if name == "base_model" and base:
            facts["derivation"] = derivation
        facts.setdefault(name, base or value)
    return facts
