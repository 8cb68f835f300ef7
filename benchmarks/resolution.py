"""Measure which rows of labelled pairs become one; write docs/resolution.md.

Belongs here: stating the lists of the pairs as sources beside the shipped market maps, building
what resolves them, and comparing. Not here: the rules (`dbt_project/models/intermediate`). The
pairs are rows of other people's lists and no part of the project: their folder is an argument.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from orchestration import config, landing
from orchestration.parsing.names import name_key
from orchestration.sources import kinds, registry

PAGE = config.PROJECT / "docs" / "resolution.md"
MODELS = (
    *("statements", "company_names", "possible_duplicates", "possible_companies"),
    *("fct_funding_rounds", "fct_model_releases"),
)
SNAPSHOT = "2026-11-20"
# A list of which more is known than its columns tell: days before months, and whole US dollars.
DAY_FIRST = "D"
DAY_FIRST_SETTINGS = "dates: {announced: dmy}\nunits: {amount: {currency: USD, multiplier: 1}}\n"

Cells = dict[str, str]
Row = tuple[str, str]  # a list and its row


class Pair(NamedTuple):
    """Two rows of lists, and what they are by hand: same, different or unsure, and how surely."""

    left: Row
    right: Row
    label: str
    certainty: str
    reason: str


class Outcome(NamedTuple):
    """What became of a pair: whether it is one, and why it is told as possibly one, if it is."""

    pair: Pair
    is_one: bool
    possible_by: str | None


class Score(NamedTuple):
    """How many pairs became one, rightly and wrongly, how many didn't, and were not told either."""

    right: int
    wrong: int
    missed: int
    untold: int

    def cells(self) -> list[str]:
        """Return the pairs that are the same, precision, recall, and the part one or possible."""
        same = self.right + self.missed
        shares = (
            (self.right, self.right + self.wrong),
            (self.right, same),
            (same - self.untold, same),
        )
        return [str(same), *(f"{part / whole:.3f}" if whole else "-" for part, whole in shares)]


class StatedLists:
    """The rows of the lists, each stated once, in a source of its list."""

    def __init__(self) -> None:
        """Start without any list."""
        self._rows: dict[tuple[str, str], list[tuple[Row, Cells]]] = defaultdict(list)

    def add(self, kind: str, row: Row, cells: Cells) -> None:
        """State a row of a list in the list's source of `kind`, unless it is stated already."""
        stated = self._rows[kind, row[0]]
        if (row, cells) not in stated:
            stated.append((row, cells))

    def write(self, raw: Path) -> dict[str, Row]:
        """Write the sources; return the list and the row of each row id that will land."""
        rows_by_id = {}
        for (kind, name), stated in self._rows.items():
            folder = raw / kind / f"list_{re.sub('[^a-z0-9]', '_', name.lower())}"
            folder.mkdir(parents=True)
            (folder / "source.yml").write_text(_source_yml(kind, name), encoding="utf-8")
            file = folder / f"{SNAPSHOT}.csv"
            with file.open("w", encoding="utf-8", newline="") as opened:
                writer = csv.DictWriter(opened, stated[0][1])
                writer.writeheader()
                writer.writerows(cells for _, cells in stated)
            landed_name = file.relative_to(raw.parent).as_posix()
            for line, (row, _) in enumerate(stated, start=2):
                rows_by_id[f"{landed_name}#!{line}"] = row
        return rows_by_id


def _source_yml(kind: str, name: str) -> str:
    text = (
        f"title: List {name}\nproducer: a list of the labelled pairs\nurl: https://example.org\n"
        f"licence: not for reuse\naccessed_on: {SNAPSHOT}\ncontents: rows of the labelled pairs\n"
        "cadence: frozen\nfrozen_because: a measurement\n"
    )
    if kind == "companies":
        return text + "constants: {layer: unknown}\n"
    if kind == "open_models":
        return text + "access: open\n"
    return text + DAY_FIRST_SETTINGS if name == DAY_FIRST else text


