"""What `genai-ledger init` makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from sheets import KINDS

from orchestration.cli import main
from orchestration.config import LedgerError
from orchestration.intake.new_project import make_project
from orchestration.sources.registry import find_sources


def test_a_project_has_the_models_the_rates_and_a_folder_for_each_kind(tmp_path: Path) -> None:
    make_project(tmp_path / "mine")
    assert {path.name for path in (tmp_path / "mine" / "raw").iterdir()} == KINDS.keys()
    assert (tmp_path / "mine" / "dbt_project" / "profiles.yml").is_file()
    found = find_sources(tmp_path / "mine" / "raw", KINDS)
    assert [source.name for source in found.sources] == ["ecb"]
    assert not found.problems


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(LedgerError, match="is there already; choose a new or an empty folder"):
        make_project(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    (tmp_path / "empty").mkdir()
    make_project(tmp_path / "empty")
    assert (tmp_path / "empty" / "raw").is_dir()


def test_a_folder_in_which_nothing_could_be_built_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="for a pattern; choose a folder without them"):
        make_project(tmp_path / "deals [2024]")
    assert not list(tmp_path.iterdir())


def test_the_way_into_a_folder_can_be_typed(tmp_path: Path) -> None:
    printed = CliRunner().invoke(main, ["init", str(tmp_path / "my deals")]).output
    assert f"cd '{tmp_path}/my deals';" in " ".join(printed.split())
