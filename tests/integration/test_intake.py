"""`genai-ledger check` and `add`: what an analyst sees of a file, and what becomes of it.

dbt compiles the rules once for all of these tests; nothing is built. Files are read in this
process, which is quicker, but in the test that runs the program itself.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import random
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import openpyxl
import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from orchestration import config, landing
from orchestration.cli import main
from orchestration.intake import inspection, rules
from orchestration.intake.advice import CheckRequest
from orchestration.intake.proposal import day_in_name, source_name
from orchestration.landing import land, read_catalogue
from orchestration.landing.sandbox import Run
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import find_sources

if TYPE_CHECKING:
    from conftest import Warehouse

KINDS = read_kinds(config.KINDS_FILE)
SCHEMA = json.loads(
    (config.PROJECT / "orchestration" / "intake" / "report_schema.json").read_text()
)
DEALS = """Company,Round,Date,Amount,Investors,City
Acme,Seed,2024-01-05,$5M,Fund A,Oslo
Beta,Series A,2024-02-01,EUR 7M,Fund B,Bonn
Gamma,Series B,Feb 2024,undisclosed,Fund C,Bern
Delta,Seed,2024-03-01,several millions,Fund D,Rome
,Seed,2024-03-02,$1M,Fund E,Paris
Epsilon,Seed,32/13/2024,$1M,Fund F,Kyiv
Zeta,Seed,2024-03-09,$2M to $4M,Fund G,Riga
"""


class Place:
    """A raw folder, a home, and the commands run on them."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder, self.home, self.raw = folder, home, folder / "raw"
        self.raw.mkdir()

    def save(self, name: str, text: str = DEALS) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *arguments: object, answers: str | None = None) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], input=answers)

    def report(self, *arguments: object, code: int = 0) -> dict[str, Any]:
        result = self.run("check", *arguments, "--json")
        assert result.exit_code == code, result.output
        report: dict[str, Any] = json.loads(result.stdout)
        Draft202012Validator(SCHEMA).validate(report)
        return report

    def files(self) -> list[str]:
        found = (path for path in self.raw.rglob("*") if path.is_file())
        return sorted(path.relative_to(self.raw).as_posix() for path in found)


@pytest.fixture(scope="session")
def compiled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home in which dbt compiles the rules once, for all tests."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def place(tmp_path: Path, compiled_home: Path) -> Iterator[Place]:
    place = Place(tmp_path, compiled_home)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DAGSTER_HOME", "DBT_PROFILES_DIR", "DBT_LOG_PATH", "DO_NOT_TRACK"):
            patch.setenv(name, os.environ.get(name, ""))  # what a command sets is undone
        patch.setenv("GENAI_LEDGER_HOME", str(compiled_home))
        patch.setenv("GENAI_LEDGER_RAW", str(place.raw))
        patch.setattr(landing, "child_process", in_this_process)
        yield place


@contextlib.contextmanager
def in_this_process() -> Iterator[Run]:
    yield lambda _, function, *arguments, files=(): function(*arguments, *files)


def hashes(*folders: Path) -> dict[str, str]:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


# check


def test_a_file_is_told_as_it_would_land(place: Place) -> None:
    report = place.report(place.save("deals_2024-04-30.csv"))
    assert (report["kind"], report["kind_guessed"]) == ("funding_rounds", True)
    assert (report["snapshot_on"], report["snapshot_on_from"]) == (
        "2024-04-30",
        "in the file's name",
    )
    assert report["rows"] == {"in_file": 7, "accepted": 4, "rejected": 3}
    [sheet] = report["sheets"]
    letters = {column["column"]: column["letter"] for column in sheet["columns"]}
    assert letters == {
        "company": "A",
        "round_label": "B",
        "announced": "C",
        "amount": "D",
        "other_investors": "E",
    }
    assert [other["header"] for other in sheet["unmapped"]] == ["City"]
    assert report["problem"] is None


def test_rejects_are_told_by_rule_with_their_cells(place: Place) -> None:
    report = place.report(place.save("deals.csv"))
    rejects = {rule["rule"]: rule for rule in report["rejects"]}
    assert {name: rule["rows"] for name, rule in rejects.items()} == {
        "company_missing": 1,
        "announced_not_understood": 1,
        "amount_not_understood": 1,
    }
    [example] = rejects["amount_not_understood"]["examples"]
    assert (example["row"], example["column"], example["value"]) == (
        5,
        "amount",
        "several millions",
    )


def test_at_most_three_examples_of_a_rule_are_shown(place: Place) -> None:
    rows = "".join(f"Company {n},2024-01-05,some money\n" for n in range(50))
    report = place.report(place.save("a.csv", f"Company,Date,Amount\nX,2024-01-01,$1M\n{rows}"))
    [rule] = report["rejects"]
    assert rule["rows"] == 50
    assert [example["row"] for example in rule["examples"]] == [3, 4, 5]


def test_money_is_totalled_in_its_own_currencies(place: Place) -> None:
    report = place.report(place.save("deals.csv"))
    [amount] = report["money"]
    assert amount["currencies"] == [
        {"currency": "USD", "rows": 2, "total": 8e6},  # 5, and the middle of 2 to 4
        {"currency": "EUR", "rows": 1, "total": 7e6},
    ]
    assert (amount["undisclosed"], amount["not_understood"]) == (1, 1)


def test_dates_and_freshness(place: Place) -> None:
    path = place.save("deals.csv")
    report = place.report(path, "--cadence", "7d")
    [announced] = report["dates"]
    assert (announced["first"], announced["last"]) == ("2024-01-05", "2024-03-09")
    assert announced["precisions"] == {"day": 3, "month": 1}
    assert announced["not_understood"] == 1
    assert report["freshness"]["is_late"] is True
    assert report["snapshot_on_from"] == "the newest day in it"
    assert place.report(path)["freshness"]["is_late"] is None
    shown = place.run("check", path, "--cadence", "7d").stdout
    assert "late for a cadence of 7d" in shown


def test_people_read_words_and_thousands(place: Place) -> None:
    rows = "".join(f"Company {n},2024-01-05,$1M\n" for n in range(1234))
    shown = place.run("check", place.save("a.csv", f"Company,Date,Amount\n{rows}")).stdout
    assert "Rows: 1,234 in the file = 1,234 accepted + 0 rejected" in shown
    assert "1,234,000,000" in shown


def test_text_that_looks_like_markup_or_controls_a_terminal_is_shown_as_it_is(place: Place) -> None:
    rows = "[red]x[/red],2024-01-05,$1M\nB,2024-01-05,\x1b[31mmuch\n"
    shown = place.run("check", place.save("[bold]a.csv", f"Company,Date,Amount [USD]\n{rows}"))
    assert "[bold]a.csv" in shown.stdout
    assert "Amount [USD]" in shown.stdout
    assert "\x1b[31m" not in shown.stdout
    assert "\\x1b[31mmuch" in shown.stdout


