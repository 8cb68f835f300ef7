"""What source.yml says of where new snapshots come from: its `refresh`.

Belongs here: the settings as types. Doesn't: fetching (`refresh`, `download`, `hub`).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from orchestration.sources.formats import ENDINGS, can_read, split_endings
from orchestration.sources.source_yml import SourceError


class ModelHub(NamedTuple):
    """What is listed of a model hub: models of a task, changed on a day or later."""

    task: str
    since: datetime.date


class Refresh(NamedTuple):
    """Where new snapshots come from; `ending` is theirs, `token_env` an environment variable."""

    enabled: bool
    address: str
    ending: str
    token_env: str | None
    model_hub: ModelHub | None


def refresh_settings(facts: Mapping[str, Any], shown: str) -> Refresh:
    """Make them of the facts of a source.yml, whose name in messages is `shown`.

    Raises SourceError for a format that has no reader.
    """
    refresh = facts["refresh"]
    address = refresh.get("from", facts["url"])
    hub = refresh.get("model_hub")
    if hub:
        hub, ending = ModelHub(hub["task"], datetime.date.fromisoformat(hub["since"])), ".jsonl"
    elif "format" in refresh:
        ending = f".{refresh['format'].removeprefix('.')}"
    else:
        ending = "".join(split_endings(re.split("[?#]", address)[0]))
    if not can_read(f"file{ending}"):
        raise SourceError(
            f"{shown}: files ending in {ending!r} can't be read; write as `refresh.format` what "
            f"the address gives: one of {', '.join(e.removeprefix('.') for e in ENDINGS)}"
        )
    return Refresh(refresh["enabled"], address, ending, refresh.get("token_env"), hub)
