"""What the process that reads files can't reach, whatever a file makes of it (docs/security.md)."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import in_child
import pytest

import orchestration
from orchestration.config import LIMITS
from orchestration.landing.sandbox import ChildError, Run, child_process
from orchestration.reading import ReadError

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's")


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with child_process() as started:
        yield started


def test_no_variable_of_the_environment_comes_along(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_0123456789")
    assert run(1, in_child.environment).keys() <= {"LC_CTYPE"}


def denied(run: Run, function: Callable[..., Any], *arguments: Any) -> None:
    with pytest.raises(ChildError, match="PermissionError"):
        run(1, function, *arguments)


@linux_only
def test_other_files_can_be_neither_read_nor_written(run: Run, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("mine")
    denied(run, in_child.read_text, str(secret))
    denied(run, in_child.read_text, "/etc/passwd")
    denied(run, in_child.read_text, f"/proc/{os.getpid()}/environ")
    denied(run, in_child.write_text, str(secret))
    denied(run, in_child.write_text, str(tmp_path / "new"))
    denied(run, in_child.write_text, in_child.__file__)
    assert secret.read_text() == "mine"


@linux_only
@pytest.mark.parametrize(
    ("family", "address"),
    [
        (socket.AF_INET, ("127.0.0.1", 9)),
        (socket.AF_INET6, ("::1", 9)),
        (socket.AF_UNIX, "\0abstract"),
    ],
)
def test_no_connection_can_be_made(run: Run, family: int, address: Any) -> None:
    denied(run, in_child.connect, int(family), address)


@linux_only
def test_no_process_can_be_started_or_signalled_but_threads_can(run: Run) -> None:
    for function in (in_child.fork, in_child.start_program, in_child.signal_parent):
        denied(run, function)
    assert run(1, in_child.start_thread) is True


@linux_only
def test_no_memory_is_shared(run: Run) -> None:
    denied(run, in_child.share_memory)


def test_a_module_of_the_folder_that_one_stands_in_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout of this project is such a folder too, with an `orchestration` of its own."""
    for name in ("calendar.py", "pyarrow.py", "orchestration/__init__.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("raise SystemExit('taken from the folder that one stands in')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with child_process(LIMITS._replace(patience=6)) as started:  # not one that waits already
        where, calendar, package = started(1, in_child.read_here).split()
    assert where == "/"
    assert not calendar.startswith(str(tmp_path))
    assert package == orchestration.__file__


def test_what_comes_back_is_data(run: Run) -> None:
    with pytest.raises(ChildError, match="no data came back"):
        run(1, in_child.answer_with_code)


@pytest.mark.parametrize("function", [in_child.answer_much, in_child.speak_wrongly])
def test_a_reply_that_is_none_ends_the_child(function: Callable[..., Any]) -> None:
    with child_process() as started:
        with pytest.raises((ReadError, ChildError)):
            started(1, function)
        assert started(1, in_child.start_thread) is True


def test_a_file_that_is_written_has_a_limit(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.write_bytes(b"a")
    limits = LIMITS._replace(inflated_bytes=1 << 20)
    with (
        child_process(limits) as started,
        raw.open("rb") as file,
        (tmp_path / "rows").open("wb") as rows,
        pytest.raises(ChildError, match="File too large"),
    ):
        started(1, in_child.write_much, files=(file, rows))
    assert (tmp_path / "rows").stat().st_size <= 1 << 20


def test_a_long_name_of_the_folder_for_temporary_files_is_no_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path.joinpath(*["a" * 100] * 3)
    folder.mkdir(parents=True)
    monkeypatch.setenv("TMPDIR", str(folder))
    with child_process(LIMITS._replace(patience=7)) as started:
        assert started(1, in_child.start_thread) is True