@pytest.fixture
def workbook(place: Place) -> Path:
    book = openpyxl.Workbook()
    deals, notes = book.active, book.create_sheet("Read me")
    assert deals is not None
    deals.title = "Deals"
    deals["B1"] = "Deals we saw, in millions"
    header = ["Startup", "Stage", "Deal closed", "Amount (USD M)", "Link to article"]
    for number, text in enumerate(header, start=2):
        deals.cell(4, number, text)
    for row in range(5, 9):
        cells = [f"Company {row}", "Seed", dt.date(2024, 3, row), row, "https://example.org/a"]
        for number, value in enumerate(cells, start=2):
            deals.cell(row, number, value)
    notes["A1"] = "Ask Ann before you use this."
    path = place.folder / "Our deals.xlsx"
    book.save(path)
    return path


def test_a_header_of_another_name_is_assumed_from_its_cells(place: Place, workbook: Path) -> None:
    report = place.report(workbook, "--kind", "funding_rounds")
    deals, notes = report["sheets"]
    assert (deals["status"], deals["header_row"], deals["accepted"]) == ("landed", 4, 4)
    columns = {column["column"]: column for column in deals["columns"]}
    assert columns["announced"]["header"] == "Deal closed"
    assert columns["announced"]["assumed_because"] == "its cells are dates"
    assert columns["amount"]["letter"] == "E"
    assert report["money"][0]["currencies"] == [{"currency": "USD", "rows": 4, "total": 26e6}]
    [link] = deals["unmapped"]
    assert (link["header"], link["could_be"]) == ("Link to article", "source_url")
    assert notes["status"] != "landed"
    assert "'Read me'" in notes["problem"]
    assert yaml.safe_load(report["source_yml"])["columns"] == {"announced": "Deal closed"}


def test_without_a_kind_cells_alone_decide_nothing(place: Place, workbook: Path) -> None:
    report = place.report(workbook, code=1)
    asked = "--kind funding_rounds --set 'columns: {announced: Deal closed}'"
    assert f"{asked}`, or with another of" in report["problem"]


def test_of_two_columns_that_could_be_one_none_is_assumed(place: Place) -> None:
    rows = "A,2024-01-01,2024-02-01,$1M\nB,2024-01-02,2024-02-02,$2M\n"
    path = place.save("a.csv", f"Company,Signed,Told,Amount\n{rows}")
    result = place.run("check", path, "--kind", "funding_rounds")
    assert result.exit_code == 1
    assert "no header for `announced`" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_the_wrong_kind_is_told_with_the_one_that_fits(place: Place) -> None:
    result = place.run("check", place.save("deals.csv"), "--kind", "companies")
    assert result.exit_code == 1
    assert result.stderr.startswith(
        "Error: deals.csv: companies lacks `layer`, while its headers fit funding_rounds"
    )
    assert "deals.csv --kind funding_rounds`" in result.stderr


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Name,Website,Founded,Layer\nA,a.com,2019,mlops\n", "companies"),
        ("Model,Author,License,Params\nA,B,MIT,7B\n", "open_models"),
        ("Model,Benchmark,Score\nA,ARC,50\n", "model_scores"),
        ("Date,Currency,Rate\n2024-01-05,USD,1.09\n", "exchange_rates"),
        ("Metric,Value,Unit,Period\nrounds,5,1,2023\n", "benchmarks"),
    ],
)
def test_the_kind_is_guessed(place: Place, text: str, kind: str) -> None:
    report = place.report(place.save("a.csv", text))
    assert report["kind"] == kind
    assert report["rows"]["accepted"] == 1
    assert report["runner_up"]["kind"] != kind


PUBLIC_LIST = (
    "Company,Country,Industry,Founded Year,Total Raised,Valuation ($B)\nA,US,AI,2012,$7M,1\n"
)


@pytest.mark.parametrize("kind", [(), ("--kind", "companies")])
def test_a_list_without_layers_says_that_they_are_unknown(place: Place, kind: tuple[str]) -> None:
    report = place.report(place.save("a.csv", PUBLIC_LIST), *kind)
    assert (report["kind"], report["rows"]["accepted"]) == ("companies", 1)
    assert yaml.safe_load(report["source_yml"])["constants"] == {"layer": "unknown"}
    [layer] = [c for c in report["sheets"][0]["columns"] if c["column"] == "layer"]
    assert layer["assumed_because"] == "no header is it: unknown in every row"


@pytest.mark.parametrize(
    "text",
    [
        "Company Name,Category,Metric,Value,Notes\nAcme,YouTube,subscribers,12,x\n",
        "Company,Segment,Metric,Value,Remarks\nAcme,AI,employees,12,x\n",
    ],
)
def test_statistics_of_something_else_are_no_benchmarks(place: Place, text: str) -> None:
    assert "no kind fits" in place.report(place.save("a.csv", text), code=1)["problem"]


@pytest.mark.parametrize(
    ("text", "asked"),
    [  # the headers of a list of jobs or grants are everybody's; a score is of a model
        (
            "name,company,size,type,url\nEngineer,Acme,51-200 employees,Full-time,https://a.example\n",
            "--kind companies`",
        ),
        (
            "name,organization,type,url,notes\nPrize,Fund A,corporate,https://a.example,x\n",
            "no kind fits for certain",
        ),
        (
            "Name,Organization,Score\nlamp-7b,Acme,1463\n",
            "--kind model_scores --set 'constants: {benchmark: WORD}'`",
        ),
        (
            "canonical,arc Score,hle Score\nlamp-7b,50,7\n",
            "--kind model_scores --set 'columns: {model: canonical}' --set 'reader: {unpivot: "
            "{keep: [canonical], name: benchmark, value: score}}'`",
        ),
        ("State,Under 5,5 to 13\nAL,1,2\nID,121746,201192\n", "'State', 'Under 5', '5 to 13'"),
    ],
)
def test_headers_that_many_lists_have_are_no_guess(place: Place, text: str, asked: str) -> None:
    assert asked in place.report(place.save("a.csv", text), code=1)["problem"]


def test_a_wide_table_of_scores_is_read_by_the_line_that_is_proposed(place: Place) -> None:
    path = place.save("a.csv", "model,maker,arc,hle\nlamp-7b,Acme,50,7\nlamp-9b,Acme,55,\n")
    problem = place.report(path, "--kind", "model_scores", code=1)["problem"]
    [said] = re.findall(r"`genai-ledger (check [^`]*)`", problem)
    report = place.report(*shlex.split(said)[1:])
    assert (report["rows"]["accepted"], report["rows"]["rejected"]) == (3, 0)


def test_a_list_within_a_list_is_read_where_the_outer_is_none(place: Place) -> None:
    text = (
        '[{"fund": "F", "holdings": [{"company": "Acme", "rounds": [{"date": "2024-03-01",'
        ' "amount": "$5M"}]}, {"company": "Beta", "rounds": [{"date": "2024-04-01",'
        ' "amount": "$7M"}]}]}]'
    )
    report = place.report(place.save("a.json", text))
    assert (report["kind"], report["rows"]["accepted"]) == ("funding_rounds", 2)
    assert report["money"][0]["currencies"] == [{"currency": "USD", "rows": 2, "total": 12e6}]


