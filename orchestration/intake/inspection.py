"""One look at a file: what of it would be read, accepted and rejected, and its source.yml.

Belongs here: the order of the steps, and the report (report_schema.json) they fill. Nothing is
written anywhere. Doesn't: guessing (columns), judging (rules), printing (view).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from orchestration import config, files
from orchestration.errors import LedgerError
from orchestration.intake import column_suggestions, proposal, rules
from orchestration.intake.proposal import printable
from orchestration.landing import LandedSheet, read_file
from orchestration.sources.formats import Settings
from orchestration.sources.kinds import Kind, vocabulary
from orchestration.sources.registry import Snapshot, period, source_of
from orchestration.sources.source_yml import read_source_yml

_SURVEYED_ROWS, _SAMPLE = 1_000, 200

Facts = dict[str, Any]


_SOURCE_FILE = "source.yml"


class IntakeError(LedgerError):
    """A file that can't be taken in; its text is one sentence for an analyst."""


class Asked(NamedTuple):
    """What the analyst said of a file: its kind, day and facts, or a whole source.yml to try."""

    kind: str | None = None
    on: dt.date | None = None
    source_yml: Path | None = None
    stated: Mapping[str, str] = {}


class Look(NamedTuple):
    """What a look found; `report` is as report_schema.json describes it."""

    path: Path
    kind: Kind
    facts: Facts
    on: dt.date
    report: Facts


def look(
    path: Path,
    kinds: Mapping[str, Kind],
    place: config.Home,
    asked: Asked,
    tell: Callable[[str], None],
) -> Look:
    """Look at one file; `tell` hears what is being done.

    Raises IntakeError or LedgerError, each one sentence, when nothing can be read of the file.
    """
    shown = printable(path.name)
    saved_on, file_facts = _file_facts(path)
    facts = _facts(path, kinds, saved_on, asked)
    on = asked.on or proposal.day_in_name(path.name) or saved_on

    tell(f"Reading {shown}")
    settings = source_of("", Path(shown), facts).settings
    sheets = _surveyed(_read(path, column_suggestions.every_column(kinds.values()), facts, on))
    fits = column_suggestions.ranked(kinds.values(), sheets, settings)
    fit = next((f for f in fits if f.kind.name == asked.kind), fits[0])
    assumed = _assumed(shown, fit, fits, settings, guessed=asked.kind is None)
    if assumed:
        facts["columns"] = facts.get("columns", {}) | {n: s.header for n, s in assumed.items()}
    rows, landed = _read(path, fit.kind, facts, on)
    on, on_from = _snapshot_day(path, asked, rows, fit.kind, saved_on)
    rows = rows.set_column(
        rows.schema.get_field_index("_snapshot_on"),
        "_snapshot_on",
        pa.repeat(pa.scalar(on, pa.date32()), rows.num_rows),
    )

    tell(f"Judging {rows.num_rows:,} rows")
    others = [f for f in fits if f.kind != fit.kind]
    samples = {sheet.sheet: sheet.samples for sheet in sheets}
    told = [_sheet(s, fit.kind, assumed, samples.get(s.sheet, {})) for s in landed]
    report = {
        "file": shown,
        **file_facts,
        "kind": fit.kind.name,
        "kind_guessed": asked.kind is None,
        "runner_up": {
            "kind": others[0].kind.name,
            "columns": len(others[0].found),
            "lacks": list(others[0].missing),
        },
        "snapshot_on": on.isoformat(),
        "snapshot_on_from": on_from,
        **_judged(rows, fit.kind, told, rules.compiled_rules(place)),
    }
    report["freshness"] = _freshness(report["dates"], facts["cadence"])
    return Look(path, fit.kind, facts, on, report | _proposed(facts, report, asked))


def restated(found: Look, asked: Asked) -> Look:
    """Return a look with other facts in its source.yml, as if they had been stated before."""
    facts = proposal.first_facts(found.path, found.on, {**found.facts, **asked.stated})
    report = {**found.report, **_proposed(facts, found.report, asked)}
    report["freshness"] = _freshness(report["dates"], facts["cadence"])
    return found._replace(facts=facts, report=report)


def described(folder: Path, kinds: Mapping[str, Kind], asked: Asked) -> Asked:
    """Add the kind and the source.yml of a folder raw/<kind>/<source>, if it is one."""
    path, kind = folder / _SOURCE_FILE, folder.parent.name
    if asked.source_yml or not path.exists() or kind not in kinds or asked.kind not in (None, kind):
        return asked
    if asked.stated:
        raise IntakeError(
            f"{path} states the facts of the source already: change them there, and leave out "
            f"{' and '.join(f'--{fact}' for fact in asked.stated)}"
        )
    return asked._replace(kind=kind, source_yml=path)


