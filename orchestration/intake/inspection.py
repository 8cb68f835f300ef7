"""One file inspected: what of it would be read, accepted and rejected, and its source.yml.

Belongs here: the order of the steps, and the report (report_schema.json) they fill. Nothing is
written anywhere. Doesn't: guessing (column_suggestions), judging (rules), printing (terminal).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from orchestration import config, files
from orchestration.config import LedgerError
from orchestration.intake import advice, column_suggestions, proposal, rules
from orchestration.intake.advice import CheckRequest, Report
from orchestration.intake.column_suggestions import (
    UNKNOWN,
    Fit,
    Samples,
    SheetSurvey,
    Suggestion,
)
from orchestration.intake.proposal import Facts, printable
from orchestration.intake.served_comparison import compare_with_served
from orchestration.landing import LandedSheet, read_file
from orchestration.sources import source_yml
from orchestration.sources.formats import Settings
from orchestration.sources.kinds import Kind, columns_by_name
from orchestration.sources.registry import SOURCE_YML, Snapshot, period, source_of
from orchestration.sources.source_yml import parse_source_yml, read_source_yml, read_text

_SURVEYED_ROWS, _SAMPLE = 1_000, 200
_FEW = 3  # columns found: a guess with no more is none where another kind has as many
_SHOWN = 12  # headers in a sentence
_NO_HEADER = "no header is it: unknown in every row"


class RefusalError(LedgerError):
    """A file of a known format whose columns aren't clear; `source_yml` is where to say them."""

    def __init__(self, sentence: str, source_yml: str) -> None:  # noqa: D107
        super().__init__(sentence)
        self.source_yml = source_yml


class Inspection(NamedTuple):
    """What an inspection found; `facts` are those of the source.yml in its report."""

    path: Path
    kind: Kind
    facts: Facts
    snapshot_date: dt.date
    report: Report


def inspect(
    path: Path,
    kinds: Mapping[str, Kind],
    home: config.Home,
    request: CheckRequest,
    report_progress: Callable[[str], None],
) -> Inspection:
    """Inspect one file; `report_progress` hears in a few words what is being done.

    Raises LedgerError, in one sentence, when nothing can be read of the file.
    """
    label = printable(path.name)
    saved_on, file_facts = _file_facts(path)
    facts = _facts(path, kinds, saved_on, request)
    day = request.snapshot_date or proposal.day_in_name(path.name) or saved_on

    report_progress(f"Reading {label}")
    settings = source_yml.settings(facts)
    any_kind = column_suggestions.every_column(kinds.values())
    surveys = _surveys(*_read(path, any_kind, facts, day))
    fits = column_suggestions.rank_kinds(kinds.values(), surveys, settings)
    fit = _chosen_fit(fits, settings, request.kind)
    try:
        assumed = _assume_columns(path, fit, fits, settings, request)
        for name, suggestion in assumed.items():
            said = "columns" if suggestion.header else "constants"
            facts[said] = facts.get(said, {}) | {name: suggestion.header or UNKNOWN}
        rows, landed = _read(path, fit.kind, facts, day)
    except LedgerError as error:
        if request.kind is None:
            fit = advice.likeliest(path, fits, settings)
        sentence, lines = str(error), advice.said_of(fit, settings).lines
        is_of_reading = error.__cause__ is not None  # else it says already what to do
        if advice.to_say(fit) and request.source_yml is None and is_of_reading:
            sentence += f"; as `{request.command(path, *lines)}`"
        raise RefusalError(sentence, _proposal_of_refused(fit, facts, settings)) from error
    day, day_from = _snapshot_day(path, request, rows, fit.kind, saved_on)
    days = pa.repeat(pa.scalar(day, pa.date32()), rows.num_rows)
    rows = rows.set_column(rows.schema.get_field_index("_snapshot_on"), "_snapshot_on", days)

    report_progress(f"Judging {rows.num_rows:,} rows")
    second = next(f for f in fits if f.kind != fit.kind)
    samples = {survey.sheet: survey.samples for survey in surveys}
    sheets = [_sheet(s, fit.kind, assumed, samples.get(s.sheet, {})) for s in landed]
    report = {
        "file": label,
        **file_facts,
        "kind": fit.kind.name,
        "kind_guessed": request.kind is None,
        "runner_up": {
            "kind": second.kind.name,
            "columns": len(second.found),
            "lacks": list(second.missing),
        },
        "snapshot_on": day.isoformat(),
        "snapshot_on_from": day_from,
        **_verdicts(rows, fit.kind, sheets, home),
    }
    report["to_do"] = advice.to_do(path, report, request)
    none = f"no row would be accepted; to do: {report['to_do']}"
    report["problem"] = None if report["rows"]["accepted"] else none
    return restated(Inspection(path, fit.kind, facts, day, report), request)


