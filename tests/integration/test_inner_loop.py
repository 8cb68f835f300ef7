"""What a contributor sees who changes a line: the stages that it touches run again, no others.

The project's own code is copied with a raw folder of two rounds, so that real processes build it in
seconds; dbt by hand is run there as a person would, with nothing set in the environment.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import PROJECT

from orchestration.config import Home
from orchestration.defs.dbt_state import DbtState
from orchestration.defs.progress import STAGES
from orchestration.publication import provenance

SOURCE = """\
title: Rounds of our own
producer: An analyst
url: https://example.com/rounds
licence: For tests only
accessed_on: 2024-07-01
contents: Two rounds.
cadence: frozen
frozen_because: An export of one day.
"""
ROUNDS = "Company,Date,Amount,Round\nAlpha,2024-05-02,$5M,Seed\nBeta,2024-06-03,$20M,Series A\n"
# Of stages that take no time, which every build ends with, no line is printed.
EVERYTHING = set(STAGES) - {"all_of_raw_is_used", "data_recency"}
# Who has a name, a path and a locale, and nothing of this project or of dbt in the environment.
BARE = {name: os.environ[name] for name in ("HOME", "PATH", "LANG") if name in os.environ}


class Tree(NamedTuple):
    """A copy of the project, with a raw folder and a home of its own at their usual places."""

    path: Path

    @property
    def home(self) -> Home:
        return Home(self.path / "warehouse")

    def run(
        self, program: str, *arguments: str, folder: str = ".", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [Path(sys.executable).with_name(program), *arguments],
            cwd=self.path / folder,
            env=BARE | {"PYTHONPATH": str(self.path)} | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def build(self, *arguments: str, **environment: str) -> set[str]:
        """Build, and return the stages that did something."""
        built = self.run("genai-ledger", "build", *arguments, **environment)
        assert built.returncode == 0, built.stdout + built.stderr
        return ran(built.stdout)

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.path / file
        text = path.read_text(encoding="utf-8")
        assert old in text, file
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def state(self) -> dict[str, str]:
        """Hash all that is served and all that a build leaves for the next one."""
        files = [self.home.served, self.home.candidate, self.home.work, self.home.report]
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def ran(said: str) -> set[str]:
    """Return the stages that a build's output tells of, but those that left all as it was."""
    titles = {title: stage for stage, title in STAGES.items()}
    parts = re.split(rf"^({'|'.join(titles)}) \.\.\.$", said, flags=re.MULTILINE)
    stages = {
        titles[title]
        for title, lines in zip(parts[1::2], parts[2::2], strict=True)
        if not is_unchanged(lines)
    }
    again = re.search(r"^Nothing else changed; written again: (.*)\.$", said, re.MULTILINE)
    return stages | set(again[1].split(", ") if again else ())


def is_unchanged(lines: str) -> bool:
    """Whether what a stage says is that all stands."""
    parts = re.search(r"unchanged  (\d+) of (\d+) models", lines)
    if parts:
        return parts[1] == parts[2]
    return "unchanged" in lines and "landed " not in lines


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    folder = tmp_path_factory.mktemp("tree")
    ignored = shutil.ignore_patterns("__pycache__", "target", "logs")
    for name in ("orchestration", "dbt_project"):
        shutil.copytree(PROJECT / name, folder / name, ignore=ignored)
    own = folder / "raw" / "funding_rounds" / "own_rounds"
    own.mkdir(parents=True)
    (own / "source.yml").write_text(SOURCE)
    (own / "2024-06-30.csv").write_text(ROUNDS)
    copied = Tree(folder)
    # What a user has set for dbt projects of their own doesn't steer this one.
    others = {"DBT_TARGET": "dev", "DBT_PROFILES_DIR": "/nonexistent", "DBT_EXCLUDE": "marts"}
    assert copied.build(**others) == EVERYTHING
    return copied


def test_nothing_is_built_again_when_nothing_changed(tree: Tree) -> None:
    before = tree.state()
    assert tree.build() == set()
    assert tree.state() == before


def test_a_chart_rewrites_the_page_alone(tree: Tree) -> None:
    before = tree.state()
    tree.edit("orchestration/report/assets/page.html", "<title>", "<title>A line of mine: ")
    assert tree.build() == {"report"}
    assert "A line of mine" in tree.home.report.read_text(encoding="utf-8")
    tree.edit("orchestration/report/assets/page.html", "A line of mine: ", "")
    written = tree.run("genai-ledger", "report")
    assert written.returncode == 0, written.stderr
    assert tree.state() == before


def test_the_dictionary_is_written_and_published_again(tree: Tree) -> None:
    tree.edit("orchestration/lineage/dictionary.py", '"US dollars"', '"dollars of the US"')
    assert tree.build() == {"dictionary", "published", "exports", "report"}
    exported = (tree.home.exports / "audit" / "data_dictionary.csv").read_text(encoding="utf-8")
    assert "dollars of the US" in exported


def test_a_mart_is_built_again_with_what_is_made_of_it(tree: Tree) -> None:
    mart = "dbt_project/models/marts/rpt_mega_rounds.sql"
    tree.edit(mart, "select", "select /* a line of mine */")
    assert tree.build() == EVERYTHING - {"land"}
    tree.edit(mart, "a line of mine", "another line of mine")
    built = tree.run("genai-ledger", "build", "--select", "rpt_mega_rounds")
    assert built.returncode == 0, built.stdout + built.stderr
    models = set(re.findall(r"OK created sql \w+ model \w+\.(?:\w+\.)?(\w+)", built.stdout))
    assert "rpt_mega_rounds" in models
    assert "rpt_layer_share" not in models