def test_what_a_company_bought_is_not_read_in_its_place(place: Place) -> None:
    text = (
        '[{"about": {"name": "Acme", "yearFounded": 1984, "industry": "AI", "country": "US"},'
        ' "bought": [{"name": "Beta", "domain": "beta.example"}]}]'
    )
    report = place.report(place.save("a.json", text))
    assert report["kind"] == "companies"
    columns = {c["column"]: c["header"] for c in report["sheets"][0]["columns"]}
    assert (columns["company"], columns["founded_year"]) == ("about.name", "about.yearFounded")


def test_a_money_column_of_a_near_name_is_suggested_without_its_currency(place: Place) -> None:
    text = "name,location,category,founded,raised,votes\nAcme,Bonn,AI,2014,5000000,7\n"
    report = place.report(place.save("a.csv", text))
    could_be = {o["header"]: o["could_be"] for o in report["sheets"][0]["unmapped"]}
    assert could_be == {"raised": "total_raised", "votes": None}


def test_a_refused_file_gets_a_source_yml_in_which_one_line_is_to_be_said(place: Place) -> None:
    path = place.save("a.csv", "Company Name,When,Amount,Stage\nAcme,2016,$52M,Series A\n")
    written = place.folder / "proposed.yml"
    refused = place.run("check", path, "--write", written)
    assert refused.exit_code == 1
    assert "Traceback" not in refused.stderr
    assert "`announced` of funding_rounds, of 'When', or" in written.read_text()
    written.write_text(written.read_text() + "columns: {announced: When}\n")
    assert place.report(path, "--source-yml", written)["rows"]["accepted"] == 1


def follow(place: Place, path: Path) -> Result:
    """Check a file, then run what it is said to run, as long as it is refused."""
    asked = ["check", str(path)]
    for _ in range(4):
        result = place.run(*asked)
        said = re.search(
            r"(?:run|To do:|such as) `genai-ledger (check [^`]*)`", " ".join(result.output.split())
        )
        if not said:
            return result
        asked = shlex.split(said[1])
        asked = [text.replace("DAY", "2024-06").replace("WORD", "arena") for text in asked]
        assert "HEADER" not in said[1]
    raise AssertionError(asked)


@pytest.mark.parametrize(
    ("name", "text", "accepted"),
    [
        ("a.csv", "name,url,tags\nlamp-7b,https://a.example/b,x\nlamp-8b,,y\n", 2),
        ("a.csv", "Model,Lab\nLamp-7B,Acme\nLamp-8B,Acme\n", 2),
        ("a.csv", "Company,Stage,Raised,Wann: Tag\nA,Seed,$5M,2024-01-01\n", 1),
        ("a.csv", "Company,Date,Amount\nA,2024-01-01,7.5\nB,2024-01-02,1200\nC,2024-03-02,80\n", 3),
        ("a.csv", "Company,Date,Amount\nA,05/06/2023,$5M\nB,07/08/2023,$5M\n", 2),
        ("my list.csv", "Company,Date,Amount\nA,2024-01-01,5000000\n", 1),
        ("a.csv", "Company,Date,Amount\nA,2024-01-01,30 Mkr\n", 1),
        ("a.csv", "Company,Date,Amount\nA,January,$3M\nB,Feb 12,$4M\n", 2),
        ("a.csv", "company,fund_id,deal_year,deal_value_millions\nA,1,2019,45.5\nB,2,2020,7\n", 2),
        ("a.csv", "company,date,amount,kind\nA,2019,$3M,series_a\nB,2020,$7M,venture_round\n", 2),
        ("a.csv", "company,stage,date,amount,kind\nA,Seed,2019,$3M,Sale\nB,A,2020,$7M,Sale\n", 2),
        # a leaderboard says of no model that it is open; its columns are benchmarks
        ("a.csv", "model,params,reasoning,syntax\nlamp-7b,7B,50,7.5\nlamp-9b,9B,,8\n", 3),
        ("a.csv", "Model,Lab,Weights License\nLamp-7B,Acme,MIT\nLamp-8B,Acme,Apache 2.0\n", 2),
        ("a.csv", "rank,canonical,Elo\n1,lamp-7b,1300\n2,lamp-9b,1200\n", 2),
        ("a.json", '[{"company": "Acme", "amount": 5, "month": "January", "hq": "Lyon"}]', 1),
        # nothing in it says when or how much
        ("a.csv", "Company,Raised,What they do\nAcme,$5M,Lamps of all sorts\nBeta,$7M,Nets\n", 2),
        ("a.csv", "Company,Round,Investors\nAcme,Seed,Fund A\nBeta,Series A,Fund B\n", 2),
        # the first row with a word that is a header of models is no header
        ("a.csv", "Wort,Ort\nLampen,https://a.example\nArchitecture,https://b.example\n", 2),
        ("startups.csv", "name,url,about\nA,https://a.example,x\nB,https://b.example,y\n", 2),
        # it says of its models in words of its own whether they are open
        ("a.csv", "Model,Access,Released\nLamp-7B,on a form,2024-01\nLamp-8B,ask us,2024-02\n", 2),
        # two columns of one name
        ("a.csv", "category,Source,category\nAcme,https://a.org,b\nBolt,https://b.org,d\n", 2),
        ("a.csv", "Tag,Licence,Tag\nsmall,MIT,lamp-7b\nlarge,MIT,lamp-70b-chat\n", 2),
        (
            "a.json",
            '{"companies": [{"name": "Acme", "hq": {"country": "DE"}, "rounds": [{"date":'
            ' "2023-06", "stage": "A", "amount": 215, "currency": "EUR"}, {"date":'
            ' "2024-12", "stage": "B", "amount": 150, "currency": "EUR"}]}]}',
            2,
        ),
    ],
)
def test_what_a_refused_file_says_to_run_reads_it(
    place: Place, name: str, text: str, accepted: int
) -> None:
    result = follow(place, place.save(name, text))
    assert result.exit_code == 0, result.output
    assert f"= {accepted} accepted + 0 rejected" in result.output


def test_a_header_with_nothing_below_it_is_told_so(place: Place) -> None:
    report = place.report(place.save("a.csv", "Company,Date,Amount\n"), code=1)
    assert report["to_do"] == "export it again; below its header there is no row"


def test_the_year_that_is_proposed_is_the_files_own(place: Place) -> None:
    path = place.save("deals 2021-12-31.csv", "Company,Date,Amount\nA,January,$3M\nB,May,$4M\n")
    assert "--set 'dates: {announced: 2021}'" in place.report(path, code=1)["to_do"]