def _proposal_of_refused(fit: Fit, facts: Facts, settings: Settings) -> str:
    """Return a source.yml with what the analyst has to say in its comments."""
    headers = ", ".join(map(repr, column_suggestions.free_headers(fit, settings)[:_SHOWN]))
    remarks = [
        f"Say under columns: which header is `{name}` of {fit.kind.name}"
        f"{f', of {headers}' if headers else ''}, or under constants: what it is in all rows."
        for name in fit.missing
    ]
    return proposal.yaml_of(facts, proposal.UNKNOWN, remarks)


def restated(inspection: Inspection, request: CheckRequest) -> Inspection:
    """Return an inspection with the facts of a request in its source.yml."""
    stated = {**inspection.facts, **request.stated}
    facts = proposal.first_facts(inspection.path, inspection.snapshot_date, stated)
    report = inspection.report | _proposal(facts, inspection.report, request)
    report["freshness"] = _freshness(report["dates"], facts["cadence"])
    return inspection._replace(facts=facts, report=report)


def described(folder: Path, kinds: Mapping[str, Kind], request: CheckRequest) -> CheckRequest:
    """Add the kind and the source.yml of a folder raw/<kind>/<source>, if it is one."""
    path, kind = folder / SOURCE_YML, folder.parent.name
    given = request.source_yml or request.kind not in (None, kind)
    if given or kind not in kinds or not path.exists():
        return request
    options = [*request.stated, *(["set"] if request.settings else [])]
    if options:
        raise LedgerError(
            f"{path} states the facts of the source already: change them there, and leave out "
            f"{' and '.join(f'--{option}' for option in options)}"
        )
    return request._replace(kind=kind, source_yml=path)


def header_changes(inspection: Inspection, previous: Path, source_yml: Path) -> list[str]:
    """Say, in sentences, which headers a file gained or lost against a snapshot of its source.

    Raises LedgerError when that can't be read.
    """
    kind = inspection.kind
    facts = read_source_yml(source_yml, str(source_yml), columns_by_name([kind]))
    _, landed = _read(previous, kind, facts, dt.date.min)
    old = _headers([_sheet(sheet, kind, {}, {}) for sheet in landed])
    new = _headers(inspection.report["sheets"])
    sentences = (
        ("headers that it had and this one lacks", old - new),
        ("headers that are new", new - old),
    )
    return [f"{what}: {', '.join(sorted(headers))}." for what, headers in sentences if headers]


def _headers(sheets: Sequence[Report]) -> set[str]:
    """Return the headers of a report's sheets, whether a column was found for them or not."""
    columns = [column for sheet in sheets for column in (*sheet["columns"], *sheet["unmapped"])]
    return {column["header"] for column in columns} - {None}


def _file_facts(path: Path) -> tuple[dt.date, Report]:
    label = printable(path.name)
    try:
        found = files.file_hash(path)
        saved_on = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.timezone.utc).date()
    except LedgerError as error:
        raise LedgerError(f"{label}: {error}") from error
    return saved_on, found._asdict()


def _facts(
    path: Path, kinds: Mapping[str, Kind], saved_on: dt.date, request: CheckRequest
) -> Facts:
    likely = [kinds[request.kind]] if request.kind else kinds.values()
    if request.source_yml is None:
        stated = {**request.stated, **source_yml.parse_lines(request.settings, "--set")}
        label = "the source.yml with --set" if request.settings else "the facts as stated"
        facts = proposal.first_facts(path, saved_on, stated)
        return parse_source_yml(proposal.yaml_of(facts), label, columns_by_name(likely))
    text = _source_yml_text(request.source_yml, proposal.first_facts(path, saved_on, {}))
    return parse_source_yml(text, str(request.source_yml), columns_by_name(likely))


