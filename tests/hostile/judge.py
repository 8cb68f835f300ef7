"""Running a case as a build would, measuring it, and judging what became of it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
from case import Case, Row

from orchestration.config import KINDS_FILE
from orchestration.landing import land, read_catalogue
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import find_sources

KINDS = read_kinds(KINDS_FILE)
SOURCE = """title: A list
producer: Somebody
url: https://example.org/list
licence: CC0-1.0
accessed_on: 2026-11-23
contents: Everything there is.
cadence: 7d
"""
PARENT_MB = 300  # what a case may cost
# A sentence says what to do: one of these words, behind what is wrong.
ADVICE = re.compile(
    r"[;:].*\b(add|check|close|copy|correct|delete|export|fill|get|give|keep|let|must|name"
    r"|needs one for|open|put|remove|rename|run|save|say|shorten|split|unpack|write|did you mean"
    r"|there are)\b"
)
_LONGEST_SENTENCE = 500


class Verdict(NamedTuple):
    """What became of a case: `failure` is None when that was right."""

    case: Case
    sentence: str | None
    rows: int
    seconds: float
    parent_mb: float
    child_mb: float
    failure: str | None


def judge(case: Case) -> Verdict:
    """Land the case alone, and hold the result against what was expected."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw"
        path = raw / "funding_rounds" / case.source / case.file
        path.parent.mkdir(parents=True)
        path.with_name("source.yml").write_text(SOURCE + case.more, encoding="utf-8")
        _write(case, path)
        before = _memory(os.getpid(), "VmRSS")
        _forget_peak()
        started = time.monotonic()
        with _childrens_peak() as children:
            problems = _land(raw, Path(folder) / "landing")
        seconds = time.monotonic() - started
        parent = _memory(os.getpid(), "VmHWM") - before
        rows = list(_rows(Path(folder) / "landing"))
    sentence = problems[0] if problems else None
    failure = _failure(case, problems, rows, folder)
    if parent > PARENT_MB:
        failure = failure or f"took {parent:.0f} MB of the parent"
    return Verdict(case, sentence, len(rows), seconds, parent, max(children, default=0), failure)


def _write(case: Case, path: Path) -> None:
    """Write the file; a large one in another process, so that this one's memory stays small."""
    if isinstance(case.content, bytes):
        path.write_bytes(case.content)
        return
    writer = multiprocessing.get_context("fork").Process(target=case.content, args=(path,))
    writer.start()
    writer.join()
    assert writer.exitcode == 0, case.name


def _land(raw: Path, landing_dir: Path) -> list[str]:
    found = find_sources(raw, KINDS)
    results = land(found.sources, KINDS, raw, landing_dir)
    return [p.message for p in found.problems] + [r.problem for r in results if r.problem]


def _rows(landing_dir: Path) -> Iterator[Row]:
    for name in read_catalogue(landing_dir).column("object").unique().to_pylist():
        if name:
            columns = ["company", "announced", "amount"]
            table = pq.read_table(landing_dir / name, columns=columns)
            yield from zip(*(column.to_pylist() for column in table.columns), strict=True)


def _failure(case: Case, problems: list[str], rows: list[Row], folder: str) -> str | None:
    if problems:
        return _refusal_failure(case, problems, folder)
    if case.rows is None:
        return f"was read: {rows[:3]!r:.200}"
    expected = list(case.rows() if callable(case.rows) else case.rows)
    if rows != expected:
        return f"other rows: {rows[:3]!r:.200} instead of {expected[:3]!r:.200}"
    return None


def _refusal_failure(case: Case, problems: list[str], folder: str) -> str | None:
    if case.refused is None:
        return "was refused"
    if not any(re.search(case.refused, sentence) for sentence in problems):
        return f"the sentence isn't about {case.refused!r}"
    for sentence in problems:
        if len(sentence) > _LONGEST_SENTENCE or folder in sentence or not sentence.isprintable():
            return "the sentence is no sentence for people"
        if not ADVICE.search(sentence):
            return "the sentence doesn't say what to do"
    return None


def _memory(process: int, field: str) -> float:
    """Return VmRSS (now) or VmHWM (at most) of a process in MB; 0 where Linux doesn't say."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    found = re.search(rf"{field}:\s+(\d+) kB", status)
    return int(found[1]) / 1000 if found else 0


def _forget_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


@contextlib.contextmanager
def _childrens_peak() -> Iterator[list[float]]:
    """Collect, every hundredth of a second, the peaks of all descendants of this process."""
    peaks: list[float] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.01):
            peaks.append(max((_memory(p, "VmHWM") for p in _descendants(os.getpid())), default=0))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peaks
    finally:
        ended.set()
        watcher.join()


def _descendants(process: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield int(child)
                yield from _descendants(int(child))