def headers(path: Path, kind: Kind, source_yml: Path) -> set[str]:
    """Return the headers of a snapshot of a source. Raises IntakeError when it can't be read."""
    facts = read_source_yml(source_yml, str(source_yml), vocabulary([kind]))
    _, sheets = _read(path, kind, facts, dt.date.min)
    return headers_of([_sheet(sheet, kind) for sheet in sheets])


def headers_of(sheets: Sequence[Facts]) -> set[str]:
    """Return the headers of a report's sheets, whether a column was found for them or not."""
    mapped = {column["header"] for sheet in sheets for column in sheet["columns"]}
    return {*mapped, *(other["header"] for s in sheets for other in s["unmapped"])} - {None}


def _file_facts(path: Path) -> tuple[dt.date, Facts]:
    try:
        found = files.file_hash(path)
        saved_on = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.timezone.utc).date()
    except LedgerError as error:
        raise IntakeError(f"{printable(path.name)}: {error}") from error
    return saved_on, {"bytes": found.bytes, "sha256": found.sha256}


def _facts(path: Path, kinds: Mapping[str, Kind], saved_on: dt.date, asked: Asked) -> Facts:
    if asked.source_yml is None:
        facts = proposal.first_facts(path, saved_on, asked.stated)
        return proposal.checked(proposal.text_of(facts), "the facts as stated")
    likely = [kinds[asked.kind]] if asked.kind else kinds.values()
    return read_source_yml(asked.source_yml, str(asked.source_yml), vocabulary(likely))


def _read(
    path: Path, kind: Kind, facts: Facts, on: dt.date
) -> tuple[pa.Table, tuple[LandedSheet, ...]]:
    shown = printable(path.name)
    try:
        return read_file(source_of(kind.name, Path(shown), facts), Snapshot(path, shown, on), kind)
    except LedgerError as error:
        raise IntakeError(f"{shown}: {error}") from error


def _surveyed(read: tuple[pa.Table, tuple[LandedSheet, ...]]) -> list[column_suggestions.Surveyed]:
    """Collect each sheet's headers with their first texts from a read under any kind."""
    rows, landed = read
    sheets = []
    for sheet in landed:
        if sheet.status != "landed":
            continue
        first = rows.filter(pc.equal(rows["_sheet"], sheet.sheet)).slice(0, _SURVEYED_ROWS)
        texts: dict[str, list[str]] = {}
        places = json.loads(sheet.columns or "{}")
        filled = frozenset(name for name, place in places.items() if place["header"] is None)
        for name in places.keys() - filled:
            texts[places[name]["header"]] = first[name].drop_null().to_pylist()
        for header in json.loads(sheet.unmapped or "[]"):
            texts[header] = []
        for extra in first["_extra"].drop_null().to_pylist():
            for header, text in json.loads(extra).items():
                texts.setdefault(header, []).append(text)
        samples = {header: list(dict.fromkeys(found))[:_SAMPLE] for header, found in texts.items()}
        sheets.append(column_suggestions.Surveyed(sheet.sheet, samples, filled))
    return sheets


def _assumed(
    shown: str,
    fit: column_suggestions.Fit,
    fits: Sequence[column_suggestions.Fit],
    settings: Settings,
    *,
    guessed: bool,
) -> dict[str, column_suggestions.Suggestion]:
    """Find headers for required columns that the file seems to name otherwise."""
    if not fit.missing:
        return {}
    named = column_suggestions.named(fit, settings)
    free = [header for header in fit.sheet.samples if header not in named]
    assumed = column_suggestions.assumed(fit, free, by_cells=not guessed)
    fitting = next((other for other in fits if not other.missing), None)
    if assumed or not (guessed or fitting):
        return assumed  # without one, reading says which header is missing
    if fitting and not guessed:
        raise IntakeError(
            f"{shown}: {column_suggestions.lacks(fit)}, "
            f"while its headers fit {column_suggestions.lacks(fitting)}"
        )
    nearest = "; ".join(column_suggestions.lacks(f) for f in fits if f.found and f.missing)
    raise IntakeError(
        f"{shown}: no kind fits ({nearest or 'none of its headers is known'}); choose one with "
        "--kind, and say in a source.yml (--source-yml) which header is which column, or under "
        "`constants:` what holds for every row"
    )


