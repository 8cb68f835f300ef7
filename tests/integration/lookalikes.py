"""Files of the form that public lists have, made up: no name, amount or date in them is anybody's.

Each generator writes one raw source (a data file and a source.yml of at most 15 lines) and returns
the truth it was written from. The quirks are those of real exports: what spreadsheet programs do to
dates, Indian digit groups, escape sequences, two encodings in one file, headers of several lines.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl

_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "el", "ix", "or")]
_ACCENTED = ("é", "ü", "ñ", "Á", "ø", "í")  # "Á" has a byte that no single-byte encoding names
FACTS = """\
title: {title}
producer: Nobody, made up for a test
url: https://example.org/{name}
licence: For tests only
accessed_on: 2026-11-01
contents: Random rows in the form of a public list.
cadence: frozen
frozen_because: Made for one test.
"""


class Truth(NamedTuple):
    """What was written: rows rejected by rule, money by currency, days by accepted row."""

    kind: str
    name: str
    file: str
    rows: int
    rejected: Mapping[str, int]
    money: Mapping[str, float]
    days: Mapping[int, dt.date]


class _Ledger:
    """Keeps the truth while rows are written."""

    def __init__(self) -> None:
        self.rows = 0
        self.rejected: Counter[str] = Counter()
        self.money: Counter[str] = Counter()
        self.days: dict[int, dt.date] = {}

    def add(self, row: int, day: dt.date | None, rule: str = "", **money: float) -> None:
        self.rows += 1
        self.money.update(money)
        if rule:
            self.rejected[rule] += 1
        elif day:
            self.days[row] = day

    def truth(self, path: Path) -> Truth:
        *_, kind, name, file = path.parts
        place = f"raw/{kind}/{name}/{file}"
        return Truth(kind, name, place, self.rows, self.rejected, self.money, self.days)


def _source(raw: Path, kind: str, name: str, more: str = "") -> Path:
    """Make the folder of a source with its source.yml."""
    folder = raw / kind / name
    folder.mkdir(parents=True)
    source = FACTS.format(title=name.replace("_", " "), name=name) + more
    assert len(source.splitlines()) <= 15
    (folder / "source.yml").write_text(source, encoding="utf-8")
    return folder


def _save_csv(path: Path, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _save_workbook(path: Path, rows: Sequence[Sequence[object]]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Export")
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row])
    book.save(path)


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - not for secrets


def _company(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=4)).capitalize() + f" {chance.randrange(900)}"


def _day(chance: random.Random) -> dt.date:
    return dt.date(2015, 1, 1) + dt.timedelta(chance.randrange(1800))


def vendor_workbook(raw: Path) -> Truth:
    """Write a vendor's export: amounts in four currencies beside the vendor's own dollars."""
    chance, ledger = _chance(1), _Ledger()
    header = [
        *("Transaction Name", "Transaction Name URL", "Organization Name", "Funding Type"),
        *("Money Raised", "Money Raised Currency", "Money Raised Currency (in USD)"),
        *("Announced Date", "Lead Investors", "Number of Investors", "Organization Description"),
    ]
    rows: list[list[Any]] = [["Export of funding rounds"], [], header]
    for _ in range(900):
        name, day = _company(chance), _day(chance)
        funding = chance.choice(["Seed", "Series A", "Debt Financing", "Grant", "Convertible Note"])
        currency, per_usd = chance.choice([("USD", 1.0), ("EUR", 0.9), ("GBP", 0.8), ("INR", 80.0)])
        usd = chance.randrange(20_000, 90_000_000)
        native = round(usd * per_usd)
        is_disclosed = chance.random() < 0.9
        amounts = [native, currency, usd] if is_disclosed else ["", "", ""]
        url = f"https://example.org/{len(rows)}"
        rows.append(
            [
                f"{funding} - {name}",
                url,
                name,
                funding,
                *amounts,
                day,
                "Somebody Capital",
                2,
                "A\nB",
            ]
        )
        ledger.add(len(rows), day, "", **({currency: float(native)} if is_disclosed else {}))
    path = _source(raw, "funding_rounds", "lookalike_vendor") / "2026-11-01.xlsx"
    _save_workbook(path, rows)
    return ledger.truth(path)


_LIST_HEADER = [
    *("Sr No", "Date dd/mm/yyyy", "Startup Name", "Industry Vertical", "SubVertical"),
    *("City  Location", "Investors Name", "InvestmentnType", "Amount in USD", "Remarks"),
]
_SLIPS: tuple[Callable[[dt.date], str], ...] = (
    lambda day: f"{day:%d}/{day:%m%Y}",
    lambda day: f"{day:%d/%m}/0{day:%y}",
    lambda day: f"{day:%d/%m}.{day.year}",
    lambda day: f"{day:%d/%m}//{day.year}",
    lambda day: f"\\\\xc2\\\\xa0{day:%d/%m/%Y}",
)


def _grouped(amount: int) -> str:
    """Group digits the Indian way: 20,00,00,000."""
    head, tail = str(amount)[:-3], str(amount)[-3:]
    groups: list[str] = []
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    return ",".join([*groups, tail])


def _deals(chance: random.Random) -> list[tuple[str, dt.date, str, str, float, str]]:
    """Make deals: date as typed, the day, company, amount as typed, its value, rule broken."""
    deals = []
    for number in range(3000):
        day, name, amount = _day(chance), _company(chance), chance.randrange(16_000, 400_000_000)
        typed, printed, value, rule = f"{day:%d/%m/%Y}", _grouped(amount), float(amount), ""
        if number % 97 == 0:
            typed = chance.choice(_SLIPS)(day)
        elif number % 211 == 0:
            typed, rule = f"31/02/{day.year}", "announced_not_understood"
        if number % 5 == 0:
            undisclosed = ["", "N/A", "undisclosed", "Undisclosed", "unknown", "\\\\xc2\\\\xa0N/A"]
            printed, value = chance.choice(undisclosed), 0.0
        elif number % 7 == 0:
            printed = chance.choice([f"{amount:,}+", f"\\\\xc2\\\\xa0{amount}", f"{amount}.0"])
        elif number % 303 == 0:
            printed, value, rule = "several crores", 0.0, rule or "amount_not_understood"
        deals.append((typed, day, name, printed, value, rule))
    return deals


def indian_list(raw: Path) -> Truth:
    """Write a csv with the day first, slips of typing, Indian groups and escape sequences."""
    chance, ledger = _chance(2), _Ledger()
    rows: list[list[Any]] = [_LIST_HEADER]
    for typed, day, name, printed, value, rule in _deals(chance):
        rows.append(
            [len(rows), typed, name, "Food", "", "Pune", "A, B", "Seed\\\\nFunding", printed, ""]
        )
        ledger.add(len(rows), day, rule, USD=value)
    path = _source(raw, "funding_rounds", "lookalike_list") / "2026-11-01.csv"
    _save_csv(path, rows)
    return ledger.truth(path)


def swapped_twin(raw: Path) -> Truth:
    """Write that list as a month-first program keeps it: real dates where it saw any."""
    chance, ledger = _chance(2), _Ledger()
    rows: list[list[Any]] = [_LIST_HEADER]
    for typed, day, name, printed, value, rule in _deals(chance):
        cell: object = typed
        if typed == f"{day:%d/%m/%Y}" and day.day <= 12:
            cell = dt.date(day.year, day.day, day.month)
        plain = printed.replace(",", "")
        amount = int(plain) if plain.isdigit() else printed
        rows.append([len(rows), cell, name, "Food", "", "Pune", "A, B", "Seed", amount, ""])
        ledger.add(len(rows), day, rule, USD=value)
    path = _source(raw, "funding_rounds", "lookalike_twin") / "2026-11-01.xlsx"
    _save_workbook(path, rows)
    return ledger.truth(path)


def broken_encoding(raw: Path) -> Truth:
    """Write a dump of 115,000 rounds whose names are UTF-8 in some lines and Latin-1 in others."""
    chance, ledger = _chance(3), _Ledger()
    buffer = io.BytesIO()
    header = (
        "company_permalink,funding_round_permalink,funding_round_type,funding_round_code,"
        "funded_at,raised_amount_usd\n"
    )
    buffer.write(header.encode())
    names = ["".join(chance.choices(_SYLLABLES, k=4)) for _ in range(6_000)]
    types = ["venture", "seed", "angel", "debt_financing", "grant", "private_equity", "undisclosed"]
    for row in range(2, 115_002):
        name, day = chance.choice(names), _day(chance)
        is_accented = row % 40 == 0
        if is_accented:
            name += chance.choice(_ACCENTED)
        amount = chance.randrange(1_000, 50_000_000) if row % 6 else 0
        company = f"/ORGANIZATION/{name.upper()}" if row % 2 else f"/organization/{name}"
        cells = [company, f"/funding-round/{row:x}", chance.choice(types), "", f"{day:%d-%m-%Y}"]
        line = ",".join([*cells, f"{amount}.0" if amount else ""]) + "\n"
        buffer.write(line.encode("latin-1" if row % 80 == 0 else "utf-8"))
        ledger.add(row, day, USD=amount)
    path = _source(raw, "funding_rounds", "lookalike_dump") / "2026-11-01.csv"
    path.write_bytes(buffer.getvalue())
    return ledger.truth(path)


def model_table(raw: Path) -> Truth:
    """Write a workbook of models: a line above the header, headers of several lines, emoji."""
    chance, ledger = _chance(4), _Ledger()
    header = [
        *("Model\n", "Lab", "Playground", "Parameters \n(B)", "Tokens \ntrained (B)"),
        *("Ratio Tokens:Params\n(Chinchilla scaling≥20:1)", 'ALScore\n"a quick rating"', "MMLU"),
        *("Training dataset", "Announced\n▼", "Public?", "Paper / Repo", "Arch", "Notes"),
    ]
    rows: list[list[Any]] = [["Permalink: https://example.org/models-table 🤖"], header]
    for number in range(500):
        day, sign = _day(chance).replace(day=1), "🟢🟢🟡🔴"[number % 4]
        printed = day if number % 3 else f"{day:%b/%Y}"
        size = ["TBA", 0.5, 7, 1760, "8x7"][number % 5]
        last = (day.replace(day=28) + dt.timedelta(4)).replace(day=1) - dt.timedelta(1)
        known = day if number % 3 else last
        model = f"{_company(chance)}{' 🦙' if number % 9 == 0 else ''}"
        links = ["https://example.org/try", "https://example.org/paper"]
        about = [300, "43:1", 1.2, 70.1, "web-scale"]
        rows.append(
            [model, "Some Lab", links[0], size, *about, printed, sign, links[1], "Dense", ""]
        )
        ledger.add(
            len(rows), known, {"🟡": "access_unknown", "🔴": "not_an_open_model"}.get(sign, "")
        )
    more = 'values: {access: {"🟢": open}}\n'
    path = _source(raw, "open_models", "lookalike_table", more) / "2026-11-01.xlsx"
    _save_workbook(path, rows)
    return ledger.truth(path)


_MODEL_HEADER = """\
Model,Domain,Task,Organization,Authors,Publication date,Reference,Link,Citations,\
Notability criteria,Notability criteria notes,Parameters,Parameters notes,Training compute (FLOP),\
Training compute notes,Training dataset,Training dataset notes,Training dataset size (total),\
Dataset size notes,Training time (hours),Training time notes,Training hardware,Approach,Confidence,\
Abstract,Epochs,Benchmark data,Model accessibility,Country (of organization),Base model,\
Finetune compute (FLOP),Finetune compute notes,Hardware quantity,Hardware utilization (MFU),\
Training compute cost (2023 USD),Compute cost notes,Training code accessibility,\
Accessibility notes,Organization categorization,Possibly over 1e23 FLOP,\
Training compute estimation method,Foundation model,Batch size"""
_ACCESS = {
    "Open weights (unrestricted)": "",
    "Open weights (restricted use)": "",
    "API access": "not_an_open_model",
    "Unreleased": "not_an_open_model",
    "": "access_unknown",
}


def wide_model_list(raw: Path) -> Truth:
    """Write a csv of 2,200 models with 43 columns, sizes as counts and texts of several lines."""
    chance, ledger = _chance(5), _Ledger()
    columns = _MODEL_HEADER.split(",")
    assert len(columns) == 43
    rows: list[Sequence[Any]] = [columns]
    line = 2
    for number in range(2200):
        day, access = _day(chance), chance.choice(list(_ACCESS))
        cells = dict.fromkeys(columns, "")
        sizes = [f"{chance.randrange(1, 900)}00000000.0", "1.6e+12", "650.0", ""]
        cells |= {
            "Model": _company(chance),
            "Organization": "Some University, Some Lab",
            "Publication date": day.isoformat(),
            "Parameters": sizes[3 if number % 4 == 0 else 2 if number % 50 == 1 else number % 2],
            "Training compute (FLOP)": "3.1e+23",
            "Abstract": "One line,\nanother “line”." if number % 3 == 0 else "One line.",
            "Model accessibility": access,
            "Training compute cost (2023 USD)": "12500000.0",
            "Country (of organization)": "Nowhere",
        }
        rows.append(list(cells.values()))
        ledger.add(line, day, _ACCESS[access])
        line += 1 + cells["Abstract"].count("\n")
    more = "units: {parameters: {multiplier: 1}}\n"
    path = _source(raw, "open_models", "lookalike_models", more) / "2026-11-01.csv"
    _save_csv(path, rows)
    return ledger.truth(path)


LOOKALIKES = (
    vendor_workbook,
    indian_list,
    swapped_twin,
    broken_encoding,
    model_table,
    wide_model_list,
)
