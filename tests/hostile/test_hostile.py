"""No file costs more than one sentence: the corpus, and the process that reads its files."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import run
from case import CSV, ROWS, Case
from in_child import die, fail, leave, own_process, sleep, spin, take_arrow_memory, take_memory
from judge import KINDS, SOURCE, judge

from orchestration import files, landing
from orchestration.config import Limits
from orchestration.landing.sandbox import ChildError, child_process
from orchestration.reading import ReadError
from orchestration.sources.registry import find_sources


@pytest.mark.parametrize("part", run.PARTS, ids=lambda part: part.__name__)
def test_every_file_is_refused_in_one_sentence_or_read_exactly(
    part: Callable[[], Iterator[Case]],
) -> None:
    verdicts = [judge(case) for case in part()]
    wrong = [f"{v.case.name}: {v.failure} ({v.sentence})" for v in verdicts if v.failure]
    assert not wrong, "\n".join(wrong)
    assert verdicts


def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "raw" / "funding_rounds" / "deals"
    folder.mkdir(parents=True)
    (folder / "source.yml").write_text(SOURCE)
    path = folder / "2026-11-23.csv"
    path.write_bytes(CSV)
    file_hash = files.file_hash

    def hash_before_a_change(path: Path) -> files.FileHash:
        found = file_hash(path)
        path.write_bytes(CSV.replace(b"$5M", b"$6M"))  # neither size nor name tell
        return found

    def land() -> list[landing.LandedFile]:
        sources = find_sources(tmp_path / "raw", KINDS).sources
        return landing.land(sources, KINDS, tmp_path / "raw", tmp_path / "landing")

    monkeypatch.setattr(files, "file_hash", hash_before_a_change)
    [refused] = land()
    assert refused.problem == (
        "raw/funding_rounds/deals/2026-11-23.csv: the file changed while it was read; "
        "run again when it is complete"
    )
    monkeypatch.undo()
    [landed] = land()
    assert (landed.outcome, landed.rows) == ("landed", len(ROWS))


def test_one_file_outside_raw_is_read_as_it_would_land(tmp_path: Path) -> None:
    folder = tmp_path / "raw" / "funding_rounds" / "deals"
    folder.mkdir(parents=True)
    (folder / "source.yml").write_text(SOURCE)
    (folder / "2026-11-23.csv").write_bytes(CSV)
    [source] = find_sources(tmp_path / "raw", KINDS).sources
    outside = tmp_path / "Export (1).csv.gz"
    outside.write_bytes(CSV)
    snapshot = source.snapshots[0]._replace(path=outside)
    kind = KINDS["funding_rounds"]
    with pytest.raises(ReadError, match="gzip file is damaged"):
        landing.read_file(source, snapshot, kind)
    table, sheets = landing.read_file(source, source.snapshots[0], kind)
    assert table.column("company").to_pylist() == [row[0] for row in ROWS]
    assert [sheet.rows for sheet in sheets] == [len(ROWS)]


LIMITS = Limits(memory_bytes=700 << 20, seconds=1, seconds_a_mb=0, patience=20)


def test_one_process_serves_every_file_and_starts_with_the_first() -> None:
    with child_process() as run_apart:
        first = run_apart(1, own_process)
        assert run_apart(1, own_process) == first
    assert first != os.getpid()


@pytest.mark.parametrize(
    ("function", "argument", "sentence"),
    [
        (sleep, 60, r"^reading it took longer than 20 seconds; keep only the table"),
        (spin, 60, r"^reading it took longer than 1 seconds; keep only the table"),
        (take_memory, 1 << 30, r"^reading it takes more than 734 MB of memory; delete empty rows"),
        (take_arrow_memory, 1 << 30, "^reading.* around the table, or open it where it came from"),
        (die, signal.SIGKILL, "^reading it takes more than 734 MB of memory"),
        (die, signal.SIGSEGV, r"crashed \(SIGSEGV\), so the file is probably damaged; open it"),
    ],
)
def test_a_child_that_dies_is_a_sentence_and_is_replaced(
    function: Callable[..., object], argument: int, sentence: str
) -> None:
    with child_process(LIMITS) as run_apart:
        first = run_apart(1, own_process)
        with pytest.raises(ReadError, match=sentence):
            run_apart(1, function, argument)
        assert isinstance(run_apart(1, own_process), int)
        assert first != os.getpid()


def test_a_large_file_has_more_time() -> None:
    with child_process(LIMITS._replace(seconds_a_mb=1)) as run_apart:
        run_apart(30_000_000, spin, 2)


def test_an_exit_of_compiled_code_is_a_sentence_but_an_error_stays_itself() -> None:
    with child_process() as run_apart:
        with pytest.raises(ReadError, match="what reads it gave up, so"):
            run_apart(1, leave)
        with pytest.raises(ChildError, match="ZeroDivisionError: on purpose"):
            run_apart(1, fail)