def test_a_list_whose_first_row_is_a_record_gets_headers(place: Place) -> None:
    path = place.save("a.csv", "360 Learn,https://a.example\nBeta,https://b.example\n")
    problem = place.report(path, code=1)["problem"]
    assert "write a row of headers above it, such as `company" in problem
    headed = place.save("a.csv", f"company,domain\n{path.read_text()}")
    assert place.report(headed, "--kind", "companies")["rows"]["accepted"] == 2


def test_lists_beside_the_one_that_is_read_are_told(place: Place) -> None:
    rounds = '[{"date": "2024-01-05", "amount": "$5M"}]'
    text = f'[{{"company": "Acme", "deals": {rounds}, "rounds": {rounds}}}]'
    path = place.save("a.json", text)
    findings = [f for s in place.report(path)["sheets"] for f in s["findings"]]
    assert any("what `rounds` lists beside it (1) is not read" in f for f in findings)
    report = place.report(path, "--set", "reader: {heading: rounds}")
    assert [s["sheet"] for s in report["sheets"] if s["status"] == "landed"] == ["rounds"]


def test_a_column_that_the_file_must_get_is_asked_for(place: Place) -> None:
    path = place.save("a.csv", "Date,Amount,Stage\n2024-01-01,$5M,Seed\n2024-02-01,$7M,A\n")
    problem = place.report(path, code=1)["problem"]
    assert "if its rows are funding rounds, write `company` above the column" in problem
    named = "Date,Amount,Stage,company\n2024-01-01,$5M,Seed,Acme\n2024-02-01,$7M,A,Beta\n"
    assert place.report(place.save("a.csv", named))["rows"]["accepted"] == 2


def test_what_to_do_is_told_to_programs_and_with_the_error(place: Place) -> None:
    path = place.save("a.csv", "Company,Date,Amount\nA,2024-01-01,5000000\n")
    report = place.report(path, code=1)
    said = f"`genai-ledger check {path} --set 'units: {{amount: {{currency: USD}}}}'`"
    assert report["to_do"].startswith(said)
    assert report["problem"] == f"no row would be accepted; to do: {report['to_do']}"
    faulty = place.save("b.csv", "Company,Date,Amount\nA,soon,$1M\n")
    assert "the first in row 2, announced 'soon'" in place.run("check", faulty).stderr


def test_years_are_no_names_of_models(place: Place) -> None:
    text = '[{"key": "2000", "values": [{"key": "seed"}]}, {"key": "2001", "values": []}]'
    assert "open models" not in place.report(place.save("a.json", text), code=1)["problem"]


def test_lines_of_a_source_yml_are_tried_and_added(place: Place) -> None:
    path = place.save("a.csv", "Firm Id,When,Amount\nAcme,2016-01-01,52\n")
    lines = ("--set", "columns: {company: Firm Id, announced: When}")
    more = (
        "--set",
        "units: {amount: {currency: USD}}",
        "--set",
        "units: {amount: {multiplier: 1e6}}",
    )
    report = place.report(path, "--kind", "funding_rounds", *lines, *more)
    assert report["money"][0]["currencies"][0]["total"] == 52e6
    assert place.run("add", path, "--kind", "funding_rounds", *lines, *more, "--yes").exit_code == 0
    kept = yaml.safe_load((place.raw / "funding_rounds" / "a" / "source.yml").read_text())
    assert kept["units"] == {"amount": {"currency": "USD", "multiplier": 1e6}}
    again = place.run("add", path, "--source", "a", *lines, "--yes")
    assert "states the facts of the source already" in again.stderr
    assert (
        "`colums` is not a setting"
        in place.run("check", path, "--set", "colums: {company: Firm Id}").stderr
    )
    assert "is no setting; write it as" in place.run("check", path, "--set", "access").stderr


def test_settings_that_say_nothing_of_a_column_are_told(place: Place) -> None:
    path = place.save("deals.csv")
    for line, sentence in {
        "dates: {amount: dmy}": "`dates` says nothing of `amount`",
        "units: {company: {currency: USD}}": "`units` says nothing of `company`",
    }.items():
        said = place.run("check", path, "--kind", "funding_rounds", "--set", line).stderr
        assert sentence in said


def test_a_remark_is_never_cut(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    header = "The amount in millions of dollars of the United States as it was announced that day"
    path = place.save("a.csv", f"Company,Date,Amount,{header}\nA,2024-01-01,$5M,5\n")
    printed = place.run("check", path).output
    assert "…" not in printed
    assert "The amount in millions" in printed
    assert "as it was announced that day" in printed


def test_one_line_is_tried_without_the_others(place: Place) -> None:
    path = place.save("a.csv", "Company,When,Amount\nAcme,2016,$52M\n")
    line = place.folder / "line.yml"
    line.write_text("columns: {announced: When}\n")
    report = place.report(path, "--source-yml", line)
    assert report["rows"]["accepted"] == 1
    assert report["source_yml"].startswith("columns: {announced: When}\ntitle: ")
    line.write_text("columns: {announced: Wen}\ncadenc: 7d\n")
    assert (
        f"{line}, line 2: `cadenc` is not a setting"
        in place.run("check", path, "--source-yml", line).stderr
    )


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("Model,License,knowledge_cutoff\nA,MIT,2023-05-01\n", "released"),
        ("Company,Layer,Year Joined\nA,mlops,2019\n", "founded_year"),
        ("Company,Layer,Last Valuation\nA,mlops,$5M\n", "total_raised"),
        ("Company,Date,Amount,Number of Investors\nA,2019,$5M,4\n", "other_investors"),
    ],
)
def test_nothing_is_suggested_that_only_looks_alike(place: Place, text: str, column: str) -> None:
    report = place.report(place.save("a.csv", text))
    assert column not in [other["could_be"] for other in report["sheets"][0]["unmapped"]]


def test_a_key_of_a_table_is_not_taken_for_a_company(place: Place) -> None:
    rows = "d-1,2024-01-05,$5M,Seed\nd-2,2024-01-06,$6M,Seed\n"
    report = place.report(place.save("a.csv", f"deal_key,date,amount,stage\n{rows}"), code=1)
    assert "--kind funding_rounds --set 'columns: {company: deal_key}'`" in report["problem"]


def test_a_year_of_founding_is_no_sign_of_how_new_a_file_is(place: Place) -> None:
    companies = place.report(place.save("a.csv", "Name,Founded,Layer\nA,2019,mlops\n"))
    deals = place.report(place.save("b.csv"))
    assert companies["freshness"]["newest_row"] is None
    assert deals["freshness"]["newest_row"] == "2024-03-09"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"Fruit,Colour\napple,red\n", "no kind fits"),
        ("a.csv", b"", "the file is empty"),
        ("a.xlsx", b"PK\x03\x04\x00 broken", "the workbook is damaged"),
        ("a.csv", b'Company,Date,Amount\n"A,2024-01-01\n$1M\n', "is never closed"),
        ("a.csv", b"%PDF-1.7", "this is a PDF"),
        ("a.csv", b"Company,Date,Amount\nA,soon,$1M\n", "no row would be accepted"),
    ],
)
def test_a_file_that_cant_be_used_costs_one_sentence(
    place: Place, name: str, content: bytes, sentence: str
) -> None:
    path = place.folder / name
    path.write_bytes(content)
    result = place.run("check", path)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {name}: ")
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert place.run("add", path, "--yes").exit_code == 1
    assert place.files() == []


