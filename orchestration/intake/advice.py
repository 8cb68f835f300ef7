"""The one thing to do with a file that was inspected, most often a command that does it.

Belongs here: the lines of a source.yml that a file calls for, and the sentence that says them.
Doesn't: which header could be which column (column_suggestions), judging rows (rules).
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from orchestration.intake import column_suggestions
from orchestration.intake.column_suggestions import UNKNOWN, Fit
from orchestration.intake.proposal import printable
from orchestration.reading.header import folded
from orchestration.sources.formats import Settings
from orchestration.sources.kinds import Kind

_SHOWN, _LONGEST, _OPTIONS = 12, 40, 3  # headers, signs of one, and kinds in a sentence
_ON_ONE_LINE: Mapping[str, Any] = {  # of yaml.safe_dump
    "default_flow_style": True,
    "allow_unicode": True,
    "sort_keys": False,
    "width": math.inf,
}
_WIDE = 2  # columns that a wide table of scores is worth
# What no header holds is one thing in all rows: which, a person has to put in for a word in
# capitals.
_IN_ALL_ROWS = {"date": "DAY", "money": "undisclosed", "text": "WORD"}
_WHERE = {
    "DAY": "where DAY is when all of them were announced, such as 2024-06",
    "WORD": "where WORD is what it is in all rows",
    "undisclosed": "as no column seems to hold an amount",
}
# There is nothing to mend.
_RIGHTLY_LEFT_OUT = ("not_a_record", "not_a_model", "not_an_open_model", "repeated_header")
_OPEN_ONLY = "open_models"  # a row of it must be known to be open
_TELLS_ACCESS = ("access", "licence")
# A line of source.yml in the reason of a rule.
_LINE = re.compile(r"`((?:access|dates|units): [^`]+)`")
_LABELS = ("round_label", "funding_type")

Report = dict[str, Any]  # as report_schema.json describes it, or a part of it


class CheckRequest(NamedTuple):
    """What the analyst states of a file: its kind, day and facts, or a whole source.yml to try.

    `settings` are lines of a source.yml that is proposed otherwise.
    """

    kind: str | None = None
    snapshot_date: dt.date | None = None
    source_yml: Path | None = None
    settings: tuple[str, ...] = ()
    stated: Mapping[str, str] = {}

    def command(self, path: Path, *lines: str) -> str:
        """Return the command that checks a file as here, with more lines of its source.yml."""
        asked = ["--kind", self.kind] if self.kind else []
        for line in (*self.settings, *lines):
            asked += ["--set", line]
        return f"genai-ledger check {shlex.join([str(path), *asked])}"


class Said(NamedTuple):
    """What is to be said of a fit: lines of a source.yml, and columns that the file must get.

    `guessed` is how many columns a header may be, `left` how many none.
    """

    lines: tuple[str, ...]
    to_add: tuple[str, ...]
    guessed: int
    left: int


def to_say(fit: Fit) -> list[str]:
    """List the required columns that a fit lacks and that can't be unknown."""
    words = {column.name: column.words for column in fit.kind.columns}
    return [name for name in fit.missing if UNKNOWN not in words[name]]


def likeliest(path: Path, fits: Sequence[Fit], settings: Settings) -> Fit:
    """Return the fit that a file is most likely of, where none is certain."""
    near = _near(path, fits, settings)
    return near[0] if near else max(fits, key=lambda f: _suggested(f, settings))


def _near(path: Path, fits: Sequence[Fit], settings: Settings) -> list[Fit]:
    def order(fit: Fit) -> tuple[int, ...]:
        return (*likeliness(fit, settings), _is_named_in(path, fit.kind))

    return sorted((fit for fit in fits if fit.found), key=order, reverse=True)


