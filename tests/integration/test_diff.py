"""One changed raw cell: what lands again, what moves, and what `genai-ledger diff` says of it."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import openpyxl
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from orchestration.cli import main
from orchestration.lineage.diff import compare

if TYPE_CHECKING:
    from conftest import Warehouse

ROUNDS = "raw/funding_rounds/genai_rounds/2026-11-28.xlsx"
OLD, NEW = "reportedly $10Bn over multiple years", "reportedly $11Bn over multiple years"


@pytest.fixture(scope="module")
def edited(copied_warehouse: Callable[[str], Warehouse]) -> Warehouse:
    """Build again after one cell of the rounds has changed: OpenAI's round of January 2023."""
    edited = copied_warehouse("edited")
    path = edited.raw.parent / ROUNDS
    workbook = openpyxl.load_workbook(path)
    (cell,) = (cell for cell in workbook["Rounds"]["E"] if cell.value == OLD)
    cell.value = NEW
    workbook.save(path)
    finished = edited.build()
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return edited


@pytest.fixture(scope="module")
def found(warehouse: Warehouse, edited: Warehouse) -> dict[str, Any]:
    difference = compare(warehouse.served, edited.served)
    found: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(difference), default=str))
    return found


def landed_objects(warehouse: Warehouse) -> dict[str, str]:
    """Return the name of each raw file's landed object, checked to be all there are."""
    catalogue = pq.read_table(warehouse.home / "landing" / "catalogue.parquet").to_pylist()
    objects = {entry["file"]: entry["object"] for entry in catalogue}
    stored = {f"objects/{path.name}" for path in (warehouse.home / "landing/objects").iterdir()}
    assert set(objects.values()) == stored
    return objects


def test_only_the_changed_file_lands_again(warehouse: Warehouse, edited: Warehouse) -> None:
    before, after = landed_objects(warehouse), landed_objects(edited)
    assert {file for file in before if before[file] != after[file]} == {ROUNDS}


def test_a_changed_cell_changes_its_layer_from_its_month_on(
    warehouse: Warehouse, edited: Warehouse
) -> None:
    raised, raised_before = (
        built.query(
            "select as_of_month, layer, raised_usd from marts.rpt_layer_share "
            "where universe = 'genai'"
        ).set_index(["as_of_month", "layer"])["raised_usd"]
        for built in (edited, warehouse)
    )
    assert len(raised) > 700
    difference = (raised - raised_before).reset_index(name="usd")
    is_raised = (difference["layer"] == "model_platform") & (
        difference["as_of_month"] >= "2023-01-31"
    )
    assert difference.loc[is_raised, "usd"].to_list() == pytest.approx(
        [1e9] * is_raised.sum(), abs=0.01
    )
    assert difference.loc[~is_raised, "usd"].eq(0).all()


def test_the_one_changed_cell_is_named_and_nothing_else(
    edited: Warehouse, found: dict[str, Any]
) -> None:
    (cell,) = found["cells"]
    assert (cell["file"], cell["sheet"]) == (ROUNDS, "Rounds")
    sheet = openpyxl.load_workbook(edited.raw.parent / ROUNDS)["Rounds"]
    assert sheet[cell["address"]].value == NEW
    assert (cell["header"], cell["old"], cell["new"]) == ("Amount", OLD, NEW)
    assert found["files_changed"] == [ROUNDS]
    for nothing in ("files_added", "files_removed", "columns", "lines_added", "lines_removed"):
        assert not found[nothing]


def test_rows_of_tables_are_counted_by_their_key(found: dict[str, Any]) -> None:
    tables = {table["table"]: table for table in found["tables"]}
    rounds = tables["marts.fct_funding_rounds"]
    assert rounds["key"] == ["round_id"]
    assert (rounds["added"], rounds["removed"], rounds["changed"]) == (0, 0, 1)
    assert "marts.dim_companies" not in tables
    assert "marts.rpt_release_cadence" not in tables


def test_a_figure_that_moved_names_the_round_and_the_cell(found: dict[str, Any]) -> None:
    keys = {"as_of_month": "2023-06-30", "universe": "genai", "layer": "model_platform"}
    (moved,) = [
        line
        for line in found["headline"]
        if (line["table"], line["figure"], line["keys"]) == ("rpt_layer_share", "raised_usd", keys)
    ]
    assert moved["new"] - moved["old"] == pytest.approx(1e9)
    (mover,) = moved["moved_by"]
    assert mover["label"].startswith("OpenAI, ")
    assert mover["adds"] == {"raised_usd": {"old": 10e9, "new": 11e9}}
    assert [cell["address"] for cell in mover["cells"]] == ["E846"]
    verdicts = {claim["claim_id"]: claim["new_verdict"] for claim in found["claims"]}
    assert verdicts["microsoft_in_openai"] == "contradicted"


