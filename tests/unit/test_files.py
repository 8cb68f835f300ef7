"""Files that are whole or as they were, and the hash of the project's own code."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from orchestration import files


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the package for a test to edit."""
    copy = tmp_path / "orchestration"
    shutil.copytree(files.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(files, "PACKAGE", copy)
    return copy


def hash_of(*rooms: str) -> str:
    """Hash as a process does that starts now."""
    files.code_hash.cache_clear()
    return files.code_hash(*rooms)


@pytest.mark.parametrize(
    "name", ["parsing/money.py", "reading/formats/json.py", "lineage/diff_cells.sql"]
)
def test_an_edited_line_changes_the_hash_of_its_room_alone(package: Path, name: str) -> None:
    rooms = [path.name for path in package.iterdir() if (path / "__init__.py").exists()]
    before = {room: hash_of(room) for room in rooms}

    with (package / name).open("a") as file:
        file.write("# one line\n")

    assert [room for room in rooms if hash_of(room) != before[room]] == [Path(name).parts[0]]


def test_a_renamed_file_changes_the_hash(package: Path) -> None:
    before = hash_of("report")

    assets = package / "report" / "assets"
    (assets / "page.css").rename(assets / "sheet.css")

    assert hash_of("report") != before


def test_what_python_and_editors_leave_behind_is_no_code(package: Path) -> None:
    before = hash_of("parsing")

    (package / "parsing" / "__pycache__").mkdir()
    (package / "parsing" / "__pycache__" / "money.cpython-313.pyc").write_bytes(b"compiled")
    (package / "parsing" / "money.py~").write_text("older")

    assert hash_of("parsing") == before


def test_a_room_that_is_not_there_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(FileNotFoundError, match="kitchen"):
        hash_of("kitchen")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "a.csv"
    with files.replacing(target) as partial:
        partial.write_text("new")
        assert not target.exists()
        assert partial.suffix == ".csv"
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o666 & ~umask()
    assert names(target.parent) == ["a.csv"]


def umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def test_a_writer_that_fails_or_writes_nothing_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    with pytest.raises(ValueError, match="no more"), files.replacing(target) as partial:
        partial.write_text("half")
        raise ValueError("no more")
    with files.replacing(target):
        pass
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.csv"]


def test_a_folder_comes_at_once_and_takes_the_place_of_none_that_holds_files(
    tmp_path: Path,
) -> None:
    target = tmp_path / "deals"
    with files.replacing(target) as partial:
        partial.mkdir()
        (partial / "a.csv").write_text("first")
    assert (target / "a.csv").read_text() == "first"
    with pytest.raises(OSError, match="not empty"), files.replacing(target) as partial:
        partial.mkdir()
    assert (target / "a.csv").read_text() == "first"


def test_two_writers_of_a_file_do_not_meet(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    with files.replacing(target) as one, files.replacing(target) as other:
        one.write_text("one")
        other.write_text("other")
    assert target.read_text() == "one"
    assert names(tmp_path) == ["a.csv"]


def test_a_writer_does_not_stumble_over_one_that_ends_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, gone = tmp_path / "a.csv", tmp_path / ".a.csv.x1.partial"
    of_parts = f".{seen.name}.*.partial"
    glob = Path.glob

    def seen_then_gone(path: Path, pattern: str, **options: Any) -> Iterator[Path]:
        return iter([gone]) if pattern == of_parts else glob(path, pattern, **options)

    monkeypatch.setattr(Path, "glob", seen_then_gone)
    with files.replacing(seen) as partial:
        partial.write_text("whole")
    assert seen.read_text() == "whole"


@pytest.mark.parametrize("swap", [False, True])
def test_many_writers_of_a_path_leave_one_that_is_whole(tmp_path: Path, swap: bool) -> None:
    target = tmp_path / "a"

    def write(text: str) -> None:
        for _ in range(30):
            with files.replacing(target, swap=swap) as partial:
                partial.write_text(text * 1000)

    with ThreadPoolExecutor(4) as executor:
        list(executor.map(write, "abcd"))
    assert len(set(target.read_text())) == 1
    assert names(tmp_path) == ["a"]


def test_what_a_killed_writer_left_goes_after_a_day(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    left, recent = tmp_path / ".a.csv.x1.partial", tmp_path / ".a.csv.x2.partial"
    for folder in (left, recent):
        folder.mkdir()
        (folder / "a.csv").write_text("half")
    os.utime(left, (0, 0))
    with files.replacing(target) as partial:
        partial.write_text("whole")
    assert names(tmp_path) == [recent.name, "a.csv"]
