"""The headline on the terminal: one table, the sentence that matters, what is partial.

Belongs here: words, order and how much is shown. Not here: the answers (report.answers).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import duckdb
import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table

from orchestration.publication import versions
from orchestration.report.answers import Answer, find_answers, find_later
from orchestration.report.formats import cell, day, header, records
from orchestration.report.moves import describe_moves
from orchestration.report.scope import Scope, choose_scope, read_rows

MOVES_SHOWN = 2  # with what is outside the maps and may repeat, a new list is told in five lines
SHOWN = ("layer_share", "concentration", "outside_maps", "possible_repeats", "claims")
# A terminal of 80 columns holds no longer headers.
HEADERS = {"undisclosed_rounds": "no amount", "cited_share": "cited"}


def show(console: Console, served: Path) -> None:
    """Print the headline of the served file; raises NoRoundsError when it holds no round."""
    for served_version in versions.publications(served)[-1:]:
        if served_version["known_by"]:
            known_by = served_version["known_by"]
            console.print(f"Made from what was known by {known_by}, no later snapshots.")
        if served_version["as_of"]:
            console.print(f"Speaks of the time to {served_version['as_of']}.")
    with duckdb.connect(str(served), read_only=True) as connection:
        scope = choose_scope(connection)
        answers = find_answers(connection, scope)
        layers = read_rows(connection, "from headline_layers")
        later = find_later(connection)
    console.print(_layer_table(scope, layers))
    _print_answers(console, [answers[name] for name in SHOWN if name in answers])
    if scope.partial:
        console.print(f"  {scope.partial}")
    if later:
        console.print(_layer_table(later.scope, later.layers))
        _print_answers(console, later.answers.values())


def show_moves(console: Console, before: Path, now: Path) -> None:
    """Print what a build did to the headline of the file that was served before."""
    if not before.exists():
        return
    moves = describe_moves(before, now)
    if not moves:
        console.print(
            "No claim has another verdict, and no share of the headline moved by a point."
        )
        return
    left_out = len(moves) - MOVES_SHOWN
    rest = f", and {left_out:,} more that `genai-ledger diff` has" if left_out > 0 else ""
    console.print(f"Since the version before{rest}:")
    for move in moves[:MOVES_SHOWN]:
        console.print(f"  {move}", markup=False)


def _print_answers(console: Console, answers: Iterable[Answer]) -> None:
    for answer in answers:
        console.print(f"  {answer.value} {answer.sentence} {answer.basis}", markup=False)


def _layer_table(scope: Scope, layers: pd.DataFrame) -> Table:
    table = Table(
        title=f"Equity raised by {day(scope.month)}: {scope.title}",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        title_style="bold",
        padding=(0, 1),
    )
    for column in layers:
        justify: Literal["left", "right"] = "left" if column == "layer" else "right"
        table.add_column(HEADERS.get(str(column), header(column)), justify=justify, no_wrap=True)
    *lines, total = [[cell(v, c) for c, v in row.items()] for row in records(layers)]
    for line in lines:
        table.add_row(*line)
    table.add_section()
    table.add_row(*total)
    return table