def test_every_figure_that_moved_leads_to_the_cell(found: dict[str, Any]) -> None:
    moved = [line for line in found["figures"] if line["table"] != "rpt_lorenz_curve"]
    assert moved
    for line in moved:
        cells = [cell for mover in line["moved_by"] for cell in mover["cells"]]
        assert "E846" in [cell["address"] for cell in cells], (line["table"], line["figure"])


def test_without_arguments_what_is_served_is_compared_with_the_version_before(
    edited: Warehouse, found: dict[str, Any]
) -> None:
    environment = {"GENAI_LEDGER_HOME": str(edited.home)}
    finished = CliRunner().invoke(main, ["diff", "--json"], env=environment)
    assert finished.exit_code == 0, finished.output
    assert json.loads(finished.output)["cells"] == found["cells"]


def test_it_is_printed_for_people(warehouse: Warehouse, edited: Warehouse) -> None:
    paths = [str(warehouse.served), str(edited.served)]
    environment = {"GENAI_LEDGER_HOME": str(warehouse.home)}
    printed = CliRunner().invoke(main, ["diff", *paths], env=environment).output
    assert f"cell E846, row 846 (Amount): '{OLD}' -> '{NEW}'" in printed
    assert "OpenAI, Corporate round, 2023-01-23: " in printed
    assert "_usd $10,000,000,000 -> $11,000,000,000\n" in printed
    as_json = CliRunner().invoke(main, ["diff", *paths, "--json"], env=environment).output
    assert [cell["address"] for cell in json.loads(as_json)["cells"]] == ["E846"]


def test_a_cell_that_moves_no_figure_is_named_and_that_is_said(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    other = tmp_path / "other.duckdb"
    shutil.copyfile(warehouse.served, other)
    with duckdb.connect(str(other)) as connection:
        connection.execute(
            "update audit.source_files set file_sha256 = 'other' where file like ?", [ROUNDS]
        )
        connection.execute(
            'update audit.source_rows set texts = json_merge_patch(texts, \'{"note": "Checked."}\')'
            " where file = ? and row_number = 41",
            [ROUNDS],
        )
    environment = {"GENAI_LEDGER_HOME": str(warehouse.home)}
    arguments = ["diff", str(warehouse.served), str(other)]
    printed = CliRunner().invoke(main, arguments, env=environment).output
    assert "cell M41, row 41 (Note)" in printed
    assert "-> 'Checked.'" in printed
    assert printed.count("None moved.") == 2


def test_a_version_of_another_format_is_compared_but_for_its_figures(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    older = warehouse._replace(home=tmp_path)
    shutil.copyfile(warehouse.served, older.served)
    with duckdb.connect(str(older.served)) as connection:
        connection.execute("alter table audit.universe_rounds drop column counts_from")
        connection.execute("delete from marts.dim_layers where layer = 'mlops'")
    environment = {"GENAI_LEDGER_HOME": str(older.home)}
    arguments = ["diff", str(warehouse.served), str(older.served)]
    printed = CliRunner().invoke(main, arguments, env=environment).output
    assert "marts.dim_layers: 0 rows added, 1 rows removed, 0 rows changed" in printed
    assert printed.count("Not compared: one of the versions was built by another version") == 2
    traced = CliRunner().invoke(main, ["trace", "company", "OpenAI"], env=environment)
    assert traced.exit_code == 1
    assert traced.output.startswith("Error: The file was built by another version of this program")
    assert len(traced.output.splitlines()) == 1


def test_a_mistake_gets_one_sentence(warehouse: Warehouse) -> None:
    environment = {"GENAI_LEDGER_HOME": str(warehouse.home)}
    for arguments, says in (
        (["1999"], "No version 1999: `genai-ledger versions` lists what there is"),
        ([str(warehouse.served)], "Both are the same file"),
        ([__file__], "test_diff.py can't be compared: it is no published file"),
    ):
        finished = CliRunner().invoke(main, ["diff", *arguments], env=environment)
        assert finished.exit_code == 1
        assert says in finished.output
        assert len(finished.output.splitlines()) == 1
