"""`check` and `add` as a conversation: what they print for people, and what `add` asks.

Belongs here: words, tables, prompts, and their order. Doesn't: what is found of a file (intake),
the commands' options and exit codes (cli).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from orchestration import config, files
from orchestration.config import LedgerError
from orchestration.intake import proposal
from orchestration.intake.advice import CheckRequest, Report
from orchestration.intake.copy_to_raw import Target, copy_to_raw, find_target
from orchestration.intake.inspection import (
    Inspection,
    RefusalError,
    described,
    header_changes,
    inspect,
    restated,
)
from orchestration.intake.proposal import Facts
from orchestration.report.formats import day, dollars, percent
from orchestration.sources.kinds import Kind, read_kinds
from orchestration.sources.registry import SOURCE_YML, check_source_name
from orchestration.terminal.layout import Column, count, print_table, print_wrapped

_WIDEST, _LONGEST = 60, 500  # of a cell's text in a sentence, and in a table
_WRAPPED = ("header in the file", "remark", "precision", "others")
_MOVES_SHOWN = 5
_DAY = click.DateTime(["%Y-%m-%d"])
_QUESTIONS = {
    "title": "The source's name in a few words",
    "producer": "Who made it",
    "url": "The address it was taken from",
    "licence": "Its licence",
    "contents": "What is and isn't in it",
    "cadence": "When is a newer one due (a time such as 7d or 4w, or frozen: never)",
}


def request(
    kind: str | None,
    source_yml: Path | None,
    settings: tuple[str, ...],
    facts: Mapping[str, str | None],
    date: dt.datetime | None = None,
) -> CheckRequest:
    """Return what the options of a command state; two that contradict are a usage error."""
    stated = {name: value for name, value in facts.items() if value is not None}
    if source_yml and (stated or settings):
        option = next(iter(stated), "set")
        raise click.UsageError(f"--{option}: the file of --source-yml states it")
    return CheckRequest(kind, date.date() if date else None, source_yml, settings, stated)


def check(
    console: Console, path: Path, request: CheckRequest, write: Path | None, *, as_json: bool
) -> bool:
    """Show what would become of a file; return whether it can be used. Raises LedgerError."""
    if write and write.exists():
        raise LedgerError(f"{write} is there already; name another file to write")
    try:
        inspection = _inspected(path, described(path.absolute().parent, read_kinds(), request))
    except LedgerError as error:
        told = {"file": path.name, "problem": str(error)}
        if isinstance(error, RefusalError):
            told["source_yml"] = error.source_yml
            _write(write, error.source_yml)
        if as_json:
            click.echo(json.dumps(told, ensure_ascii=False))
        elif isinstance(error, RefusalError):
            # A comment, so that what is printed can be piped into a file.
            console.print("# To do: what the error says, or in this, tried by --source-yml FILE.")
            console.print(error.source_yml)
        raise
    if as_json:
        click.echo(json.dumps(inspection.report, ensure_ascii=False, indent=2))
    else:
        _show(console, inspection.report)
    _write(write, inspection.report["source_yml"])
    return _is_usable(inspection)


def _write(path: Path | None, source_yml: str) -> None:
    if path:
        with files.replacing(path) as partial:
            partial.write_text(source_yml, encoding="utf-8")
        click.echo(f"Written: {path}", err=True)


def add(
    console: Console,
    path: Path,
    request: CheckRequest,
    source: str | None,
    *,
    yes: bool,
    replace: bool,
    force: bool,
) -> bool:
    """Show what would become of a file, ask for what it doesn't tell, copy it into raw/.

    Returns whether it was added. Raises LedgerError.
    """
    raw_dir = config.raw_dir()
    name = proposal.source_name(path.name) if source is None else source
    if source is None and not yes:
        name = click.prompt("The source's folder", default=name)
    check_source_name(name, ())
    request = _with_source(raw_dir, read_kinds(), name, request)
    inspection = _inspected(path, request)
    _show(console, inspection.report)
    if not _is_usable(inspection) and not force:
        return False
    if not yes:
        inspection = _answered(path, inspection, request)
    target = find_target(raw_dir, inspection.kind.name, name, inspection.snapshot_date, path)
    _show_header_changes(inspection, target)
    label = (target.folder / target.file).relative_to(raw_dir.parent)
    if not yes and not click.confirm(f"Put it at {label}?", default=True):
        return False
    copy_to_raw(inspection, target, replace=replace)
    build = "make" if (config.PROJECT / "Makefile").exists() else "genai-ledger build"
    console.print(f"Added {label}. Next: `{build}` builds the warehouse with it.")
    return True


def _inspected(path: Path, request: CheckRequest) -> Inspection:
    # On standard error, so that what is printed can be piped.
    with Console(stderr=True).status("Inspecting") as status:
        return inspect(path, read_kinds(), config.prepare_environment(), request, status.update)


def _is_usable(inspection: Inspection) -> bool:
    if problem := inspection.report["problem"]:
        click.echo(f"Error: {inspection.report['file']}: {problem}", err=True)
        return False
    return True


def _with_source(
    raw_dir: Path, kinds: Mapping[str, Kind], name: str, request: CheckRequest
) -> CheckRequest:
    """Use the source.yml of the source, where one of the name exists in a kind that fits."""
    for kind in kinds:
        known = described(raw_dir / kind / name, kinds, request._replace(source_yml=None))
        if known.source_yml and request.source_yml:
            raise LedgerError(
                f"{known.source_yml} describes the source already: change it there, and leave out "
                "--source-yml"
            )
        if known.source_yml:
            return known
    return request


def _answered(path: Path, inspection: Inspection, request: CheckRequest) -> Inspection:
    """Ask for the day, and for the facts of a source that is new."""
    day, known = request.snapshot_date, inspection.snapshot_date
    if day is None:
        answer: dt.datetime = click.prompt("The day it describes", default=f"{known}", type=_DAY)
        day = answer.date()
    facts = {} if request.source_yml else _ask(inspection.facts, request.stated)
    request = request._replace(snapshot_date=day, stated={**request.stated, **facts})
    # Rules may compare with the day: another one is judged anew.
    return restated(inspection, request) if day == known else _inspected(path, request)


def _ask(facts: Facts, given: Collection[str]) -> dict[str, str]:
    """Ask for the facts that were not given; return those that are stated now."""
    answers: dict[str, str] = {}
    for name, question in _QUESTIONS.items():
        if name not in given:
            allowed = _allowed(name, facts)
            answers[name] = click.prompt(question, default=facts[name], value_proc=allowed)
    if {**facts, **answers}["cadence"] == "frozen":
        why, allowed = facts.get("frozen_because", proposal.FROZEN), _allowed("title", facts)
        answers["frozen_because"] = click.prompt("Why never", default=why, value_proc=allowed)
    return {name: answer for name, answer in answers.items() if answer != facts.get(name)}


def _allowed(name: str, facts: Facts) -> Callable[[str], str]:
    """Return a check of an answer, which makes click ask again when the schema forbids it."""

    def answer(text: str) -> str:
        tried = {**facts, "frozen_because": proposal.FROZEN, name: text.strip()}
        tried.pop("columns", None)  # they are not in question
        try:
            proposal.checked(tried, "answer")
        except LedgerError as error:
            raise click.BadParameter(str(error).partition(": ")[2]) from error
        return text.strip()

    return answer


def _show_header_changes(inspection: Inspection, target: Target) -> None:
    """Say how the headers differ from those of the source's last snapshot."""
    previous = target.previous
    if previous is None:
        return
    try:
        for change in header_changes(inspection, previous, target.folder / SOURCE_YML):
            click.echo(f"Compared with {previous.name}: {change}")
    except LedgerError as error:
        click.echo(f"Not compared with {previous.name}: {error}", err=True)