def read_round_pairs(folder: Path, stated: StatedLists) -> list[Pair]:
    """Read the pairs of rounds and state their rows."""
    columns = {"company": "company", "round": "round_label", "date": "announced"}
    columns |= {"amount": "amount", "kind": "kind", "source_url": "source_url"}
    pairs = []
    for line in _lines(folder / "round_pairs.csv") + _lines(folder / "round_pairs_extra_easy.csv"):
        rows = []
        for side in ("left", "right"):
            row = line[f"{side}_list"], line[f"{side}_row"]
            cells = {name: line[f"{side}_{column}"] for column, name in columns.items()}
            stated.add("funding_rounds", row, cells)
            rows.append(row)
        pairs.append(Pair(*rows, line["label"], line["certainty"], line["reason"]))
    return pairs


def read_company_pairs(folder: Path, stated: StatedLists) -> list[Pair]:
    """Read the pairs of companies and state each side with what its list says of it."""
    lines = _lines(folder / "company_pairs.csv")
    aliases: dict[Row, list[str]] = defaultdict(list)
    for line in lines:
        if line["right_list"] == f"{line['left_list']} alias":
            aliases[line["left_list"], line["left_name"]].append(line["right_name"])
    pairs = []
    for line in lines:
        rows: list[Row] = []
        for side in ("left", "right"):
            name, company, facts = (line[f"{side}_{part}"] for part in ("list", "name", "extra"))
            if name.endswith(" alias"):
                rows.append((_BY_NAME, str(name_key(company))))
                continue
            for kind, cells in _company_rows(company, facts):
                if kind == "companies":
                    cells["aliases"] = "; ".join(aliases[name, company])
                stated.add(kind, (name, f"{company}: {facts}"), cells)
            rows.append((name, f"{company}: {facts}"))
        pairs.append(Pair(*rows, line["label"], line["certainty"], line["reason"]))
    return pairs


def _company_rows(company: str, facts: str) -> Iterator[tuple[str, Cells]]:
    """State a company: `3 rounds, 2014 to 2015`, `Seed 2026-01-14 $8M; ...` or a map's facts."""
    years = re.fullmatch(r"\d+ rounds, (\d{4}) to (\d{4})", facts)
    one_round = re.fullmatch(r"(.*?) ?(\d{4}-\d\d-\d\d) (\S+); .*", facts)
    if years or one_round:
        dated = [("", year, "") for year in years.groups()] if years else [one_round.groups()]  # type: ignore[union-attr]
        for label, announced, amount in dated:
            cells = {"company": company, "round_label": label}
            yield "funding_rounds", {**cells, "announced": announced, "amount": amount}
        return
    rest = facts.split("; ")
    domain = rest.pop(0) if "." in rest[0] and " " not in rest[0] else ""
    year = next((fact for fact in rest if re.fullmatch(r"\d{4}", fact)), "")
    country, category, *_ = [*(fact for fact in rest if fact != year), "", ""]
    cells = {"company": company, "domain": domain, "founded_year": year}
    yield "companies", {**cells, "hq_country": country, "category": category}


def read_model_pairs(folder: Path, stated: StatedLists) -> list[Pair]:
    """Read the pairs of models and state their rows."""
    pairs = []
    for line in _lines(folder / "model_pairs.csv"):
        rows = []
        for side in ("left", "right"):
            name, model, maker = (
                line[f"{side}_{part}"] for part in ("list", "model", "organisation")
            )
            row = name, f"{model} ({maker})"
            # The address fills a second cell: a row with one is a note.
            cells = {"model": model, "organisation": maker, "url": "https://example.org"}
            stated.add("open_models", row, cells)
            rows.append(row)
        pairs.append(Pair(*rows, line["label"], line["certainty"], line["reason"]))
    return pairs


