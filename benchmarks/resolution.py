"""Measure which rows of labelled pairs become one round or one company, and write docs/resolution.md.

Belongs here: stating the lists of the pairs as sources beside the shipped market maps, building what
resolves them, and comparing. Not here: the rules (`dbt_project/models/intermediate`). The pairs are
rows of other people's lists and are not part of the project: their folder is an argument.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

from orchestration import config, landing
from orchestration.sources import kinds, registry

PAGE = config.PROJECT / "docs" / "resolution.md"
RESOLVED = ("statements", "possible_duplicates", "possible_companies", "fct_funding_rounds")
SNAPSHOT = "2026-11-20"

Cells = dict[str, str]
Row = tuple[str, str]  # a list and its row


class Pair(NamedTuple):
    """Two rows of lists, what they are by hand (same, different or unsure), and how surely."""

    left: Row
    right: Row
    label: str
    certainty: str
    reason: str


class Outcome(NamedTuple):
    """What became of a pair: `one` and the same, or told as `possible`."""

    pair: Pair
    one: bool
    possible: bool


class Stated:
    """The rows of the lists, each stated once, in the file of its list."""

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], dict[str, Cells]] = defaultdict(dict)

    def add(self, kind: str, name: str, row: str, cells: Cells) -> None:
        """State a row of the list `name` in its source of `kind`."""
        self.files[kind, name].setdefault(row, cells)

    def write(self, raw: Path, settings: Mapping[tuple[str, str], str]) -> dict[str, Row]:
        """Write a source a list; return the list and row of each row id that will land."""
        of_id = {}
        for (kind, name), rows in self.files.items():
            folder = raw / kind / f"list_{re.sub('[^a-z0-9]', '_', name.lower())}"
            folder.mkdir(parents=True)
            header = list(dict.fromkeys(column for cells in rows.values() for column in cells))
            file = folder / f"{SNAPSHOT}.csv"
            with file.open("w", encoding="utf-8", newline="") as opened:
                writer = csv.DictWriter(opened, header)
                writer.writeheader()
                writer.writerows(rows.values())
            (folder / "source.yml").write_text(
                f"title: List {name}\nproducer: a list of the labelled pairs\n"
                "url: https://example.org\nlicence: not for reuse\n"
                f"accessed_on: {SNAPSHOT}\ncontents: rows of the labelled pairs\n"
                "cadence: frozen\nfrozen_because: a measurement\n"
                + settings.get((kind, name), ""),
                encoding="utf-8",
            )
            for line, row in enumerate(rows, start=2):
                of_id[f"{file.relative_to(raw.parent).as_posix()}#!{line}"] = (name, row)
        return of_id


def read_round_pairs(folder: Path, stated: Stated) -> list[Pair]:
    """Read the pairs of rounds and state their rows."""
    pairs = []
    for line in _lines(folder / "round_pairs.csv") + _lines(folder / "round_pairs_extra_easy.csv"):
        sides = []
        for side in ("left", "right"):
            name, row = line[f"{side}_list"], line[f"{side}_row"]
            cells = {
                "company": line[f"{side}_company"],
                "round_label": line[f"{side}_round"],
                "announced": line[f"{side}_date"],
                "amount": line[f"{side}_amount"],
                "kind": line[f"{side}_kind"],
                "source_url": line[f"{side}_source_url"],
            }
            stated.add("funding_rounds", name, row, cells)
            sides.append((name, row))
        pairs.append(Pair(*sides, line["label"], line["certainty"], line["reason"]))
    return pairs


def read_company_pairs(folder: Path, stated: Stated) -> list[Pair]:
    """Read the pairs of companies and state each side with what its list says of it."""
    lines = _lines(folder / "company_pairs.csv")
    aliases: dict[Row, list[str]] = defaultdict(list)
    for line in lines:
        if line["right_list"] == f"{line['left_list']} alias":
            aliases[line["left_list"], line["left_name"]].append(line["right_name"])
    pairs = []
    for line in lines:
        sides = []
        for side in ("left", "right"):
            name, company = line[f"{side}_list"], line[f"{side}_name"]
            extra = line[f"{side}_extra"]
            row = f"{company} | {extra}"
            for number, (kind, cells) in enumerate(_company_rows(company, extra)):
                if kind == "companies":
                    cells["aliases"] = "; ".join(aliases[name, company])
                stated.add(kind, name, f"{row} | {number}", cells)
            sides.append((name, row))
        pairs.append(Pair(*sides, line["label"], line["certainty"], line["reason"]))
    return pairs


def _company_rows(company: str, extra: str) -> Iterator[tuple[str, Cells]]:
    """State a company: `3 rounds, 2014 to 2015`, `Seed 2026-01-14 $8M; ...` or a map's facts."""
    years = re.fullmatch(r"\d+ rounds, (\d{4}) to (\d{4})", extra)
    one_round = re.fullmatch(r"(.*?) ?(\d{4}-\d\d-\d\d) (\S+); .*", extra)
    if years:
        for year in dict.fromkeys(years.groups()):
            yield "funding_rounds", {"company": company, "announced": year, "amount": ""}
    elif one_round:
        label, day, amount = one_round.groups()
        cells = {"company": company, "round_label": label, "announced": day, "amount": amount}
        yield "funding_rounds", cells
    else:
        facts = [] if extra.startswith("alias column") else extra.split("; ")
        domain = next((fact for fact in facts[:1] if "." in fact and " " not in fact), "")
        rest = facts[1:] if domain else facts
        year = next((fact for fact in rest if re.fullmatch(r"\d{4}", fact)), "")
        rest = [fact for fact in rest if fact != year]
        country, category = ([*rest, "", ""])[:2]
        yield "companies", {
            "company": company,
            "domain": domain,
            "founded_year": year,
            "hq_country": country,
            "category": category,
        }