def _show(console: Console, report: Report) -> None:
    """Print an inspection: what to do, what is read and accepted, what it holds, its source.yml."""

    def show(text: str, indent: int = 0, style: str | None = None) -> None:
        print_wrapped(console, text, indent, style=style)

    rows, second = report["rows"], report["runner_up"]
    guessed = "guessed from its headers" if report["kind_guessed"] else "as stated"
    kind = f"kind {report['kind']} ({guessed})"
    show(f"{report['file']}: {count(report['bytes'], 'byte')}, {kind}", style="bold")
    show(f"To do: {report['to_do']}.")
    if report["kind_guessed"]:
        lacks = f", lacks {' and '.join(second['lacks'])}" if second["lacks"] else ""
        show(f"next nearest: {second['kind']} ({second['columns']:,} of its columns{lacks})", 2)
    show(f"snapshot of {report['snapshot_on']} ({report['snapshot_on_from']})", 2)
    for sheet in report["sheets"]:
        _show_sheet(console, sheet)
    judged = f"{rows['accepted']:,} accepted + {rows['rejected']:,} rejected"
    console.print()
    show(f"Rows: {rows['in_file']:,} in the file = {judged}", style="bold")
    for rule in report["rejects"]:
        show(f"{rule['rule'].replace('_', ' ')}: {count(rule['rows'], 'row')}, such as", 2)
        for example in rule["examples"]:
            row = f"{example['sheet']} row {example['row']:,}".strip()
            value = _short(example["value"])
            show(f"{row}, {example['column']} {value!r}: {example['reason']}", 4)
    _show_money(console, report["money"])
    _show_dates(console, report["dates"])
    for sentence in _against_served(report["against_served"] or {}):
        show(sentence)
    if report["freshness"]["age_days"] is not None:
        show(_freshness(report["freshness"]))
    console.print("\nsource.yml:", style="bold")
    console.print(report["source_yml"])


