"""What `check` and `add` print for people, and what `add` asks.

Belongs here: words, tables, prompts. Doesn't: anything that isn't already in a look's report.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestration.errors import LedgerError
from orchestration.intake import proposal
from orchestration.intake.inspection import Facts

_WIDEST = 60  # of a cell's text
_ASKED = {
    "title": "The source's name in a few words",
    "producer": "Who made it",
    "url": "The address it was taken from",
    "licence": "Its licence",
    "contents": "What is and isn't in it",
    "cadence": "When is a newer one due (a time such as 7d or 4w, or frozen: never)",
}


def show(console: Console, report: Facts) -> None:
    """Print a look: what is read, what of it is accepted, what it holds, and its source.yml."""
    say = _Plain(console)
    guessed = "guessed from its headers" if report["kind_guessed"] else "as stated"
    say(f"{report['file']}: {report['bytes']:,} bytes, kind {report['kind']} ({guessed})", "bold")
    if report["kind_guessed"]:
        second = report["runner_up"]
        lacks = f", lacks {' and '.join(second['lacks'])}" if second["lacks"] else ""
        say(f"  next nearest: {second['kind']} ({second['columns']:,} of its columns{lacks})")
    say(f"  snapshot of {report['snapshot_on']} ({report['snapshot_on_from']})")
    for sheet in report["sheets"]:
        _show_sheet(console, say, sheet)
    rows = report["rows"]
    say(
        f"\nRows: {rows['in_file']:,} in the file = {rows['accepted']:,} accepted"
        f" + {rows['rejected']:,} rejected",
        "bold",
    )
    _show_rejects(say, report["rejects"])
    _show_money(console, report["money"])
    _show_dates(console, report["dates"])
    if sentence := _freshness(report["freshness"]):
        say(sentence)
    say("\nsource.yml:", "bold")
    say(report["source_yml"])


class _Plain:
    """Prints text as it is: cells and names of files may hold what looks like markup."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def __call__(self, text: str, style: str = "") -> None:
        self.console.print(Text(text, style=style))


def _show_sheet(console: Console, say: _Plain, sheet: Facts) -> None:
    name = f"Sheet {sheet['sheet']}" if sheet["sheet"] else "Table"
    if sheet["status"] != "landed":
        say(f"\n{name}: passed over. {sheet['problem']}")
        return
    row = sheet["header_row"]  # 0 where a format names its columns beside the rows
    header = f"header in row {row:,}" if row else "columns named by the format"
    say(f"\n{name}: {header}, {sheet['rows']:,} rows")
    lines = [
        [
            column["column"],
            f"{column['letter'] or ''} {column['header'] or '(not a column)'}".strip(),
            column["assumed_because"] and f"assumed: {column['assumed_because']}",
        ]
        for column in sheet["columns"]
    ]
    lines += [
        [
            "-",
            other["header"],
            f"could be {other['could_be']}: {other['because']}"
            if other["could_be"]
            else "kept as it is",
        ]
        for other in sheet["unmapped"]
    ]
    _table(console, ("column", "header in the file", ""), lines)
    for finding in sheet["findings"]:
        say(f"  {finding}")


def _show_rejects(say: _Plain, rejects: Sequence[Facts]) -> None:
    for rule in rejects:
        say(f"  {rule['rule']}: {rule['rows']:,} rows, such as")
        for example in rule["examples"]:
            row = f"{example['sheet']} row {example['row']:,}".strip()
            value = _short(example["value"])
            say(f"    {row}, {example['column']} {value!r}: {example['reason']}")


def _show_money(console: Console, money: Sequence[Facts]) -> None:
    lines = []
    for column in money:
        for found in column["currencies"]:
            total = f"{found['total']:,.0f}"
            lines.append([column["column"], found["currency"], total, f"{found['rows']:,}"])
        for rest, words in (("undisclosed", "no amount"), ("not_understood", "not understood")):
            if column[rest]:
                lines.append([column["column"], words, "", f"{column[rest]:,}"])
    _table(console, ("money", "currency", "total", "rows"), lines, right=("total", "rows"))


def _show_dates(console: Console, dates: Sequence[Facts]) -> None:
    lines = [
        [
            column["column"],
            column["first"],
            column["last"],
            ", ".join(f"{rows:,} to the {name}" for name, rows in column["precisions"].items()),
            ", ".join(
                f"{column[rest]:,} {rest.replace('_', ' ')}"
                for rest in ("empty", "not_understood")
                if column[rest]
            ),
        ]
        for column in dates
    ]
    _table(console, ("dates", "first", "last", "precision", "others"), lines)


def _freshness(fresh: Facts) -> str:
    if fresh["age_days"] is None:
        return ""
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
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    for header in headers:
        table.add_column(header, justify="right" if header in right else "left")
    for line in lines:
        table.add_row(*(Text(_short(cell)) for cell in line))
    if table.rows:
        console.print(table)


def _short(cell: Any) -> str:
    text = proposal.printable(" ".join(str(cell or "").split()))
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def ask(facts: Facts, given: Collection[str]) -> dict[str, str]:
    """Ask for the facts that were not given; return those that are stated now."""
    answers: dict[str, str] = {}
    for name, question in _ASKED.items():
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
            proposal.checked(proposal.text_of(tried), "answer")
        except LedgerError as error:
            raise click.BadParameter(str(error).partition(": ")[2]) from error
        return text.strip()

    return answer


def day(text: str) -> dt.date:
    """Read an answer that is a day."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a day; write it as 2026-11-23") from None