def _source_yml_text(source_yml: Path, facts: Facts) -> str:
    """Return the text of a source.yml that is tried, completed unless it is a source's own."""
    text = read_text(source_yml, str(source_yml))
    return text if source_yml.name == SOURCE_YML else proposal.completed(text, facts)


def _read(
    path: Path, kind: Kind, facts: Facts, day: dt.date
) -> tuple[pa.Table, tuple[LandedSheet, ...]]:
    label = printable(path.name)
    source = source_of(kind.name, Path(label), facts)
    try:
        return read_file(source, Snapshot(path, label, day), kind)
    except LedgerError as error:
        raise LedgerError(f"{label}: {error}") from error


def _surveys(rows: pa.Table, landed: Sequence[LandedSheet]) -> list[SheetSurvey]:
    """Collect each sheet's headers with their first texts from a read under any kind."""
    surveys = []
    for index, sheet in enumerate(s for s in landed if s.status == "landed"):
        first = rows.filter(pc.equal(rows["_sheet"], sheet.sheet)).slice(0, _SURVEYED_ROWS)
        columns = json.loads(sheet.columns or "{}")
        filled = frozenset(name for name, column in columns.items() if column["header"] is None)
        texts: dict[str, list[str]] = {
            columns[name]["header"]: first[name].drop_null().to_pylist()
            for name in columns
            if name not in filled
        }
        texts |= {header: [] for header in json.loads(sheet.unmapped or "[]")}
        for extra in first["_extra"].drop_null().to_pylist():
            for header, text in json.loads(extra).items():
                texts.setdefault(header, []).append(text)
        samples = {header: list(dict.fromkeys(found))[:_SAMPLE] for header, found in texts.items()}
        is_inner = index > 0 and sheet.header_row == 0  # as only tables inside rows are
        surveys.append(SheetSurvey(sheet.sheet, samples, filled, is_inner))
    return surveys


def _chosen_fit(fits: Sequence[Fit], settings: Settings, kind: str | None) -> Fit:
    """Return the fit of the kind that is stated, else the best that nothing must be said for.

    A list of companies with what they raised is none of rounds, which have days.
    """
    best = next((f for f in fits if f.kind.name == kind), fits[0])
    if kind:
        return best
    near = [f for f in fits if column_suggestions.assume_columns(f, settings, by_cells=False)]
    better = [f for f in near if f.telling > best.telling and len(f.found) >= len(best.found)]
    if better or not advice.to_say(best):
        return (better or [best])[0]
    if column_suggestions.assume_columns(best, settings, by_cells=False):
        return best
    others = (f for f in fits if f.missing and not advice.to_say(f))
    return next((f for f in others if len(f.found) >= max(_FEW, len(best.found))), best)


def _assume_columns(
    path: Path, fit: Fit, fits: Sequence[Fit], settings: Settings, request: CheckRequest
) -> dict[str, Suggestion]:
    """Find headers for required columns that the file seems to name otherwise.

    A suggestion without a header stands for a column that says "unknown" in every row.
    """
    if request.source_yml and request.source_yml.name == SOURCE_YML:
        return {}  # a build reads no more than it says
    label, guessed = printable(path.name), request.kind is None
    is_rival = any(len(f.found) >= len(fit.found) for f in fits if f.kind != fit.kind)
    is_clear = not guessed or (fit.telling > 0 and (len(fit.found) > _FEW or not is_rival))
    if not fit.missing and is_clear:
        return {}
    assumed = column_suggestions.assume_columns(fit, settings, by_cells=not guessed)
    if guessed and not fit.telling:
        assumed = {}
    fitting = max((f for f in fits if not f.missing), key=lambda f: len(f.found), default=None)
    is_wide = bool(column_suggestions.unpivoted(fit, settings))  # the headers are names in it
    better = (
        fitting is not None
        and advice.likeliness(fitting, settings)[0] > len(fit.found) - fit.against
    )
    is_other = better and not is_wide
    may_be_unknown = not advice.to_say(fit) and not is_other
    if fit.missing and not assumed and may_be_unknown and not (guessed and len(fit.found) < _FEW):
        return {name: Suggestion(0, name, "", _NO_HEADER) for name in fit.missing}
    if assumed or not (guessed or is_other):
        return assumed  # without one, reading says which header is missing
    if fitting and not guessed:
        other = request._replace(kind=fitting.kind.name).command(path)
        fits_other = f"while its headers fit {fitting.describe()}; run `{other}`"
        raise LedgerError(f"{label}: {fit.describe()}, {fits_other}")
    raise LedgerError(f"{label}: {advice.what_to_say(path, fits, settings, request)}")