def _show_sheet(console: Console, sheet: Report) -> None:
    name = f"Sheet {sheet['sheet']}" if sheet["sheet"] else "Table"
    if sheet["status"] != "landed":
        console.print()
        print_wrapped(console, f"{name}: passed over. {sheet['problem']}")
        return
    row = sheet["header_row"]  # 0 where a format names its columns beside the rows
    header = f"header in row {row:,}" if row else "columns named by the format"
    console.print(f"\n{name}: {header}, {count(sheet['rows'], 'row')}")
    lines = []
    for column in sheet["columns"]:
        header = f"{column['letter'] or ''} {column['header'] or '(not a column)'}".strip()
        assumed = column["assumed_because"] and f"assumed: {column['assumed_because']}"
        lines.append([column["column"], header, assumed])
    for other in sheet["unmapped"]:
        likely = f"could be {other['could_be']}: {other['because']}"
        lines.append(["-", other["header"], likely if other["could_be"] else "kept as it is"])
    _table(console, ("column", "header in the file", "remark"), lines)
    for finding in sheet["findings"]:
        print_wrapped(console, finding, 2)


def _show_money(console: Console, money: Sequence[Report]) -> None:
    lines = []
    for column in money:
        for found in column["currencies"]:
            total = f"{found['total']:,.0f}"
            lines.append([column["column"], found["currency"], total, f"{found['rows']:,}"])
        for rest, words in (("undisclosed", "no amount"), ("not_understood", "not understood")):
            if column[rest]:
                lines.append([column["column"], words, "", f"{column[rest]:,}"])
    _table(console, ("money", "currency", "total", "rows"), lines, right=("total", "rows"))


def _show_dates(console: Console, dates: Sequence[Report]) -> None:
    lines = []
    for column in dates:
        precisions = [f"{rows:,} to the {name}" for name, rows in column["precisions"].items()]
        others = {"empty": column["empty"], "not understood": column["not_understood"]}
        rest = [f"{rows:,} {name}" for name, rows in others.items() if rows]
        ends = (column["first"], column["last"])
        lines.append([column["column"], *ends, ", ".join(precisions), ", ".join(rest)])
    _table(console, ("dates", "first", "last", "precision", "others"), lines)


