"""What a build says that moved, between two small files shaped like the served one."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import duckdb
from rich.console import Console

from orchestration.report.moves import describe_moves
from orchestration.terminal import summary

if TYPE_CHECKING:
    from pathlib import Path

TABLES = """
create schema marts;
create schema audit;
create table marts.dim_layers as from (values ('mlops', 'MLOps')) as t(layer, title);
create table marts.dim_universes as from (values
    ('genai', 'GenAI', date '2023-06-30', {genai}),
    ('everything_listed', 'Everything listed', null, not {genai})
) as t(universe, title, last_complete_month, is_headline);
create table marts.rpt_layer_share as from (values
    ('genai', date '2023-06-30', 'mlops', {mlops}), ('genai', date '2023-05-31', 'mlops', 0.9)
) as t(universe, as_of_month, layer, share);
create table marts.rpt_company_share as from (values
    ('genai', date '2023-06-30', 'a', 'Alpha', {alpha}),
    ('genai', date '2023-06-30', 'b', 'Beta', 0.2)
) as t(universe, as_of_month, company_id, company, share_of_all);
create table audit.claims as from (values
    ('article', 'half', 'half of it', '{verdict}'), ('article', 'none', 'none of it', 'supported')
) as t(source, claim_id, quotation, verdict);
"""


def served(
    path: Path,
    *,
    genai: bool = True,
    mlops: float = 0.2,
    alpha: float = 0.5,
    verdict: str = "supported",
) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES.format(genai=genai, mlops=mlops, alpha=alpha, verdict=verdict))
    return path


def test_verdicts_and_shares_that_moved_are_named_the_largest_move_first(tmp_path: Path) -> None:
    before = served(tmp_path / "before")
    now = served(tmp_path / "now", mlops=0.195, alpha=0.1, verdict="contradicted")
    assert describe_moves(before, now) == [
        "“half of it”: supported before, contradicted now.",
        "Alpha: 50.0% of the dollars before, 10.0% now (GenAI, to 30 June 2023).",
    ]
    assert describe_moves(before, before) == []


def test_a_headline_of_other_companies_is_told_first(tmp_path: Path) -> None:
    before = served(tmp_path / "before")
    now = served(tmp_path / "now", genai=False, alpha=0.1)
    assert describe_moves(before, now) == [
        "The headline was of GenAI, to 30 June 2023, and is of Everything listed, complete to no "
        "month."
    ]


def test_at_most_three_lines_are_printed(tmp_path: Path) -> None:
    before = served(tmp_path / "before")
    now = served(tmp_path / "now", mlops=0.7, alpha=0.1, verdict="contradicted")
    with duckdb.connect(str(now)) as connection:
        connection.execute("update audit.claims set verdict = 'restated' where claim_id = 'none'")
    printed = io.StringIO()
    summary.show_moves(Console(file=printed, width=200), before, now)
    first, *moves = printed.getvalue().splitlines()
    assert first == "Since the version before, and 2 more that `genai-ledger diff` has:"
    assert len(moves) == 2