def test_usage_errors_have_their_own_exit_code(place: Place) -> None:
    path = place.save("deals.csv")
    assert place.run("check", place.folder / "none.csv").exit_code == 2
    assert place.run("check", path, "--kind", "rounds").exit_code == 2
    assert place.run("add", path, "--date", "yesterday").exit_code == 2
    assert place.run("check", place.folder).exit_code == 1


def test_a_list_is_held_against_what_is_served(
    place: Place, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    strangers = "".join(f"Stranger {n},Seed,2022-03-{n:02},$1M\n" for n in range(1, 10))
    file = place.save(
        "deals.csv",
        "Company,Round,Date,Amount\n"
        "Cohere,Series C,2023-06-09,$275M\n"  # told already, a day later and with 2% more
        "Cohere,Seed,2010-03-01,$2M\n"  # nine years before Cohere was founded
        "Stranger 1,Seed,2022-03-02,$1M\n"  # a day later than below
        f"Anthropic,Grant,2022-08-01,$7M\nAnthropic,Series Q,2022-09-09,$9Bn\n{strangers}",
    )
    assert place.report(file)["against_served"] is None  # nothing is served in this home

    monkeypatch.setenv("GENAI_LEDGER_HOME", str(warehouse.home))
    against = place.report(file)["against_served"]
    moved = {share["name"]: share for share in against.pop("moved_shares")}
    repeats = [tuple(repeat.values()) for repeat in against.pop("largest_repeats")]
    assert against == {
        "companies": 11,
        "mapped_companies": 2,
        "rounds_inside": 3,
        "usd_inside": 9_282_000_000,
        "rounds_outside": 11,
        "usd_outside": 12_000_000,
        "rounds_told_already": 1,
        "usd_told_already": 275_000_000,
        "rounds_repeated": 1,
        "usd_repeated": 1_000_000,
        "rounds_before_founding": 1,
    }
    assert repeats == [
        ("Cohere", "Series C", "2023-06-09", 275_000_000),
        ("Stranger 1", "Seed", "2022-03-02", 1_000_000),
    ]
    # Of the new money only the Series Q is equity of a company on the map.
    [before, held] = (
        warehouse.query(
            f"select raised_usd from marts.{table} where universe = 'genai' "
            f"and as_of_month = '2023-06-30' and {which}"
        )["raised_usd"][0]
        for table, which in (
            ("rpt_concentration", "layer = 'all'"),
            ("rpt_company_share", "company_id = 'anthropic'"),
        )
    )
    assert moved["Anthropic"]["share_before"] == pytest.approx(held / before)
    assert moved["Anthropic"]["share_after"] == pytest.approx((held + 9e9) / (before + 9e9))
    assert moved["Model platform"]["share_after"] > moved["Model platform"]["share_before"]
    told = " ".join(place.run("check", file).output.split())
    assert "2 of its 11 companies are in a market map: 3 rounds ($9.28Bn) speak of GenAI" in told
    assert "2 ($276MM), the largest Cohere Series C of 9 June 2023 ($275MM), Stranger 1" in told
    assert "Shares that move by a point or more (GenAI, 30 June 2023): Anthropic" in told


def test_nothing_is_changed_by_a_check(place: Place) -> None:
    path = place.save("deals.csv")
    place.report(path)  # the first one lets dbt compile the rules
    before = hashes(place.folder, place.home)
    place.report(path)
    assert place.run("check", path).exit_code == 0
    assert hashes(place.folder, place.home) == before


def test_a_source_yml_is_tried_and_one_is_written(place: Place) -> None:
    path, written = place.save("deals.csv"), place.folder / "proposed.yml"
    assert place.run("check", path, "--write", written).exit_code == 0
    refused = place.run("check", path, "--write", written)
    assert refused.exit_code == 1
    assert "is there already" in refused.stderr
    facts = yaml.safe_load(written.read_text())
    assert facts["licence"] == "unknown: ask the producer"
    written.write_text(written.read_text() + "columns: {note: City}\n")
    report = place.report(path, "--source-yml", written)
    [note] = [c for c in report["sheets"][0]["columns"] if c["column"] == "note"]
    assert note["header"] == "City"
    written.write_text(written.read_text().replace("note: City", "notes: City"))
    broken = place.run("check", path, "--source-yml", written)
    assert broken.exit_code == 1
    assert f"{written}, line" in broken.stderr


def test_the_program_itself_prints_json_and_only_json(place: Place) -> None:
    program, path = Path(sys.executable).with_name("genai-ledger"), place.save("deals.csv")
    command = [str(program), "check", str(path), "--json"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout)["rows"]["accepted"] == 4


# add


def test_a_new_source_is_added_without_a_question(place: Place) -> None:
    path = place.save("My deals (2024-04-30).csv")
    result = place.run("add", path, "--yes", "--producer", "Ann")
    assert result.exit_code == 0, result.output
    assert place.files() == [
        "funding_rounds/my_deals/2024-04-30.csv",
        "funding_rounds/my_deals/source.yml",
    ]
    placed = place.raw / "funding_rounds" / "my_deals" / "2024-04-30.csv"
    assert placed.read_bytes() == path.read_bytes()
    facts = yaml.safe_load(placed.with_name("source.yml").read_text())
    assert facts["producer"] == "Ann"
    assert facts["licence"] == "unknown: ask the producer"
    assert "Next: `make`" in result.stdout
    found = find_sources(place.raw, KINDS)
    assert found.problems == ()
    assert [source.name for source in found.sources] == ["my_deals"]


def test_what_is_missing_is_asked_for_until_it_can_be_used(place: Place) -> None:
    answers = [
        "seen_deals",  # the folder
        "soon",  # no day
        "2024-05-01",
        "Deals we saw",
        "Ann",
        "https://example.org/deals",
        "CC0-1.0",
        "Everything we saw; debt is left out.",
        "weekly",  # no cadence
        "7d",
        "y",
    ]
    result = place.run("add", place.save("deals.csv"), answers="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    folder = place.raw / "funding_rounds" / "seen_deals"
    assert (folder / "2024-05-01.csv").exists()
    text = (folder / "source.yml").read_text()
    facts = yaml.safe_load(text)
    assert (facts["title"], facts["cadence"]) == ("Deals we saw", "7d")
    assert facts["licence"] == "CC0-1.0"
    assert "frozen_because" not in facts
    assert "State these" not in text


def test_nothing_is_placed_against_the_analysts_word(place: Place) -> None:
    result = place.run("add", place.save("deals.csv"), answers="\n" * 9 + "n\n")
    assert result.exit_code == 1
    assert place.files() == []


@pytest.mark.parametrize("answers", ["", "deals\n", "\n" * 9])
def test_where_nobody_answers_add_says_how_to_go_on(place: Place, answers: str) -> None:
    result = place.run("add", place.save("deals.csv"), answers=answers)
    assert result.exit_code == 1
    assert "deals.csv is not added, as a question was not answered: --yes takes" in result.output
    assert "Aborted" not in result.output
    assert place.files() == []


def test_an_existing_source_gets_a_snapshot_and_keeps_its_source_yml(place: Place) -> None:
    assert place.run("add", place.save("deals_2024-04-30.csv"), "--yes").exit_code == 0
    source_yml = place.raw / "funding_rounds" / "deals" / "source.yml"
    source_yml.write_text(source_yml.read_text() + "# mine\n")
    before = source_yml.read_bytes()
    later = place.save("deals_2024-05-31.csv", DEALS.replace("City", "Town"))
    result = place.run("add", later, "--yes")
    assert result.exit_code == 0, result.output
    assert "Compared with 2024-04-30.csv: headers that it had and this one lacks: City." in (
        result.stdout
    )
    assert source_yml.read_bytes() == before
    assert (source_yml.parent / "2024-05-31.csv").read_bytes() == later.read_bytes()
    refused = place.run("add", later, "--yes", "--producer", "Ben")
    assert refused.exit_code == 1
    assert "states the facts of the source already" in refused.stderr


def test_a_snapshot_of_the_same_day_is_replaced_only_when_asked(place: Place) -> None:
    assert place.run("add", place.save("deals.csv"), "--yes", "--date", "2024-05-01").exit_code == 0
    other = place.save("deals.tsv", DEALS.replace(",", "\t"))
    arguments = ("add", other, "--yes", "--date", "2024-05-01")
    before = hashes(place.raw)
    refused = place.run(*arguments)
    assert refused.exit_code == 1
    assert "is there already; give the file another day with --date" in refused.stderr
    assert hashes(place.raw) == before
    assert place.run(*arguments, "--replace").exit_code == 0
    assert place.files() == [
        "funding_rounds/deals/2024-05-01.tsv",
        "funding_rounds/deals/source.yml",
    ]


def test_a_file_is_added_with_the_source_yml_it_was_checked_with(place: Place) -> None:
    path = place.save("a.csv", "Company,When,Size\nAcme,05/06/2024,7\n")
    text = place.report(place.save("deals.csv"))["source_yml"] + (
        "columns: {announced: When, amount: Size}\n"
        "units: {amount: {currency: USD, multiplier: 1000000}}\ndates: {announced: dmy}\n"
    )
    given = place.save("mine.yml", text)
    checked = place.report(path, "--source-yml", given)
    assert checked["money"][0]["currencies"] == [{"currency": "USD", "rows": 1, "total": 7e6}]
    arguments = ("add", path, "--yes", "--source", "mine", "--source-yml", given)
    assert place.run(*arguments).exit_code == 0
    folder = place.raw / "funding_rounds" / "mine"
    assert {p.name for p in folder.iterdir()} == {"2024-06-05.csv", "source.yml"}
    assert (folder / "source.yml").read_text() == text
    again = place.run(*arguments)
    assert again.exit_code == 1
    assert "describes the source already" in again.stderr
    assert place.run(*arguments, "--title", "Mine").exit_code == 2


def test_a_file_of_which_nothing_is_accepted_is_added_only_by_force(place: Place) -> None:
    path = place.save("deals.csv", "Company,Date,Amount\nA,soon,$1M\n")
    assert place.run("add", path, "--yes").exit_code == 1
    assert place.files() == []
    assert place.run("add", path, "--yes", "--force", "--date", "2024-01-01").exit_code == 0
    assert "funding_rounds/deals/2024-01-01.csv" in place.files()


def test_a_link_is_added_as_the_file_it_leads_to(place: Place) -> None:
    path, link = place.save("deals.csv"), place.folder / "latest.csv"
    link.symlink_to(path)
    assert place.run("add", link, "--yes", "--date", "2024-01-01").exit_code == 0
    placed = place.raw / "funding_rounds" / "latest" / "2024-01-01.csv"
    assert not placed.is_symlink()
    assert placed.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "name", ["../up", "a/b", ".hidden", "", "a\nb", "März", "Сделки", "-a", "a" * 250]
)
def test_a_source_stays_in_its_folder(place: Place, name: str) -> None:
    result = place.run("add", place.save("deals.csv"), "--yes", "--source", name)
    assert result.exit_code != 0
    assert place.files() == []
    assert not (place.folder / "up").exists()


def test_names_that_would_be_one_asset_are_not_added(place: Place) -> None:
    path = place.save("deals_2024-04-30.csv")
    assert place.run("add", path, "--yes", "--source", "my_deals").exit_code == 0
    refused = place.run("add", path, "--yes", "--source", "my-deals")
    assert refused.exit_code == 1
    assert "'my-deals' differs from 'my_deals' only in - and _" in refused.stderr
    assert len(place.files()) == 2


def test_a_file_that_changes_meanwhile_is_not_placed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, judged = place.save("deals.csv"), rules.judge

    def changing(*arguments: Any) -> Any:
        path.write_text(DEALS + "Eta,Seed,2024-03-09,$2M,Fund H,Brno\n")
        return judged(*arguments)

    monkeypatch.setattr(rules, "judge", changing)
    result = place.run("add", path, "--yes")
    assert result.exit_code == 1
    assert "changed while it was inspected" in result.stderr
    assert place.files() == []


@pytest.mark.parametrize(
    ("name", "source", "day"),
    [
        ("Deals 2026-11-30.csv", "deals", dt.date(2026, 11, 30)),
        ("dsdanielpark_20230610.csv", "dsdanielpark", dt.date(2023, 6, 10)),
        ("2023-02-31.csv", "my_source", None),
        ("Liste: «Ünïcode» $$.tar.csv", "liste_unicode", None),
        (".csv", "csv", None),
        ("Dealliste März.csv", "dealliste_marz", None),
        ("日本の資金調達 2023年.csv", "ri_ben_nozi_jin_diao_da_2023nian", None),
        ("Сделки.csv", "sdelki", None),
        ("long " * 60 + ".csv", "_".join(["long"] * 12), None),
    ],
)
def test_names_give_source_and_day(name: str, source: str, day: dt.date | None) -> None:
    assert source_name(name) == source
    assert day_in_name(name) == day


# check and the warehouse say the same


def test_the_warehouse_counts_what_the_check_said(place: Place) -> None:
    """Add files of every sort, let dbt judge them, and compare with what each check said."""
    chosen, said = random.Random(7), {}  # noqa: S311
    for number in range(8):
        path = place.save(f"list {number}.csv", _messy_deals(chosen))
        report = place.report(path)
        name = f"raw/funding_rounds/list_{number}/{report['snapshot_on']}.csv"
        said[name] = (report["rows"]["accepted"], report["rows"]["rejected"])
        assert place.run("add", path, "--yes").exit_code == 0
    home = config.Home(place.folder / "built")
    found = find_sources(place.raw, KINDS)
    assert found.problems == ()
    land(found.sources, KINDS, place.raw, home.landing)
    finished = subprocess.run(
        [
            Path(sys.executable).with_name("dbt"),
            *("run", "--select", "base_funding_rounds", "--target-path", home.dbt_target),
        ],
        cwd=config.DBT_PROJECT,
        env={
            **os.environ,
            "GENAI_LEDGER_HOME": str(home.path),
            "DBT_LOG_PATH": str(home.path / "logs"),
            "DBT_PROFILES_DIR": str(config.DBT_PROJECT),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    with duckdb.connect(str(home.path / "work.duckdb"), read_only=True) as connection:
        counted = connection.execute(
            "select _file, count(*) - count(reject_rule), count(reject_rule) "
            "from staging.base_funding_rounds group by 1"
        ).fetchall()
    assert {file: (accepted, rejected) for file, accepted, rejected in counted} == said
    assert sum(rejected for _, rejected in said.values()) > 0


def _messy_deals(chosen: random.Random) -> str:
    headers = [
        chosen.choice(["Company", "Startup Name", "Issuer"]),
        chosen.choice(["Date", "Announced on", "Date dd/mm/yyyy"]),
        chosen.choice(["Amount (USD M)", "Raised", "deal size"]),
        chosen.choice(["City", "Notes", "Link", "Post-Money Valuation"]),
    ]
    dates = ["2024-01-05", "5 May 2023", "May 2023", "2Q23", "soon", "", "13/02/2024"]
    amounts = ["$5M", "EUR 1,2 Mrd", "₹20,00,00,000", "undisclosed", "lots", "", "12.5", "-"]
    others = ["Oslo", "https://example.org", "$1Bn", "", "n/a"]
    rows = [
        [
            chosen.choice(["Acme", "Beta \u202e", "n/a", ""]),
            chosen.choice(dates),
            f'"{chosen.choice(amounts)}"',
            chosen.choice(others),
        ]
        for _ in range(40)
    ]
    rows.append(["Known", "2024-01-06", "$1M", ""])
    title = "Deals of a year,,,\n,,,\n" if chosen.random() < 0.5 else ""
    return title + "\n".join(",".join(row) for row in [headers, *rows])


# A null byte is the mark of a file that is no text.
LETTERS = st.characters(exclude_characters='"\0', exclude_categories=["Cs"])
HEADERS = st.text(LETTERS, max_size=20)


@given(names=st.lists(HEADERS, max_size=4), title=st.text(LETTERS, min_size=1, max_size=30))
@example(names=[], title="\x1b")
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_proposal_is_valid_and_lands_as_it_said(
    place: Place, names: list[str], title: str
) -> None:
    """Whatever headers and titles hold, the proposed source.yml is read back and lands the rows."""
    header = ",".join(f'"{name}"' for name in ["Company", "Date dd/mm/yyyy", "Amount", *names])
    # Long enough that signs of control in the headers don't make it a file that is no text.
    page = f"https://example.org/{'a' * 2000}"
    path = place.save("deals.csv", f"{header}\nA,2024-01-05,$1M{f',{page}' * len(names)}\n")
    stated = {"title": title} if title.strip() else {}
    stages: list[str] = []
    asked = CheckRequest(kind="funding_rounds", stated=stated)
    found = inspection.inspect(path, KINDS, config.home(), asked, stages.append)
    folder = place.raw / "funding_rounds" / "deals"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "source.yml").write_text(found.report["source_yml"], encoding="utf-8")
    (folder / f"{found.snapshot_date}.csv").write_bytes(path.read_bytes())
    sources = find_sources(place.raw, KINDS)
    assert sources.problems == ()
    land(sources.sources, KINDS, place.raw, place.folder / "landing")
    [entry] = read_catalogue(place.folder / "landing").to_pylist()
    assert entry["rows"] == found.report["rows"]["in_file"] == 1
    assert stages[-1] == "Judging 1 rows"
    assert json.loads(entry["columns"]).keys() == {
        column["column"] for column in found.report["sheets"][0]["columns"]
    }


# Imitations of public lists: what each taught.
PUBLIC_LISTS = {
    "marks.md": (  # check marks, a picture before the date, a remark in the header
        "| Vendor | Model | Parameters, B | Open Source | Release[a] |\n"
        "|--|--|--|--|--|\n"
        "| A | One | 7 | ✅ | 🟩 Mar 2025 |\n"
        "| B | Two | ? | ❌ | ◻️ Nov 2023 |\n"
        "| C | Three | 70 | ✔️ | 2024-07-23 |\n",
        ("open_models", 2, 1),
    ),
    "glued.csv": (  # currency in a header without spaces
        "Sr No,Date ,StartupName,InvestmentType,AmountInUSD\n"
        '1,09/01/2020,Acme,Seed,"20,00,00,000"\n2,13/01/2020,Beta,Series C,"80,48,394"\n',
        ("funding_rounds", 2, 0),
    ),
    "unicorns.csv": (  # the day of joining a list is none of a round, nor all money its amount
        "Company,Valuation,Date Joined,Industry,Country,Year Founded,Funding,Select Investors\n"
        "Acme,$180B,2017-04-07,AI,China,2012,$8B,Fund A\nBeta,$5B,2018-04-07,AI,US,2015,$1B,B\n",
        ("companies", 2, 0),
    ),
    "rounds.csv": (  # the round has a name, too, and the currency stands in its own column
        "uuid,name,investment_type,announced_on,raised_amount_usd,raised_amount,"
        "raised_amount_currency_code,post_money_valuation_usd,org_name\n"
        "1,Seed - Acme,seed,2005-03-16,1100000,1000000,EUR,,Acme\n"
        "2,Seed - Beta,seed,2005-03-17,,,,5000000,Beta\n",
        ("funding_rounds", 2, 0),
    ),
    "chinese.md": (
        "| 公司 | 轮次 | 金额 | 投资方 | 日期 |\n|--|--|--|--|--|\n"
        "| 甲 | 种子轮 | ¥3M | 乙 | 2026年2月1日 |\n| 丙 | 天使轮 | 5000万美元 | 丁 | 2026-02-03 |\n",  # noqa: E501
        ("funding_rounds", 2, 0),
    ),
    "german.csv": (
        "Firma;Runde;Datum;Betrag;Investoren\nAcme;Seed;3. Mai 2023;1,5 Mio. EUR;Fonds\n",
        ("funding_rounds", 1, 0),
    ),
    "openness.md": (  # "no" says that a model is closed
        "| Model Name | Publisher | Open? | MMLU |\n|--|--|--|--|\n"
        "| lamp-7b | Acme | no | 60 |\n| lamp-9b | Acme | yes | 61 |\n",
        ("open_models", 1, 1),
    ),
    "catalogue.json": (
        '[{"name": "Lamp 7B", "datePublished": "2023-10-26T11:25:50", "numParameters": "7B",'
        ' "author": {"name": "Acme", "url": "https://a.example"}, "license": "mit"}]',
        ("open_models", 1, 0),
    ),
    "graph.json": (
        '{"data": {"deals": {"edges": [{"node": {"company": {"name": "Acme"}, "date":'
        ' "2024-03-01", "amount": {"value": 5000000, "currency": "USD"}}}]}}}',
        ("funding_rounds", 1, 0),
    ),
    "inside.md": (  # a table in HTML, as Markdown allows
        "# Funded\n<table><tr><th>Company</th><th>Raised</th><th>Date</th></tr>\n"
        "<tr><td><b>Acme</b></td><td>$7.4B</td><td>5 May 2023</td></tr></table>\n",
        ("funding_rounds", 1, 0),
    ),
    "answer.json": (  # an interface's answer: facts in objects, investors as objects
        '{"total": 2, "results": [{"uuid": "1", "properties": {"identifier": {"value": "Seed - A"},'
        ' "announced_on": "2025-01-23", "money_raised": {"value": 4000000, "currency": "EUR",'
        ' "value_usd": 4164385}, "investment_type": "seed", "investors": [{"value": "F"}],'
        ' "funded_organization_identifier": {"value": "Acme"}}}]}',
        ("funding_rounds", 1, 0),
    ),
    "one.json": (  # one company, with its rounds
        '{"company": "Acme", "founded": 2019, "rounds": [{"date_str": "Oct 6, 2017", "amount":'
        ' "$20M", "who": "F"}, {"date_str": "Sep 9, 2018", "amount": "$100M", "who": "G"}]}',
        ("funding_rounds", 2, 0),
    ),
    "several.json": (  # rows named by the list around them
        '{"meta": {"title": "T"}, "companies": [{"company": "Acme", "ticker": "A", "website":'
        ' "a.example", "founded": 2019}], "loops": [{"id": "x", "nodes": ["a"]}]}',
        ("companies", 1, 0),
    ),
    "keyed.json": (
        '{"acme": {"deals": [{"Date": "2017-09-27", "Amount": "$6M", "Deal Type": "Seed"}]},'
        ' "beta": {"deals": [{"Date": "2018-09-18", "Amount": "$21M", "Deal Type": "Series A"}]},'
        ' "gamma": {"deals": []}}',
        ("funding_rounds", 2, 0),
    ),
    "units.csv": (
        "company_name,round,instrument,deal_currency,deal_date,round_size_m\n"
        "Acme,Seed,SAFE,USD,2024-01-05,3.0\nBeta,Series A,Equity,EUR,2024-02-05,12.5\n",
        ("funding_rounds", 2, 0),
    ),
    "unsaid.csv": (
        "Model,Provider,Open Weights,Release Date\nlamp-7b,Acme,true,Not publicly disclosed\n"
        "lamp-9b,Acme,true,2024-05-01\n",
        ("open_models", 2, 0),
    ),
    "nested.json": (
        '[{"name": "Acme", "foundedYear": 2012, "hq": {"city": "Bonn", "country": "Germany"}, '
        '"website": "acme.de", "totalRaised": {"amount": 400, "currency": "EUR"}}]',
        ("companies", 1, 0),
    ),
}


@pytest.mark.parametrize("name", PUBLIC_LISTS)
def test_look_alikes_of_public_lists_are_read(place: Place, name: str) -> None:
    text, expected = PUBLIC_LISTS[name]
    report = place.report(place.save(name, text))
    assert (report["kind"], report["rows"]["accepted"], report["rows"]["rejected"]) == expected


def test_of_two_names_the_company_is_taken(place: Place) -> None:
    report = place.report(place.save("a.csv", PUBLIC_LISTS["rounds.csv"][0]))
    columns = {c["column"]: c["header"] for c in report["sheets"][0]["columns"]}
    assert (columns["company"], columns["currency"]) == ("org_name", "raised_amount_currency_code")
    assert report["money"][0]["currencies"] == [{"currency": "EUR", "rows": 1, "total": 1e6}]
    # A valuation is not said to be the amount that a round lacks.
    assert not any("holds an amount" in finding for finding in report["sheets"][0]["findings"])


def test_facts_in_an_object_can_be_named(place: Place) -> None:
    line = place.folder / "line.yml"
    line.write_text(
        "columns: {total_raised: totalRaised.amount, currency: totalRaised.currency}\n"
        "units: {total_raised: {multiplier: 1000000}}\n"
    )
    path = place.save("a.json", PUBLIC_LISTS["nested.json"][0])
    report = place.report(path, "--source-yml", line, "--kind", "companies")
    assert report["money"][0]["currencies"] == [{"currency": "EUR", "rows": 1, "total": 4e8}]


@pytest.mark.parametrize(
    ("text", "line"),
    [  # each refusal names this line, and it is enough
        (
            "Name,Date,Amount\nA,2024-01-05,7.7\nB,2024-01-06,1.1\n",
            "units: {amount: {currency: USD, multiplier: 1000000}}",
        ),
        (
            "Name,Date,Amount\nA,2024-01-05,7700000\nB,2024-01-06,1100000\n",
            "units: {amount: {currency: USD}}",
        ),
        (
            "Name,Date,Amount\nA,2024-01-05,$7.7\nB,2024-01-06,$1.1\n",
            "units: {amount: {multiplier: 1000000}}",
        ),
    ],
)
def test_an_amount_without_its_unit_names_the_line_that_gives_it(
    place: Place, text: str, line: str
) -> None:
    path = place.save("a.csv", text)
    report = place.report(path, code=1)
    assert f"`{line}`" in report["rejects"][0]["examples"][0]["reason"]
    said = place.folder / "line.yml"
    said.write_text(f"{line}\n")
    assert place.report(path, "--source-yml", said)["rows"]["accepted"] == 2


def test_too_few_headers_to_tell_the_kind_name_the_option_that_does(place: Place) -> None:
    path = place.save("a.csv", "name,brand,release_date,summary\nA,B,2017-06-12,C\n")
    said = f"check {path} --kind open_models --set 'access: open'`"
    assert said in place.report(path, code=1)["problem"]
    line = place.folder / "line.yml"
    line.write_text("access: open\n")
    report = place.report(path, "--kind", "open_models", "--source-yml", line)
    assert report["rows"]["accepted"] == 1


def test_a_list_without_a_header_is_told_so(place: Place) -> None:
    problem = place.report(place.save("a.csv", "org/one:free\norg/two:free\n"), code=1)["problem"]
    assert "if it has no headers, write them above it" in problem


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.md"])
def test_a_page_in_the_place_of_a_list_is_told(place: Place, name: str) -> None:
    page = "<!DOCTYPE html><html><head><title>404, the page does not exist</title></head></html>"
    problem = place.report(place.save(name, page), code=1)["problem"]
    assert "this is a web page" in problem
    assert "download the file itself" in problem