def _snapshot_day(
    path: Path, asked: Asked, rows: pa.Table, kind: Kind, saved_on: dt.date
) -> tuple[dt.date, str]:
    """Find the day that the file describes: as asked, in its name, its newest day, or saved on."""
    if asked.on:
        return asked.on, "as stated"
    if named := proposal.day_in_name(path.name):
        return named, "in the file's name"
    newest = dt.date.min
    for column in (column.name for column in kind.columns if column.parse == "date"):
        # A year's last day tells little of the day on which a list was made.
        more_than_a_year = pc.not_equal(rows[f"{column}_precision"], "year")
        days = rows[f"{column}_day"].filter(more_than_a_year)
        known = days.filter(pc.less_equal(days, pa.scalar(saved_on, pa.date32())))
        newest = max(newest, pc.max(known).as_py() or dt.date.min)
    if newest > dt.date.min:
        return newest, "the newest day in it"
    return saved_on, "the day it was saved"


def _judged(rows: pa.Table, kind: Kind, sheets: list[Facts], compiled: Path) -> Facts:
    """Fill in how many rows of each sheet are accepted, and say what the accepted ones hold."""
    with rules.judge(rows, kind, compiled) as judged:
        counted = rules.rows_by_sheet(judged)
        for sheet in sheets:
            sheet["accepted"], sheet["rejected"] = counted.get(sheet["sheet"], (0, 0))
        named = {column["column"] for sheet in sheets for column in sheet["columns"]}
        typed = [(column.name, column.parse) for column in kind.columns if column.name in named]
        accepted = sum(sheet["accepted"] for sheet in sheets)
        problem = None if accepted else "no row would be accepted; see the rules that reject them"
        return {
            "sheets": sheets,
            "rows": {
                "in_file": rows.num_rows,
                "accepted": accepted,
                "rejected": rows.num_rows - accepted,
            },
            "rejects": rules.rejects(judged),
            "money": [rules.money(judged, name) for name, parse in typed if parse == "money"],
            "dates": [rules.dates(judged, name) for name, parse in typed if parse == "date"],
            "problem": problem,
        }


def _sheet(
    sheet: LandedSheet,
    kind: Kind,
    assumed: Mapping[str, column_suggestions.Suggestion] | None = None,
    samples: column_suggestions.Samples | None = None,
) -> Facts:
    places = json.loads(sheet.columns or "{}")
    unmapped = json.loads(sheet.unmapped or "[]")
    assumed, samples = assumed or {}, samples or {}
    absent = [column for column in kind.columns if column.name not in places]
    likely = {s.header: s for s in column_suggestions.suggested(absent, unmapped, samples)}
    return {
        "sheet": sheet.sheet,
        "status": sheet.status,
        "problem": sheet.problem,
        "header_row": sheet.header_row,
        "rows": sheet.rows,
        "columns": [
            {
                "column": name,
                "header": place["header"],
                "letter": place["column"],
                "assumed_because": assumed[name].because if name in assumed else None,
            }
            for name, place in places.items()
        ],
        "unmapped": [
            {
                "header": header,
                "could_be": likely[header].column if header in likely else None,
                "because": likely[header].because if header in likely else None,
            }
            for header in unmapped
        ],
        "findings": json.loads(sheet.findings or "[]"),
    }


def _freshness(dates: Sequence[Facts], cadence: str) -> Facts:
    today = dt.datetime.now(dt.timezone.utc).date()
    # Years alone, such as of founding, don't tell when a row came in.
    dated = [d["last"] for d in dates if d["precisions"].keys() - {"year"}]
    newest = max(dated, default=None)
    age = (today - dt.date.fromisoformat(newest)).days if newest else None
    late = None if age is None or cadence == "frozen" else age > period(cadence).days
    return {"newest_row": newest, "age_days": age, "cadence": cadence, "is_late": late}


def _proposed(facts: Facts, report: Facts, asked: Asked) -> Facts:
    """Give the text of the source.yml, and the facts in it that nobody has stated."""
    if asked.source_yml:
        return {"source_yml": asked.source_yml.read_text(encoding="utf-8-sig"), "to_state": []}
    to_state = [name for name in proposal.UNKNOWN if name not in asked.stated]
    if "contents" in to_state:
        facts["contents"] = (
            f"{report['rows']['in_file']:,} rows as they stood in {report['file']}; "
            "what is left out is not stated."
        )
    remarks = [
        f"Perhaps `{other['could_be']}: {other['header']}` under columns: {other['because']}."
        for sheet in report["sheets"]
        for other in sheet["unmapped"]
        if other["could_be"]
    ]
    text = proposal.text_of(facts, to_state, dict.fromkeys(remarks))
    return {"source_yml": text, "to_state": to_state}