def _against_served(counts: Mapping[str, Any]) -> Iterable[str]:
    """Say what the rows would add to what is served; nothing of what wouldn't move a figure."""
    if counts.get("companies") and "rounds_inside" in counts:
        mapped = counts["mapped_companies"]
        inside, outside = dollars(counts["usd_inside"]), dollars(counts["usd_outside"])
        speaks = "speaks" if counts["rounds_inside"] == 1 else "speak"
        yield (
            f"{mapped:,} of its {count(counts['companies'], 'company', 'companies')} "
            f"{'is' if mapped == 1 else 'are'} in a market map: "
            f"{count(counts['rounds_inside'], 'round')} ({inside}) {speaks} of GenAI, "
            f"{counts['rounds_outside']:,} ({outside}) only of everything listed."
        )
    if repeats := counts.get("rounds_told_already", 0) + counts.get("rounds_repeated", 0):
        usd = dollars(counts["usd_told_already"] + counts["usd_repeated"])
        yield (
            "Rounds near in day and amount to one that is served, or to another of the file: "
            f"{repeats:,} ({usd}), the largest {_repeats(counts['largest_repeats'])}. The build "
            "makes one of those that are certain; audit.possible_duplicates lists the others."
        )
    if counts.get("rounds_before_founding"):
        yield (
            "Rounds more than a year older than the mapped company of their name, and so another "
            f"company's: {counts['rounds_before_founding']:,}."
        )
    if moved := counts.get("moved_shares"):
        yield (
            f"Shares that move by a point or more ({moved[0]['universe']}, "
            f"{day(moved[0]['as_of_month'])}): {_moves(moved)}. The build judges the claims anew, "
            "and says whose verdict changes."
        )
    if counts.get("companies_with_a_layer"):
        with_layer = counts["companies_with_a_layer"]
        yield (
            f"{with_layer:,} of its {count(counts['companies'], 'company', 'companies')} "
            f"{'has' if with_layer == 1 else 'have'} a layer: {counts['newly_mapped_companies']:,} "
            f"would come onto the map, and the {dollars(counts['newly_mapped_usd'])} listed for "
            "them so far would count as GenAI."
        )
    if counts.get("contradicted_layers"):
        yield (
            f"Companies that a served map puts in another layer: {counts['contradicted_layers']:,}."
        )


def _repeats(rounds: Sequence[Report]) -> str:
    told = (
        f"{' '.join(filter(None, (r['company'], r['round'])))} of {day(r['announced_on'])} "
        f"({dollars(r['amount_usd'])})"
        for r in rounds
    )
    return proposal.printable(", ".join(told))


def _moves(shares: Sequence[Report]) -> str:
    told = [
        f"{s['name']} {percent(s['share_before'])} to {percent(s['share_after'])}"
        for s in shares[:_MOVES_SHOWN]
    ]
    if len(shares) > _MOVES_SHOWN:
        told.append(f"and {len(shares) - _MOVES_SHOWN:,} more")
    return proposal.printable(", ".join(told))


def _freshness(fresh: Report) -> str:
    sentence = f"The newest row is of {fresh['newest_row']}, {fresh['age_days']:,} days old"
    if fresh["is_late"] is None:
        return f"{sentence}; no newer file is promised (cadence: frozen)."
    verdict = "late" if fresh["is_late"] else "in time"
    return f"{sentence}: {verdict} for a cadence of {fresh['cadence']}."


def _table(
    console: Console,
    headers: Sequence[str],
    lines: Iterable[Sequence[Any]],
    right: Sequence[str] = ("rows",),
) -> None:
    rows = [[_short(cell, _LONGEST) for cell in line] for line in lines]
    if not rows:
        return
    is_used = [any(row[n] for row in rows) for n in range(len(headers))]
    columns = [Column(header, header in right, wraps=header in _WRAPPED) for header in headers]
    console.print()
    print_table(
        console,
        [column for column, used in zip(columns, is_used, strict=True) if used],
        [[cell for cell, used in zip(row, is_used, strict=True) if used] for row in rows],
    )


def _short(cell: Any, longest: int = _WIDEST) -> str:
    text = proposal.printable(" ".join(str(cell or "").split()))
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
