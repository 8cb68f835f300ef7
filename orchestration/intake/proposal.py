"""A source.yml for a file: what the file tells, and what somebody has to state.

Belongs here: defaults of the facts and their YAML. Doesn't: what may stand in a source.yml
(source_schema.json), or asking for it (terminal).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from text_unidecode import unidecode

from orchestration.sources.source_yml import NO_TEXT, parse_source_yml

_DATE_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_. ]?([01]\d)[-_. ]?([0-3]\d)(?!\d)")
_LONGEST_NAME = 60
NOT_STATED = "not stated"
# What no file tells of itself; each value says so truthfully until somebody states it.
UNKNOWN = {
    "producer": NOT_STATED,
    "url": NOT_STATED,
    "licence": "unknown: ask the producer",
    "contents": NOT_STATED,
    "cadence": "frozen",
}
FROZEN = "Added from one file; whether newer ones will come is not stated."

Facts = dict[str, Any]  # of a source.yml


def day_in_name(name: str) -> dt.date | None:
    """Return the date in a file's name: deals_2026-11-30.csv, list-20230609.md."""
    for found in _DATE_IN_NAME.finditer(name):
        try:
            return dt.date(*map(int, found.groups()))
        except ValueError:
            continue
    return None


def source_name(name: str) -> str:
    """Return a source's name made of a file's: "Liste März (2026-11-30).csv" -> liste_marz.

    Letters of other scripts become those that sound alike, so that each list keeps its own name.
    """
    stem = _DATE_IN_NAME.sub(" ", name).lstrip(".").split(".")[0].casefold()
    letters = unidecode(unicodedata.normalize("NFKC", stem)).lower()
    return re.sub(r"\W+", "_", letters)[:_LONGEST_NAME].strip("_") or "my_source"


def first_facts(path: Path, saved_on: dt.date, stated: Mapping[str, str]) -> Facts:
    """Return the facts of a source.yml that names everything, with what is stated instead.

    Signs that are no text, such as a terminal's, are left out: a source.yml can't hold them. What
    holds no other signs states nothing.
    """
    title = source_name(path.name).replace("_", " ").capitalize()
    texts = {
        name: NO_TEXT.sub("", fact) if isinstance(fact, str) else fact
        for name, fact in stated.items()
    }
    legible = {name: fact for name, fact in texts.items() if str(fact).strip()}
    facts = {"title": title, **UNKNOWN, "accessed_on": saved_on.isoformat(), **legible}
    if facts["cadence"] == "frozen":
        facts.setdefault("frozen_because", FROZEN)
    else:
        facts.pop("frozen_because", None)
    order = ("title", "producer", "url", "licence", "accessed_on", "contents", "cadence")
    return {name: facts.pop(name) for name in order} | facts


def yaml_of(facts: Facts, to_state: Collection[str] = (), remarks: Iterable[str] = ()) -> str:
    """Write facts as YAML, after comments that say what is not known and what else could be."""
    comments = [f"# {printable(remark)}\n" for remark in remarks]
    if to_state:
        comments.insert(0, f"# State these, which the file doesn't tell: {', '.join(to_state)}.\n")
    body = yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=100)
    return "".join(comments) + str(body)


def completed(text: str, facts: Facts) -> str:
    """Return the text of a source.yml, behind it those of the facts that it lacks.

    So that a line can be tried before everything else is stated.
    """
    try:
        stated = yaml.safe_load(text) or {}
    except (yaml.YAMLError, RecursionError, ValueError):
        return text  # reading it says what is wrong
    if not isinstance(stated, dict) or text.lstrip().startswith("{"):
        return text
    if any(
        facts.get(name, stated[name]) != stated[name]
        for name in ("columns", "constants")
        if name in stated
    ):
        return yaml_of(facts)
    lacking = {name: fact for name, fact in facts.items() if name not in stated}
    if stated.get("cadence", "frozen") != "frozen":
        lacking.pop("frozen_because", None)
    return f"{text.rstrip()}\n{yaml_of(lacking)}".lstrip() if lacking else text


def checked(facts: Facts, label: str) -> Facts:
    """Return facts as they will be read back. Raises LedgerError, which names them by the label."""
    return parse_source_yml(yaml_of(facts), label, {})


def printable(text: str) -> str:
    """Return a text on one line, without what would disturb a terminal or isn't text."""
    text = text.encode("utf-8", "backslashreplace").decode()
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)
