"""Cases of what stands in raw/ instead of a file: links, pipes, folders; and of its names."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from case import CSV, ROWS, Case

OUT = "the link leads out of raw; put a copy"
NOWHERE = "the link leads nowhere; remove it"
NO_FILE = "this is no file; put the file itself there"
NO_DATE = "the file's name is not a date; name it by the day"
ENDING = "can't be read; save it as one of"


def links() -> Iterator[Case]:
    """Give the cases."""
    group = "links"

    def to(target: str) -> object:
        return lambda path: path.symlink_to(target)

    for target in (
        "/etc/passwd",
        "/dev/zero",
        "/proc/self/environ",
        "/",
        "../../../../outside.csv",
    ):
        refused = f"{OUT}|{NOWHERE}"
        yield Case(group, f"to {target}", "2026-11-23.csv", to(target), refused)  # type: ignore[arg-type]
    yield Case(group, "to itself", "2026-11-23.csv", to("2026-11-23.csv"), NOWHERE)  # type: ignore[arg-type]
    yield Case(group, "to nothing", "2026-11-23.csv", to("gone.csv"), NOWHERE)  # type: ignore[arg-type]
    yield Case(group, "within raw", "2026-11-23.csv", _link_within, rows=ROWS)
    yield Case(
        group,
        "folder to /etc",
        "2026-11-23.csv",
        lambda path: path.with_name("more").symlink_to("/etc"),
        OUT,
    )
    yield Case(group, "source to /etc", "2026-11-23.csv", lambda path: _beside(path, "/etc"), OUT)
    yield Case(
        group, "source to itself", "2026-11-23.csv", lambda path: _beside(path, "linked"), NOWHERE
    )
    yield Case(
        group,
        "source to the kind",
        "2026-11-23.csv",
        lambda path: _beside(path, "."),
        "source.yml is missing",
    )
    yield Case(
        group,
        "kind to /etc",
        "2026-11-23.csv",
        lambda path: (path.parents[2] / "linked").symlink_to("/etc"),
        OUT,
    )
    yield Case(group, "source.yml to /etc/passwd", "2026-11-23.csv", _linked_source_file, OUT)


def _link_within(path: Path) -> None:
    path.with_name(".data").write_bytes(CSV)
    path.symlink_to(".data")


def _beside(path: Path, target: str) -> None:
    (path.parents[1] / "linked").symlink_to(target)


def _linked_source_file(path: Path) -> None:
    source_file = path.with_name("source.yml")
    source_file.unlink()
    source_file.symlink_to("/etc/passwd")


def kinds_of_files() -> Iterator[Case]:
    """Give the cases."""
    group = "no file"
    yield Case(group, "a pipe", "2026-11-23.csv", os.mkfifo, NO_FILE)
    yield Case(group, "a folder", "2026-11-23.csv", Path.mkdir, NO_FILE)
    yield Case(group, "a folder of that name with files", "2026-11-23.xlsx", _full_folder, NO_FILE)
    yield Case(group, "a socket", "2026-11-23.csv", _socket, NO_FILE)


def _full_folder(path: Path) -> None:
    path.mkdir()
    (path / "2026-11-23.csv").write_bytes(CSV)


def _socket(path: Path) -> None:
    place = Path.cwd()
    os.chdir(path.parent)  # a socket's path may have about a hundred characters only
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    finally:
        os.chdir(place)


def names() -> Iterator[Case]:
    """Give the cases."""
    group = "names"
    yield Case(group, "ending in capitals", "2026-11-23.CSV", CSV, rows=ROWS)
    yield Case(group, "hidden file", ".2026-11-23.csv", CSV, "has no data file; add one")
    yield Case(group, "a lock file", "~$2026-11-23.csv", CSV, "has no data file; add one")
    for name, refused in {
        "2026-11-23": ENDING,
        "2026-11-23.exe": ENDING,
        "2026-11-23.csv.exe": ENDING,
        "2026-11-23.csv ": ENDING,
        "2026-11-23.csv.bz2": ENDING,
        "2026-11-23.csv.gz.gz": ENDING,
        "2026-11-23.final.csv": "",
        "2026-13-45.csv": NO_DATE,
        "99999-01-01.csv": NO_DATE,
        "x'; drop table--.csv": NO_DATE,
        "a\nb.csv": NO_DATE,
        "\u202e2026-11-23.csv": NO_DATE,
        "\x1b[31m2026-11-23.csv": NO_DATE,
        "-rf.csv": NO_DATE,
        "%s%n.csv": NO_DATE,
        f"{'x' * 250}.csv": NO_DATE,
    }.items():
        if refused:
            yield Case(group, f"file {name[:30]!r}", name, CSV, refused)
    for source in (
        "'; drop table marts.dim_companies; --",
        'a"b',
        "a'b",
        "a b",
        "a.b",
        "{{ 7 * 7 }}",
        "<script>alert(1)<",
        "名前",
        "a;b&c|d",
        "$(id)",
        "a\nb",
        "a\x1b[31mb",
        "a\u202eb",
        "x" * 200,
    ):
        name = f"source {source[:30]!r}"
        yield Case(
            group,
            name,
            "2026-11-23.csv",
            CSV,
            "and _ are what .*; choose another name",
            source=source,
        )
    for source in ("x" * 100, "Deals-2024_b"):
        name = f"source {source[:30]!r}"
        yield Case(group, name, "2026-11-23.csv", CSV, rows=ROWS, source=source)
    yield Case(
        group,
        "sources alike but for a dash",
        "2026-11-23.csv",
        twin,
        "choose another name for one of them",
        source="a-b",
    )
    for more, refused in {
        "yaml: aliases": _laughs(),
        "yaml: 20,000 deep": f"columns: {'[' * 20_000}",
        "yaml: python object": "title: !!python/object/apply:os.system [id]\n",
        "yaml: a megabyte": f"contents: {'x' * 2_000_000}\n",
    }.items():
        yield Case(group, more, "2026-11-23.csv", CSV, r"source.yml", more=refused)


def _laughs() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    return "\n".join([*lines, "columns: *a11", ""])


def twin(path: Path) -> None:
    """Write the file, and a source beside it that Dagster would take for the same."""
    path.write_bytes(CSV)
    shutil.copytree(path.parent, path.parents[1] / "a_b")


PARTS = (links, kinds_of_files, names)
