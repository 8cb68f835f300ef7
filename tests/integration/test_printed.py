"""What the commands print, on terminals of several widths, into a pipe and for programs."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Warehouse

ROW = ["--month", "2023-02", "--layer", "model_platform", "--universe", "genai"]
TRACE = ["trace", "rpt_layer_share", *ROW]
DEALS = "Company,Round,Date,Amount\nAcme,Seed,2024-01-05,$5M\nBeta,Seed,soon,$1M\n"
SIXTY = 60


def printed(
    warehouse: Warehouse, arguments: Sequence[str], columns: int | None = None, **more: str
) -> str:
    environment = {k: v for k, v in warehouse.environment.items() if k != "COLUMNS"} | more
    if columns:
        environment["COLUMNS"] = str(columns)
    program = Path(sys.executable).with_name("genai-ledger")
    finished = subprocess.run(
        [program, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def on_terminal(warehouse: Warehouse, arguments: Sequence[str], columns: int) -> str:
    """Run a command on a terminal of so many columns; return what it wrote."""
    parent, child = pty.openpty()
    size = f"stty cols {columns} rows 50; exec {Path(sys.executable).with_name('genai-ledger')} "
    environment = {k: v for k, v in warehouse.environment.items() if k != "COLUMNS"}
    with subprocess.Popen(
        ["sh", "-c", size + " ".join(arguments)],
        stdin=child,
        stdout=child,
        env=environment | {"TERM": "xterm"},
    ) as running:
        os.close(child)
        said = b""
        try:
            while block := os.read(parent, 65536):
                said += block
        except OSError:  # the other end is closed
            pass
        os.close(parent)
    assert running.returncode == 0
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said.decode()).replace("\r", "")


def too_wide(text: str, columns: int) -> list[str]:
    """Return lines that are wider than the terminal, but for a path or address that is whole."""
    return [
        line
        for line in text.splitlines()
        if len(line) > columns and not re.fullmatch(r"\s*\S+", line)
    ]


@pytest.mark.parametrize(
    "command", [["summary"], TRACE, ["trace", "company", "OpenAI"], ["versions"], ["status"]]
)
@pytest.mark.parametrize("columns", [SIXTY, 80, 200])
def test_lines_fit_and_no_figure_is_cut(
    warehouse: Warehouse, command: list[str], columns: int
) -> None:
    text = printed(warehouse, command, columns)
    assert too_wide(text, columns) == []
    assert "…" not in text
    assert "\x1b" not in text


def test_columns_are_left_out_of_a_narrow_terminal_and_named(warehouse: Warehouse) -> None:
    narrow = on_terminal(warehouse, ["summary"], SIXTY)
    assert too_wide(narrow, SIXTY) == []
    assert re.search(r"All layers +\$[\d.]+Bn +100\.0% ", narrow)
    assert "A wider terminal also shows: " in narrow
    assert "A wider terminal" not in printed(warehouse, ["summary"])


def test_a_pipe_holds_a_sentence_a_line_and_every_column(warehouse: Warehouse) -> None:
    text = printed(warehouse, ["summary"])
    assert re.search(r"^  [\d.]+% of the \$[\d.]+Bn of equity .* are cited\.$", text, re.MULTILINE)
    assert re.search(r"All layers( +\S+){6}", text)


def test_a_trace_wraps_further_in(warehouse: Warehouse) -> None:
    lines = printed(warehouse, TRACE, SIXTY).splitlines()
    cells = next(n for n, line in enumerate(lines) if line.startswith("    raw/funding_rounds"))
    assert re.match(r" {6}\S", lines[cells + 1])


def test_the_headline_of_a_build_is_short_and_says_what_is_partial(warehouse: Warehouse) -> None:
    text = printed(warehouse, ["build"], 80)
    lines = text.splitlines()
    assert len(lines) <= 40
    assert sum("Equity raised by" in line for line in lines) == 1
    assert "hold only a part of the rounds" in re.sub(r"\s+", " ", text)


@pytest.mark.parametrize(
    "command",
    [
        ["summary"],
        ["status"],
        ["versions"],
        TRACE,
        ["trace", "model", "vicuna-13b"],
        ["check", "deals.csv"],
    ],
)
def test_every_reading_command_speaks_json(
    warehouse: Warehouse, tmp_path: Path, command: list[str]
) -> None:
    deals = tmp_path / "deals.csv"
    deals.write_text(DEALS)
    command = [str(deals) if word == deals.name else word for word in command]
    assert json.loads(printed(warehouse, [*command, "--json"]))


def test_the_json_of_the_summary_holds_the_mart(warehouse: Warehouse) -> None:
    headline = json.loads(printed(warehouse, ["summary", "--json"]))["headlines"][0]
    mart = warehouse.query(
        "select sum(raised_usd) as usd, sum(companies) as companies from marts.rpt_layer_share "
        f"where universe = '{headline['universe']}' and as_of_month = '{headline['month']}'"
    ).iloc[0]
    total = headline["layers"][-1]
    assert total["raised_usd"] == pytest.approx(mart.usd, rel=1e-12)
    assert total["companies"] == mart.companies


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("genai-ledger trace company anth", "Anthropic"),
        ("genai-ledger trace rpt_layer_sh", "rpt_layer_share"),
        ("genai-ledger trace rpt_layer_share --universe genai_c", "genai_core"),
        ("genai-ledger refresh ec", "ecb"),
        ("genai-ledger summ", "summary"),
        ("genai-ledger check x.csv --kind fund", "funding_rounds"),
    ],
)
def test_the_shell_completes_commands_and_names(
    warehouse: Warehouse, words: str, completed: str
) -> None:
    said = printed(
        warehouse,
        [],
        _GENAI_LEDGER_COMPLETE="bash_complete",
        COMP_WORDS=words,
        COMP_CWORD=str(len(words.split()) - 1),
    )
    assert completed in [line.partition(",")[2] for line in said.splitlines()]


def test_a_check_begins_with_the_one_thing_to_do(warehouse: Warehouse, tmp_path: Path) -> None:
    deals = tmp_path / "deals.csv"
    deals.write_text(DEALS)
    first, second, *_ = printed(warehouse, ["check", str(deals)]).splitlines()
    assert first.startswith("deals.csv: ")
    assert second.startswith(f"To do: `genai-ledger add {deals}`; 1 of 2 rows would be used, or ")