def test_a_model_that_raises_is_red_and_named_and_leaves_what_is_served(tree: Tree) -> None:
    served, mart = tree.home.served.read_bytes(), "dbt_project/models/marts/rpt_mega_rounds.sql"
    whole, damaged = (
        "coalesce(counted.mega_usd, 0) as raised_usd",
        "cast('no number ' || counted.universe as double) as raised_usd",
    )
    tree.edit(mart, whole, damaged)
    failed = tree.run("genai-ledger", "build")
    tree.edit(mart, damaged, whole)
    assert failed.returncode == 1
    assert "rpt_mega_rounds" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert tree.home.served.read_bytes() == served
    tree.build()


def test_a_model_that_is_gone_leaves_no_table(tree: Tree) -> None:
    state = DbtState(tree.home, {})
    del state.nodes["model.genai_ledger.rpt_mega_rounds"]
    assert state.unchanged() == set()


def test_what_reads_a_file_lands_it_again(tree: Tree) -> None:
    mine = "# A line of mine.\n\n\n"
    for room in ("reading/rows.py", "parsing/money.py"):
        tree.edit(f"orchestration/{room}", "\n\n\n", f"\n\n{mine}")
        refused = tree.run("genai-ledger", "build", "--select", "rpt_mega_rounds")
        assert refused.stderr.startswith("Error: raw files, or what reads them, have changed")
        tree.edit(f"orchestration/{room}", f"\n\n{mine}", "\n\n\n")
    tree.edit("orchestration/parsing/money.py", "\n\n\n", f"\n\n{mine}")
    assert tree.build() == EVERYTHING - {"docs"}


@pytest.mark.parametrize("select", ["rpt_mega_round", "int_nothing"])
def test_a_model_that_is_not_there_is_one_sentence(tree: Tree, select: str) -> None:
    built = tree.run("genai-ledger", "build", "--select", select)
    assert built.returncode == 1
    assert built.stderr.startswith(f"Error: there is no model {select}; ")
    assert len(built.stderr.splitlines()) == 1


def test_dbt_by_hand_works_and_changes_nothing(tree: Tree) -> None:
    before = tree.state()
    for command in (
        ["build", "-s", "rpt_layer_share"],
        ["test", "-s", "rpt_layer_share"],
        ["run", "-s", "rpt_layer_share+"],
        ["docs", "generate"],
    ):
        by_hand = tree.run("dbt", *command, folder="dbt_project")
        assert by_hand.returncode == 0, by_hand.stdout
    assert (tree.path / "dbt_project" / "target" / "catalog.json").exists()
    assert tree.state() == before
    assert tree.build() == set()


def test_a_part_is_materialized_on_what_the_last_build_left(tree: Tree) -> None:
    materialize = """
from dagster import AssetKey
from orchestration import config
from orchestration.defs.definitions import definitions
defs = definitions(config.prepare_environment(), config.raw_dir())
job = defs.resolve_implicit_global_asset_job_def()
assert job.execute_in_process(asset_selection=[AssetKey(["marts", "rpt_layer_share"])]).success
"""
    built = tree.run("python", "-c", materialize)
    assert built.returncode == 0, built.stderr
    assert tree.build() <= {"dictionary", "published"}


def test_every_stage_is_keyed_by_all_the_code_that_it_imports() -> None:
    """Rooms are named in ROOMS; here each is held to what its modules import."""
    entries = {
        "land": "landing/__init__.py",
        "published": "publication/publish.py",
        "dictionary": "lineage/dictionary.py",
        "exports": "publication/exports.py",
        "page_library": "report/library.py",
        "report": "report/page.py",
    }
    # Paths, numbers and whole files, and what only says what a room is for: these decide nothing of
    # what is in a result.
    rooms_only = {f"{room}/__init__.py" for room in ("lineage", "publication", "sources")}
    shared = {"__init__.py", "config.py", "files.py", *rooms_only}
    for stage, entry in entries.items():
        rooms = provenance.ROOMS[stage]
        used = imports(PROJECT / "orchestration", entry, set()) - shared
        outside = {p for p in used if not any(p == r or p.startswith(f"{r}/") for r in rooms)}
        assert not outside, stage


def imports(package: Path, module: str, found: set[str]) -> set[str]:
    """Return a module and all of the package that it imports, as paths."""
    if module in found:
        return found
    found.add(module)
    names = re.findall(
        r"^\s*(?:from (orchestration[\w.]*) import ([\w, ()\n]+?)$|import (orchestration[\w.]*))",
        (package / module).read_text(encoding="utf-8").replace("(\n", "(").replace(",\n", ","),
        flags=re.MULTILINE,
    )
    for origin, imported, whole in names:
        bases = [f"{origin}.{name.strip(' ()')}" for name in imported.split(",")] if origin else []
        for name in [*bases, origin or whole]:
            path = name.removeprefix("orchestration").strip(".").replace(".", "/")
            for candidate in (f"{path}.py", f"{path}/__init__.py" if path else "__init__.py"):
                if (package / candidate).is_file():
                    imports(package, candidate, found)
    return found