def what_to_say(path: Path, fits: Sequence[Fit], settings: Settings, request: CheckRequest) -> str:
    """Say, as the end of a sentence, the command that tells the kind of a file: the likeliest."""
    near, fit = _near(path, fits, settings), likeliest(path, fits, settings)
    headers = column_suggestions.free_headers(fit, settings)
    texts = [header if len(header) < _LONGEST else f"{header[:_LONGEST]}…" for header in headers]
    shown = f"{', '.join(map(repr, texts[:_SHOWN]))}{' ...' if len(headers) > _SHOWN else ''}"
    said = said_of(fit, settings)
    command = request._replace(kind=fit.kind.name).command(path, *said.lines)
    kinds = [f.kind.name.replace("_", " ") for f in (near or [fit])[:_OPTIONS]]
    unknown = "" if near else f", as none of its headers is known ({shown})"
    if any("://" in header for header in headers):
        names = ",".join(c.name for c in fit.kind.columns if c.required and UNKNOWN not in c.words)
        return (
            f"no kind fits, as its first row ({shown}) is one of the list; write a row of headers "
            f"above it, such as `{names}`, then check it again"
        )
    if said.to_add:
        names = " and ".join(f"`{name}`" for name in said.to_add)
        return (
            f"no kind fits{unknown or ' for certain'}; if its rows are {kinds[0]}, write {names} "
            "above the column that holds it, or add that column, then check it again"
        )
    place = "".join(f", {where}" for word, where in _WHERE.items() if word in command)
    if not near:
        return (
            f"no kind fits{unknown}; say the kind, and which header is which, such as "
            f"`{command}`{place}; if it has no headers, write them above it"
        )
    if any(line.startswith("columns: ") for line in said.lines) and len(headers) > 1:
        place = f", or with another of {shown}{place}"
    return f"no kind fits for certain; if its rows are {kinds[0]}, run `{command}`{place}" + (
        f"; if they are {' or '.join(kinds[1:])}, give that kind" if kinds[1:] else ""
    )


def said_of(fit: Fit, settings: Settings) -> Said:
    """Return what says the columns that a fit lacks: headers, words, a wide table, added ones."""
    wide = column_suggestions.unpivoted(fit, settings)
    needed = [name for name in to_say(fit) if name != wide.get("unpivot", {}).get("name")]
    lacked = [column for column in fit.kind.columns if column.name in needed]
    words = column_suggestions.free_words(fit, settings)
    free = column_suggestions.free_headers(fit, settings)
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    to_add = []
    for column in lacked:
        others = [header for header in free if header not in columns.values()]
        likeliest = column_suggestions.likeliest_header(column, fit, others)
        if likeliest is None and len(words) == len(lacked) == 1:
            likeliest = words[0] if column.parse not in _IN_ALL_ROWS else None
        if likeliest:
            columns[column.name] = likeliest
        elif column.parse in _IN_ALL_ROWS:
            constants[column.name] = _IN_ALL_ROWS[column.parse]
        else:
            to_add.append(column.name)
    guessed = len(columns)
    lines: dict[str, Any] = {"columns": columns, "constants": constants, "reader": wide}
    if _is_silent_of_access(fit, settings):
        free = [header for header in free if header not in columns.values()]
        of_access = [column for column in fit.kind.columns if column.name in _TELLS_ACCESS]
        near = column_suggestions.suggest_columns(of_access, free, fit.sheet.samples)
        columns |= {suggestion.column: suggestion.header for suggestion in near}
        lines["access"] = "" if near else "open"
    said = tuple(_line(name, value) for name, value in lines.items() if value)
    return Said(said, tuple(to_add), guessed, len(lacked) - guessed)


def _line(name: str, value: Any) -> str:
    text = value if isinstance(value, str) else yaml.safe_dump(value, **_ON_ONE_LINE).strip()
    return f"{name}: {text}"


def _is_silent_of_access(fit: Fit, settings: Settings) -> bool:
    """Whether models can only be told to be open or closed, and nothing of the fit tells."""
    said = fit.found | settings.constants.keys() | settings.defaults.keys()
    return fit.kind.name == _OPEN_ONLY and said.isdisjoint(_TELLS_ACCESS)


def likeliness(fit: Fit, settings: Settings) -> tuple[int, int, int]:
    """Return what tells how likely a fit is: the greater the likelier."""
    is_wide = fit.telling and column_suggestions.unpivoted(fit, settings)
    lacks = len(to_say(fit)) - (1 + _WIDE if is_wide else 0)
    return len(fit.found) - lacks - fit.against, fit.telling, -lacks