def _snapshot_day(
    path: Path, request: CheckRequest, rows: pa.Table, kind: Kind, saved_on: dt.date
) -> tuple[dt.date, str]:
    """Find the day that the file describes: as stated, in its name, its newest, or of saving."""
    if request.snapshot_date:
        return request.snapshot_date, "as stated"
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


def _verdicts(rows: pa.Table, kind: Kind, sheets: list[Report], home: config.Home) -> Report:
    """Count in each sheet the accepted rows, and say what the accepted ones hold."""
    with rules.judge(rows, kind, rules.compiled_rules(home)) as judged:
        counts = rules.rows_by_sheet(judged)
        for sheet in sheets:
            sheet["accepted"], sheet["rejected"] = counts.get(sheet["sheet"], (0, 0))
        named = {column["column"] for sheet in sheets for column in sheet["columns"]}
        typed = [(column.name, column.parse) for column in kind.columns if column.name in named]
        total, accepted = rows.num_rows, sum(sheet["accepted"] for sheet in sheets)
        return {
            "sheets": sheets,
            "rows": {"in_file": total, "accepted": accepted, "rejected": total - accepted},
            "rejects": rules.rejects(judged),
            "money": [rules.money(judged, name) for name, parse in typed if parse == "money"],
            "dates": [rules.dates(judged, name) for name, parse in typed if parse == "date"],
            "against_served": compare_with_served(judged, kind, home.served),
        }


def _sheet(
    sheet: LandedSheet, kind: Kind, assumed: Mapping[str, Suggestion], samples: Samples
) -> Report:
    columns = json.loads(sheet.columns or "{}")
    unmapped = json.loads(sheet.unmapped or "[]")
    absent = [column for column in kind.columns if column.name not in columns]
    suggestions = column_suggestions.suggest_columns(absent, unmapped, samples)
    likely = {suggestion.header: suggestion for suggestion in suggestions}
    return {
        **sheet._asdict(),  # but for what is said otherwise below
        "columns": [
            {
                "column": name,
                "header": column["header"],
                "letter": column["column"],
                "assumed_because": assumed[name].because if name in assumed else None,
            }
            for name, column in columns.items()
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


def _freshness(dates: Sequence[Report], cadence: str) -> Report:
    today = dt.datetime.now(dt.timezone.utc).date()
    # Years alone, such as of founding, don't tell when a row came in.
    dated = [column["last"] for column in dates if column["precisions"].keys() - {"year"}]
    newest = max(dated, default=None)
    age = (today - dt.date.fromisoformat(newest)).days if newest else None
    late = None if age is None or cadence == "frozen" else age > period(cadence).days
    return {"newest_row": newest, "age_days": age, "cadence": cadence, "is_late": late}


def _proposal(facts: Facts, report: Report, request: CheckRequest) -> Report:
    """Return the text of the source.yml, and the facts in it that nobody has stated."""
    if request.source_yml:
        text = _source_yml_text(request.source_yml, facts)
        return {"source_yml": text, "to_state": []}
    to_state = [name for name in proposal.UNKNOWN if name not in request.stated]
    if "contents" in to_state:
        facts["contents"] = (
            f"Rows as they stood in {report['file']}: {report['rows']['in_file']:,}; "
            "what is left out is not stated."
        )
    remarks = [
        f"Perhaps `{other['could_be']}: {other['header']}` under columns: {other['because']}."
        for sheet in report["sheets"]
        for other in sheet["unmapped"]
        if other["could_be"]
    ]
    text = proposal.yaml_of(facts, to_state, dict.fromkeys(remarks))
    return {"source_yml": text, "to_state": to_state}
