"""The hash of the project's own code, which every skip key holds."""

from __future__ import annotations

import shutil
from pathlib import Path

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


@pytest.mark.parametrize("name", ["parsing/money.py", "reading/formats/json.py"])
def test_an_edited_line_changes_the_hash_of_its_room_alone(package: Path, name: str) -> None:
    rooms = [path.name for path in package.iterdir() if (path / "__init__.py").exists()]
    before = {room: hash_of(room) for room in rooms}

    with (package / name).open("a") as file:
        file.write("# one line\n")

    assert [room for room in rooms if hash_of(room) != before[room]] == [Path(name).parts[0]]


def test_a_renamed_file_changes_the_hash(package: Path) -> None:
    before = hash_of("report")

    (package / "report" / "page.css").rename(package / "report" / "sheet.css")

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