def _suggested(fit: Fit, settings: Settings) -> tuple[int, int, bool]:
    """Return how likely a kind is of which no header is known: by what may be its columns.

    A list of which nothing else is known is one of companies.
    """
    said, samples = said_of(fit, settings), fit.sheet.samples
    near = len(column_suggestions.suggest_columns(fit.kind.columns, list(samples), samples))
    return said.guessed - said.left, near, fit.kind.name == "companies"


def _is_named_in(path: Path, kind: Kind) -> bool:
    """Whether a file's name holds what the kind lists: startups.csv, llms.json."""
    listed = [kind.name]
    for column in kind.columns:
        listed += [column.name, *column.synonyms] if column.required else []
    known = {word.removesuffix("s") for text in listed for word in folded(text).split()}
    return not known.isdisjoint(w.removesuffix("s") for w in folded(path.stem).split())


def to_do(path: Path, report: Report, request: CheckRequest) -> str:
    """Return the one thing to do with a file of which rows were judged."""
    rows, against = report["rows"], report["against_served"] or {}
    faulty = [rule for rule in report["rejects"] if rule["rule"] not in _RIGHTLY_LEFT_OUT]
    if not rows["in_file"]:
        return "export it again; below its header there is no row"
    if not faulty and not rows["accepted"]:
        return "leave it out; no row of it is what its kind holds, as the rules say"
    if faulty and max(rule["rows"] for rule in faulty) > rows["accepted"]:
        worst = max(faulty, key=lambda rule: int(rule["rows"]))
        line = _line_that_mends(worst, report["sheets"], report["snapshot_on"][:4])
        return _to_mend(path, worst, line, request)
    asked = request.command(path).partition(" check ")[2]
    used = f"{rows['accepted']:,} of {_rows(rows['in_file'])} would be used"
    if against.get("companies") and against.get("companies_with_a_layer") == 0:
        layer = shlex.quote("columns: {layer: HEADER}")
        used += (
            ", and no company comes onto the market map, as none has a layer: where a header holds "
            f"it, add with --set {layer}"
        )
    if faulty:
        left = _rows(sum(rule["rows"] for rule in faulty))
        used += f", or first mend the {left} named below"
    return f"`genai-ledger add {asked}`; {used}"


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


def _to_mend(path: Path, rule: Report, line: str | None, request: CheckRequest) -> str:
    """Return what mends the rows that a rule rejects."""
    example = rule["examples"][0]
    fault = f"“{rule['rule'].replace('_', ' ')}” ({_rows(rule['rows'])})"
    if not line:
        value = printable(repr(example["value"] or "")[:_LONGEST])
        where = f"{example['sheet']} row {example['row']:,}, {example['column']} {value}".strip()
        return f"mend {fault} in the file, the first in {where}, then `genai-ledger check` it again"
    if request.source_yml:
        return (
            f"write `{line}`, if that is so, in {request.source_yml}, then `genai-ledger "
            f"check` it again; it mends {fault}"
        )
    return f"`{request.command(path, line)}`, if that is so; it mends {fault}"


def _line_that_mends(rule: Report, sheets: Sequence[Report], year: str) -> str | None:
    """Return the line of source.yml that a rule's reason says, or that its words call for.

    A reason names columns of funding rounds, and a year; the line is of the column that is judged,
    and of the file's own year.
    """
    example = rule["examples"][0]
    if rule["rule"] == "access_unknown":
        near = (other for sheet in sheets for other in sheet["unmapped"])
        for other in near:
            if other["could_be"] in _TELLS_ACCESS:
                return _line("columns", {other["could_be"]: other["header"]})
        if example["value"]:  # the list says something, in words that aren't known
            words = {other["value"]: "open" for other in rule["examples"] if other["value"]}
            return _line("values", {"access": words})
    if line := _LINE.search(example["reason"]):
        said = re.sub(r"\{(?:amount|announced):", f"{{{example['column']}:", line[1])
        return re.sub(r": \d{4}\}", f": {year}}}", said)
    if rule["rule"] != "kind_unknown":
        return None
    headers = {c["column"]: c["header"] for sheet in sheets for c in sheet["columns"]}
    if headers.keys().isdisjoint(_LABELS):  # then the words may be the rounds' own: Seed, Series A
        return f"columns: {json.dumps({'round_label': headers['kind']})}"
    return 'values: {kind: {"*": equity}}'