def resolve(raw: Path, home: Path) -> None:
    """Land the raw folder and build the models that resolve it."""
    known = kinds.read_kinds(config.KINDS_FILE)
    found = registry.find_sources(raw, known)
    landed = landing.land(found.sources, known, raw, home / "landing")
    if problems := [file.problem for file in landed if file.problem]:
        raise SystemExit("\n".join(problems))
    environment = os.environ | {
        "GENAI_LEDGER_HOME": str(home),
        "DBT_PROFILES_DIR": str(config.DBT_PROJECT),
        "DBT_TARGET_PATH": str(home / "dbt"),
        "DBT_LOG_PATH": str(home / "dbt" / "logs"),
        "DO_NOT_TRACK": "1",
    }
    command = [*config.DBT_COMMAND, "build", "--resource-type", "model", "--resource-type", "seed"]
    command += ["--select", *(f"+{model}" for model in RESOLVED)]
    built = subprocess.run(
        command, env=environment, cwd=config.DBT_PROJECT, capture_output=True, text=True, check=False
    )
    if built.returncode:
        raise SystemExit(built.stdout)


def outcomes(
    home: Path, pairs: Iterable[Pair], of_id: Mapping[str, Row], entity: str
) -> list[Outcome]:
    """Look up which rows became one, and which are told as possibly one."""
    entities: dict[Row, set[str]] = defaultdict(set)
    possible: set[frozenset[str]] = set()
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home / 'candidate.duckdb'}' as built (read_only)")
        connection.execute("use built")
        query = _ROUNDS if entity == "round" else _COMPANIES
        for row_id, one in connection.execute(query).fetchall():
            if row_id in of_id:
                name, row = of_id[row_id]
                entities[name, row.rpartition(" | ")[0] if entity == "company" else row].add(one)
        query = _POSSIBLE_ROUNDS if entity == "round" else _POSSIBLE_COMPANIES
        possible = {frozenset(ids) for ids in connection.execute(query).fetchall()}
    return [_outcome(pair, entities, possible) for pair in pairs]


_ROUNDS = "select source_row_id, entity_id from audit.statements where entity = 'round'"
_COMPANIES = """
    select source_row_id, entity_id from audit.statements where entity = 'company'
    union all
    select statements.source_row_id, rounds.company_id
    from audit.statements
    inner join marts.fct_funding_rounds as rounds on statements.entity_id = rounds.round_id
    where statements.entity = 'round'
"""
_POSSIBLE_ROUNDS = "select round_id, other_round_id from audit.possible_duplicates"
_POSSIBLE_COMPANIES = "select company_id, other_company_id from audit.possible_companies"