def resolve(raw: Path, home: Path, models: Sequence[str] = MODELS) -> None:
    """Land the raw folder and build the models that resolve it, and all that they need."""
    known = kinds.read_kinds(config.KINDS_FILE)
    landed = landing.land(registry.find_sources(raw, known).sources, known, raw, home / "landing")
    if problems := [file.problem for file in landed if file.problem]:
        raise SystemExit("\n".join(problems))
    environment = os.environ | {
        "GENAI_LEDGER_HOME": str(home),
        "DBT_PROFILES_DIR": str(config.DBT_PROJECT),
        "DBT_TARGET_PATH": str(home / "dbt"),
        "DBT_LOG_PATH": str(home / "dbt" / "logs"),
    }
    command = [*config.DBT_COMMAND, "build", "--resource-type", "model", "--resource-type", "seed"]
    command += ["--select", *(f"+{model}" for model in models)]
    folder = config.DBT_PROJECT
    built = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    if built.returncode:
        raise SystemExit(built.stdout)


_ROUNDS = "select source_row_id, entity_id from audit.statements where entity = 'round'"
_COMPANIES = """
    select source_row_id, entity_id from audit.statements where entity = 'company'
    union all
    select statements.source_row_id, rounds.company_id
    from audit.statements
    inner join marts.fct_funding_rounds as rounds on statements.entity_id = rounds.round_id
    where statements.entity = 'round'
"""
_NAMES = "select name_key, company_id from audit.company_names"
_MODELS = "select source_row_id, entity_id from audit.statements where entity = 'model'"
_ORIGINALS = """
    select statements.source_row_id, coalesce(releases.copy_of_model_id, releases.model_id)
    from audit.statements
    inner join marts.fct_model_releases as releases on statements.entity_id = releases.model_id
    where statements.entity = 'model'
"""
_POSSIBLE_ROUNDS = "select round_id, other_round_id, reason from audit.possible_duplicates"
_POSSIBLE_COMPANIES = "select company_id, other_company_id, reason from audit.possible_companies"
_BY_NAME = "by name"  # the list of the rows that are names of an alias column


class Question(NamedTuple):
    """What of the pairs is asked: how to read them, what a row is of, what may be one."""

    read: Callable[[Path, StatedLists], list[Pair]]
    entities: str
    possible: str = "select null, null, null where false"


QUESTIONS = {
    "rounds": Question(read_round_pairs, _ROUNDS, _POSSIBLE_ROUNDS),
    "companies": Question(read_company_pairs, _COMPANIES, _POSSIBLE_COMPANIES),
    "models": Question(read_model_pairs, _MODELS),
}


def look_up(
    home: Path, pairs: Iterable[Pair], rows_by_id: Mapping[str, Row], question: Question
) -> list[Outcome]:
    """Look up which rows became one, and which are told as possibly one."""
    entities: dict[Row, set[str]] = defaultdict(set)
    with duckdb.connect(str(home / "candidate.duckdb"), read_only=True) as built:
        for row_id, entity in built.execute(question.entities).fetchall():
            if row_id in rows_by_id:
                entities[rows_by_id[row_id]].add(entity)
        for key, company in built.execute(_NAMES).fetchall():
            entities[_BY_NAME, key].add(company)
        told = built.execute(question.possible).fetchall()
    reasons = {frozenset(ids): reason for *ids, reason in told}
    return [_outcome(pair, entities, reasons) for pair in pairs]


def _outcome(
    pair: Pair, entities: Mapping[Row, set[str]], reasons: Mapping[frozenset[str], str]
) -> Outcome:
    left, right = entities.get(pair.left, set()), entities.get(pair.right, set())
    either = [frozenset((one, other)) for one in left for other in right]
    possible_by = next((reasons[both] for both in either if both in reasons), None)
    return Outcome(pair, bool(left & right), possible_by)


def score(outcomes: Iterable[Outcome]) -> Score:
    """Count what became of the pairs; those that nobody could judge by hand are left out."""
    judged = [outcome for outcome in outcomes if outcome.pair.label != "unsure"]
    same = [outcome for outcome in judged if outcome.pair.label == "same"]
    right = sum(outcome.is_one for outcome in same)
    untold = sum(not outcome.is_one and outcome.possible_by is None for outcome in same)
    wrong = sum(outcome.is_one for outcome in judged) - right
    return Score(right, wrong, len(same) - right, untold)


