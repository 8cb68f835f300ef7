"""The headline on the terminal: after a build what matters, as `summary` all answers.

Belongs here: words, order and how much is shown. Not here: the answers (report.answers).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from rich.console import Console

from orchestration.publication import versions
from orchestration.publication.contents import open_database
from orchestration.report.answers import Answer, Later, find_answers, find_later
from orchestration.report.formats import cell, day, header, records
from orchestration.report.moves import describe_moves
from orchestration.report.scope import Scope, choose_scope, read_rows
from orchestration.terminal.layout import Column, print_table, print_wrapped

MOVES_SHOWN = 2  # with what is outside the maps and may repeat, a new list is told in five lines
# In that order; what is none isn't told.
MATTERS = ("layer_share", "outside_maps", "possible_repeats", "possible_companies")
NONE = ("0", "$0")
# Two lines high, since a terminal of 80 columns holds no longer headers.
HEADERS = {
    "companies": "companies\nwith amounts",
    "undisclosed_rounds": "rounds with\nno amount",
    "cited_share": "dollars\ncited",
}
DROPPED = {"cited_share": 1, "undisclosed_rounds": 2, "rounds": 3, "companies": 4}


class Summary(NamedTuple):
    """What a served file says first; `later` is read for those who ask for all of it."""

    version: versions.Publication
    scope: Scope
    layers: pd.DataFrame
    answers: dict[str, Answer]
    later: Later | None


def read(served: Path, *, is_short: bool = False) -> Summary:
    """Read a published file, or what `show` needs; raises NoRoundsError when it holds no round."""
    version = next(iter(versions.publications(served)[-1:]), {})
    with open_database(served) as connection:
        scope = choose_scope(connection)
        answers = find_answers(connection, scope)
        layers = read_rows(connection, "from headline_layers")
        later = None if is_short else find_later(connection)
        return Summary(version, scope, layers, answers, later)


def show(console: Console, summary: Summary) -> None:
    """Print the layers as of the last complete month, what matters, and what is partial."""
    _print_scope(console, summary, is_short=True)
    for answer in (summary.answers[name] for name in MATTERS if name in summary.answers):
        if answer.value not in NONE:
            print_wrapped(console, f"{answer.value} {answer.sentence}", 2)
    if summary.scope.partial:
        print_wrapped(console, summary.scope.partial, 2)


def show_all(console: Console, summary: Summary) -> None:
    """Print every answer, with what it rests on."""
    _print_scope(console, summary)
    _print_answers(console, summary.answers.values())
    if summary.scope.partial:
        print_wrapped(console, summary.scope.partial, 2)
    if summary.later:
        console.print()
        _print_layers(console, summary.later.scope, summary.later.layers)
        _print_answers(console, summary.later.answers.values())


def as_record(summary: Summary) -> dict[str, Any]:
    """Return all of it for programs: dollars and fractions as numbers, sentences as texts."""
    told = [(summary.scope, summary.layers, summary.answers)]
    if summary.later:
        told.append((summary.later.scope, summary.later.layers, summary.later.answers))
    return {
        "version": summary.version.get("version_id"),
        "headlines": [
            {
                **scope._asdict(),
                "layers": records(layers),
                "answers": {name: answer._asdict() for name, answer in answers.items()},
            }
            for scope, layers, answers in told
        ],
    }


def show_moves(console: Console, before: Path, now: Path) -> None:
    """Print what a build did to the headline of the file that was served before."""
    if not before.exists():
        return
    moves = describe_moves(before, now)
    if not moves:
        print_wrapped(
            console, "No claim has another verdict, and no share of the headline moved by a point."
        )
        return
    left_out = len(moves) - MOVES_SHOWN
    rest = f", and {left_out:,} more that `genai-ledger diff` has" if left_out > 0 else ""
    print_wrapped(console, f"Since the version before{rest}:")
    for move in moves[:MOVES_SHOWN]:
        print_wrapped(console, move, 2)


def _print_scope(console: Console, summary: Summary, *, is_short: bool = False) -> None:
    if known_by := summary.version.get("known_by"):
        print_wrapped(console, f"Made from what was known by {known_by}, no later snapshots.")
    if as_of := summary.version.get("as_of"):
        print_wrapped(console, f"Speaks of the time to {as_of}.")
    _print_layers(console, summary.scope, summary.layers, is_short=is_short)


def _print_answers(console: Console, answers: Iterable[Answer]) -> None:
    for answer in answers:
        print_wrapped(console, f"{answer.value} {answer.sentence} {answer.basis}", 2)


def _print_layers(
    console: Console, scope: Scope, layers: pd.DataFrame, *, is_short: bool = False
) -> None:
    names = list(map(str, layers))
    print_table(
        console,
        [Column(HEADERS.get(n, header(n)), n != "layer", DROPPED.get(n)) for n in names],
        [[cell(v, c) for c, v in row.items()] for row in records(layers)],
        title=f"Equity raised by {day(scope.month)}: {scope.title}",
        has_total=not is_short,
        is_short=is_short,
    )
