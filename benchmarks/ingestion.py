"""Reading and landing against bare readers, and one changed file against all of a thousand.

The workbook is a made-up deal list: companies with several rounds, amounts as numbers and as
texts, dates as dates and as texts, lists of investors, and columns that the kind doesn't know.
"""

from __future__ import annotations

import csv
import datetime
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import fastexcel

from orchestration.config import KINDS_FILE
from orchestration.landing import LandedFile, land
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import find_sources

ROWS = 200_000
FILES, ROWS_A_FILE = 1_000, 300
REPEATS = 3
HEADERS = [
    "Company",
    "Announced",
    "Amount",
    "Round",
    "Lead Investors",
    "Investors",
    "Valuation",
    "Country",
    "Source URL",
    "Employees",
]
KINDS = read_kinds(KINDS_FILE)
SOURCE = """title: A made-up deal list
producer: benchmarks/ingestion.py
url: https://example.org/
licence: CC0-1.0
accessed_on: 2026-11-23
contents: Random deals.
cadence: 7d
"""


def measure() -> dict[str, float]:
    """Return seconds: of a workbook and of a csv bare and landed, of all files and of one."""
    with tempfile.TemporaryDirectory() as folder:
        return _workbook(Path(folder)) | _csv(Path(folder)) | _thousand(Path(folder))


def _workbook(folder: Path) -> dict[str, float]:
    # Imported here, as the process that lands imports the main module, which may be this one.
    import openpyxl  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    path = _source(folder / "workbook") / "2026-11-23.xlsx"
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Deals")
    sheet.append(HEADERS)
    for row in _deals(ROWS, dated=True):
        sheet.append(row)
    book.save(path)

    def bare() -> None:
        fastexcel.read_excel(path).load_sheet(0, dtypes="string").to_arrow()

    bare_seconds, landing = _medians(bare, folder / "workbook")
    pandas = _seconds(lambda: pd.read_excel(path))
    return {"bare": bare_seconds, "landing": landing, "pandas": pandas}


def _csv(folder: Path) -> dict[str, float]:
    path = _source(folder / "csv") / "2026-11-23.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([HEADERS, *_deals(ROWS, dated=False)])
    copying = f"copy (from read_csv('{path}')) to '{folder / 'copied.parquet'}'"
    copied, landing = _medians(lambda: duckdb.execute(copying), folder / "csv")
    return {"csv_copied": copied, "csv_landed": landing}


def _medians(bare: Callable[[], object], raw: Path) -> tuple[float, float]:
    """Measure in turn a bare reader and the landing of the one file under `raw`."""
    homes = iter(raw.with_name(f"{raw.name}_landing{number}") for number in range(REPEATS + 1))

    def landing() -> None:
        [result] = _land(raw, next(homes))
        assert (result.outcome, result.rows) == ("landed", ROWS)

    _seconds(bare), _seconds(landing)  # programs and files are read from disk once, untimed
    pairs = [(_seconds(bare), _seconds(landing)) for _ in range(REPEATS)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


def _thousand(folder: Path) -> dict[str, float]:
    path = _source(folder / "files")
    first = datetime.date(2020, 1, 1)
    days = [first + datetime.timedelta(days=number) for number in range(FILES)]
    for day in days:
        with (path / f"{day}.csv").open("w", newline="") as file:
            csv.writer(file).writerows([HEADERS, *_deals(ROWS_A_FILE, dated=False, seed=str(day))])

    def all_files() -> None:
        results = _land(folder / "files", folder / "landing")
        assert [result.outcome for result in results] == ["landed"] * FILES

    def one_file() -> None:
        results = _land(folder / "files", folder / "landing")
        assert sum(result.outcome == "landed" for result in results) == 1

    whole, changed = _seconds(all_files), []
    for number in range(REPEATS):
        with (path / f"{days[number]}.csv").open("a", newline="") as file:
            csv.writer(file).writerow(["Changed", "2024-01-01", 1e6])
        changed.append(_seconds(one_file))
    return {"all": whole, "one": statistics.median(changed)}


def _source(folder: Path) -> Path:
    path = folder / "funding_rounds" / "deals"
    path.mkdir(parents=True)
    (path / "source.yml").write_text(SOURCE)
    return path


def _land(raw: Path, home: Path) -> list[LandedFile]:
    return land(find_sources(raw, KINDS).sources, KINDS, raw, home)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _deals(count: int, *, dated: bool, seed: str = "deals") -> Iterator[list[object]]:
    draw = random.Random(seed)  # noqa: S311
    funds = [f"Fund {number} Ventures" for number in range(800)]
    for _ in range(count):
        day = datetime.date(2015, 1, 1) + datetime.timedelta(days=draw.randrange(4_000))
        tenths = draw.randrange(1, 5_000)
        yield [
            f"Company {draw.randrange(max(count // 4, 1))} AI",
            day if dated and draw.random() < 0.5 else day.isoformat(),
            tenths * 100_000 if draw.random() < 0.7 else f"${tenths / 10}M",
            draw.choice(["Seed", "Series A", "Series B", "Series C"]),
            draw.choice(funds),
            ", ".join(draw.sample(funds, 2)),
            f"${tenths / 2:.1f}M" if draw.random() < 0.2 else None,
            draw.choice(["US", "UK", "FR", "DE"]),
            f"https://example.org/deal/{draw.randrange(count)}",
            draw.randrange(1, 5_000),
        ]


def lines(found: dict[str, float]) -> list[str]:
    """Write the measures as rows of the page's table."""
    bare, landing, pandas = found["bare"], found["landing"], found["pandas"]
    copied, landed = found["csv_copied"], found["csv_landed"]
    whole, one = found["all"], found["one"]
    return [
        f"| reading and landing a workbook of {ROWS:,} x {len(HEADERS)} | {landing:.2f} s "
        f"| bare `fastexcel` to Arrow {bare:.2f} s | {landing / bare:.2f} |",
        f"| `pandas.read_excel` of the same workbook | {pandas:.1f} s "
        f"| reading and landing it {landing:.2f} s | {pandas / landing:.1f} |",
        f"| reading and landing a csv file of {ROWS:,} x {len(HEADERS)}, meaning included "
        f"| {landed:.2f} s | DuckDB's own csv to Parquet {copied:.2f} s | {landed / copied:.1f} |",
        f"| landing one changed file of {FILES:,} | {one:.3f} s "
        f"| landing all {FILES:,} {whole:.1f} s | {one / whole:.4f} |",
    ]


if __name__ == "__main__":
    print("\n".join(lines(measure())))