def figures(found: Mapping[str, Sequence[Outcome]]) -> list[str]:
    """Return the table of precision and recall in Markdown."""
    rounds = found["rounds"]
    rows = (
        ("rounds, certain", [o for o in rounds if o.pair.certainty == "certain"]),
        ("rounds, certain or likely", rounds),
        ("of these, told by two lists", [o for o in rounds if o.pair.left[0] != o.pair.right[0]]),
        (
            "of these, told twice by one list",
            [o for o in rounds if o.pair.left[0] == o.pair.right[0]],
        ),
        ("companies", found["companies"]),
        ("models", found["models"]),
        ("models, or a copy and its original", found["originals"]),
    )
    return [
        "| pairs | the same | precision | recall | one or possible |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(f"| {name} | {' | '.join(score(outcomes).cells())} |" for name, outcomes in rows),
    ]


def misses(outcomes: Iterable[Outcome]) -> list[str]:
    """Return a table of the pairs that stayed two, by why they are told as possibly one."""
    missed = (o for o in outcomes if o.pair.label == "same" and not o.is_one)
    counted = Counter((o.possible_by or "not told", o.pair.certainty) for o in missed)
    return [
        "| told as possibly one, since | certainty by hand | pairs |",
        "| --- | --- | ---: |",
        *(
            f"| {reason} | {certainty} | {n} |"
            for (reason, certainty), n in sorted(counted.items())
        ),
    ]


def mistakes(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield a line for each pair that came out wrong, for whoever works on the rules."""
    for pair, is_one, possible_by in outcomes:
        if pair.label != "unsure" and is_one != (pair.label == "same"):
            what = f"{'wrongly one' if is_one else 'not one'} ({pair.certainty}, {possible_by})"
            yield f"{what}: {': '.join(pair.left)} | {': '.join(pair.right)} | {pair.reason}"


def measure(folder: Path, work: Path) -> dict[str, list[Outcome]]:
    """Measure the pairs of each question, each in a home of its own below `work`."""
    found = {}
    for name, question in QUESTIONS.items():
        raw, home = work / name / "raw", work / name / "home"
        for kind in ("companies", "exchange_rates"):
            shutil.copytree(config.PROJECT / "raw" / kind, raw / kind)
        stated = StatedLists()
        pairs = question.read(folder, stated)
        rows_by_id = stated.write(raw)
        resolve(raw, home)
        found[name] = look_up(home, pairs, rows_by_id, question)
        if name == "models":  # a copy and what it is a copy of have one original
            pairs = [p._replace(label="same") if p.label == "copy" else p for p in pairs]
            asked = question._replace(entities=_ORIGINALS)
            found["originals"] = look_up(home, pairs, rows_by_id, asked)
    return found


def write_page(found: Mapping[str, Sequence[Outcome]]) -> None:
    """Replace the measured part of the page, which stands below its marker."""
    text, marker, _ = PAGE.read_text(encoding="utf-8").partition("<!-- measured -->\n")
    measured = [*figures(found), "", "Rounds that stayed two:", "", *misses(found["rounds"])]
    measured += ["", "Companies that stayed two:", "", *misses(found["companies"]), ""]
    PAGE.write_text(text + marker + "\n" + "\n".join(measured), encoding="utf-8")


def _lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Measure the folder of pairs that is named, print what came out wrong, and write the page."""
    if len(sys.argv) < 2:
        raise SystemExit("Say where the pairs are: make resolution PAIRS=folder")
    with tempfile.TemporaryDirectory() as work:
        found = measure(Path(sys.argv[1]), Path(work))
    wrong = chain.from_iterable(mistakes(outcomes) for outcomes in found.values())
    print(*wrong, *figures(found), sep="\n")
    if "--no-page" not in sys.argv:
        write_page(found)


if __name__ == "__main__":
    main()