def _outcome(
    pair: Pair, entities: Mapping[Row, set[str]], possible: set[frozenset[str]]
) -> Outcome:
    left, right = entities.get(pair.left, set()), entities.get(pair.right, set())
    either = {frozenset((one, other)) for one in left for other in right}
    return Outcome(pair, bool(left & right), bool(either & possible))


class Score(NamedTuple):
    """Of the pairs that are judged: how many became one, rightly and wrongly, and how many didn't."""

    right: int
    wrong: int
    missed: int
    told: int  # same, and one or possible

    @property
    def cells(self) -> list[str]:
        """Return pairs, precision, recall, and the part that is one or possible."""
        same = self.right + self.missed
        precision = self.right / (self.right + self.wrong) if self.right else 0.0
        return [str(same), f"{precision:.3f}", f"{self.right / same:.3f}", f"{self.told / same:.3f}"]


def score(found: Iterable[Outcome]) -> Score:
    """Count; pairs that nobody could judge by hand are left out."""
    judged = [outcome for outcome in found if outcome.pair.label != "unsure"]
    same = [outcome for outcome in judged if outcome.pair.label == "same"]
    right = sum(outcome.one for outcome in same)
    wrong = sum(outcome.one for outcome in judged) - right
    told = sum(outcome.one or outcome.possible for outcome in same)
    return Score(right, wrong, len(same) - right, told)


def table(rounds: Sequence[Outcome], companies: Sequence[Outcome]) -> list[str]:
    """Return the figures as a table in Markdown."""
    certain = [o for o in rounds if o.pair.certainty == "certain"]
    across = [o for o in rounds if o.pair.left[0] != o.pair.right[0]]
    within = [o for o in rounds if o.pair.left[0] == o.pair.right[0]]
    lines = [
        "| pairs | same | precision | recall | one or possible |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name, found in (
        ("rounds, certain", certain),
        ("rounds, certain or likely", rounds),
        ("of these across lists", across),
        ("of these within one list", within),
        ("companies", companies),
    ):
        lines.append(f"| {name} | {' | '.join(score(found).cells)} |")
    return lines


def differences(found: Iterable[Outcome]) -> Iterator[str]:
    """Yield a line for each pair that came out wrong."""
    for outcome in found:
        pair = outcome.pair
        if pair.label != "unsure" and outcome.one != (pair.label == "same"):
            what = "wrongly one" if outcome.one else "not one"
            told = ", told as possible" if outcome.possible else ""
            yield f"{what}{told} ({pair.certainty}): {pair.left} {pair.right}: {pair.reason}"


def _lines(path: Path) -> list[Cells]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def measure(folder: Path, work: Path) -> tuple[list[Outcome], list[Outcome]]:
    """Measure pairs of rounds and of companies, each in a home of their own below `work`."""
    settings = {
        ("funding_rounds", "D"): "dates: {announced: dmy}\n"
        "units: {amount: {currency: USD, multiplier: 1}}\n"
    }
    found = []
    for entity, read in (("round", read_round_pairs), ("company", read_company_pairs)):
        stated = Stated()
        pairs = read(folder, stated)
        raw, home = work / entity / "raw", work / entity / "home"
        for kind in ("companies", "exchange_rates"):
            shutil.copytree(config.PROJECT / "raw" / kind, raw / kind)
        of_list = dict(settings)
        for kind, name in stated.files:
            if kind == "companies":
                of_list[kind, name] = "constants: {layer: unknown}\n"
        of_id = stated.write(raw, of_list)
        resolve(raw, home)
        found.append(outcomes(home, pairs, of_id, entity))
    return found[0], found[1]


def main() -> None:
    """Measure the folder of pairs that is named, print what came out wrong, and write the page."""
    if len(sys.argv) < 2:
        raise SystemExit("Say where the pairs are: make resolution PAIRS=folder")
    with tempfile.TemporaryDirectory() as work:
        rounds, companies = measure(Path(sys.argv[1]), Path(sys.argv[2] if sys.argv[2:] else work))
    print(*differences(rounds), *differences(companies), sep="\n")
    print(*table(rounds, companies), sep="\n")


if __name__ == "__main__":
    main()
