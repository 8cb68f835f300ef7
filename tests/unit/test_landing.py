"""Landing: what is new, what is in use, and that nothing of a file is lost."""

import ast
import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sheets import KINDS, save_source, save_workbook

from orchestration import files, landing, parsing
from orchestration.landing import LandedFile, land, read_catalogue
from orchestration.landing.sandbox import child_process
from orchestration.landing.schema import landed_schema
from orchestration.sources.registry import find_sources

ROUNDS = "Company,Date,Amount\nX,2024-01-05,$5M\nY,2024-02-01,$7M\n"


class Place:
    """A raw folder and the landing folder made of it."""

    def __init__(self, folder: Path) -> None:
        self.raw, self.landing = folder / "raw", folder / "landing"
        self.raw.mkdir()

    def save(self, folder: str, files: dict[str, str], more: str = "") -> Path:
        return save_source(self.raw, folder, files, more)

    def land(self, *names: str) -> list[LandedFile]:
        found = find_sources(self.raw, KINDS)
        sources = [source for source in found.sources if not names or source.name in names]
        return land(sources, KINDS, self.raw, self.landing)

    def outcomes(self, *names: str) -> dict[str, str]:
        return {Path(r.file).name: r.outcome for r in self.land(*names)}

    def catalogue(self) -> list[dict[str, Any]]:
        return list(read_catalogue(self.landing).to_pylist())

    def objects(self) -> set[str]:
        return {f"objects/{path.name}" for path in (self.landing / "objects").iterdir()}

    def rows(self) -> list[dict[str, Any]]:
        names = dict.fromkeys(entry["object"] for entry in self.catalogue() if entry["object"])
        return [row for name in names for row in pq.read_table(self.landing / name).to_pylist()]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Copy the package for a test to edit."""
    copy = tmp_path / "orchestration"
    shutil.copytree(files.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(files, "PACKAGE", copy)
    files.code_hash.cache_clear()
    yield copy
    files.code_hash.cache_clear()


def test_a_row_has_its_texts_their_meaning_and_its_lineage(place: Place) -> None:
    folder = place.save("funding_rounds/deals", {})
    cells = {"A1": "Deals of 2024", "B4": "Company", "C4": "Date", "D4": "Amount", "E4": "City"}
    cells |= {
        "B5": "Acme, Inc.",
        "C5": "2024-01-05",
        "D5": "$5M",
        "E5": "Paris",
        "B7": "Own research",
    }
    save_workbook(folder / "2024-02-01.xlsx", {"About": {"A1": "Read me"}, "Deals": cells})
    [result] = place.land()
    assert (result.outcome, result.problem, result.rows) == ("landed", None, 2)
    deal, note = place.rows()
    file = "raw/funding_rounds/deals/2024-02-01.xlsx"
    assert (deal["company"], deal["amount"], deal["amount_low"]) == ("Acme, Inc.", "$5M", 5e6)
    assert str(deal["announced_day"]) == "2024-01-05"
    assert deal["valuation"] is deal["valuation_low"] is None
    assert deal["_extra"] == '{"City": "Paris"}'
    assert (deal["_kind"], deal["_source"], str(deal["_snapshot_on"])) == (
        "funding_rounds",
        "deals",
        "2024-02-01",
    )
    assert (deal["_file"], deal["_sheet"], deal["_row"]) == (file, "Deals", 5)
    assert deal["_row_id"] == f"{file}#Deals!5"
    assert (note["company"], note["_row"]) == ("Own research", 7)


def test_the_catalogue_has_a_row_for_each_file_and_sheet(place: Place) -> None:
    folder = place.save("funding_rounds/deals", {}, more="complete: [{to: 2024-01-31}]\n")
    cells = {"B4": "Company", "C4": "Date", "D4": "Amount", "E4": "City", "B5": "X"}
    save_workbook(folder / "2024-02-01.xlsx", {"About": {"A1": "Read me"}, "Deals": cells})
    place.land()
    about, deals = place.catalogue()
    assert (about["sheet"], about["status"], about["rows"]) == ("About", "no_table", 0)
    assert about["problem"].startswith(
        "raw/funding_rounds/deals/2024-02-01.xlsx: sheet 'About': no"
    )
    assert (deals["sheet"], deals["status"], deals["problem"]) == ("Deals", "landed", None)
    assert (deals["header_row"], deals["rows"]) == (4, 1)
    assert json.loads(deals["columns"])["amount"] == {"header": "Amount", "column": "D"}
    assert json.loads(deals["unmapped"]) == ["City"]
    assert (deals["title"], deals["complete"]) == ("A list", '[{"to": "2024-01-31"}]')
    assert about["object"] == deals["object"] in place.objects()


def test_every_kind_has_an_empty_file_with_its_columns(place: Place) -> None:
    place.land()
    for name, kind in KINDS.items():
        table = pq.read_table(place.landing / "schemas" / f"{name}.parquet")
        assert table.num_rows == 0
        assert table.schema.equals(landed_schema(kind))


def test_landed_files_have_the_same_columns_as_the_empty_one(place: Place) -> None:
    place.save("funding_rounds/deals", {"2024-01-01.csv": ROUNDS})
    place.land()
    schema = pq.read_schema(place.landing / place.catalogue()[0]["object"])
    assert schema.equals(landed_schema(KINDS["funding_rounds"]))


def test_unchanged_files_are_skipped(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.save("funding_rounds/deals", {"2024-01-01.csv": ROUNDS, "2024-02-01.csv": ROUNDS})
    place.land()
    before = (place.landing / "catalogue.parquet").read_bytes()
    monkeypatch.setattr(landing, "_read_apart", None)  # nothing may be read
    assert place.outcomes() == {"2024-01-01.csv": "unchanged", "2024-02-01.csv": "unchanged"}
    assert (place.landing / "catalogue.parquet").read_bytes() == before


def test_a_changed_cell_lands_exactly_that_file_again(place: Place) -> None:
    folder = place.save(
        "funding_rounds/deals", {"2024-01-01.csv": ROUNDS, "2024-02-01.csv": ROUNDS}
    )
    place.land()
    before = place.objects()
    (folder / "2024-02-01.csv").write_text(ROUNDS.replace("$7M", "$8M"))
    assert place.outcomes() == {"2024-01-01.csv": "unchanged", "2024-02-01.csv": "landed"}
    assert len(place.objects()) == 2
    assert len(place.objects() & before) == 1
    assert [row["amount"] for row in place.rows()] == ["$5M", "$7M", "$5M", "$8M"]


@pytest.mark.parametrize(
    ("edited", "outcome"),
    [
        ("parsing/money.py", "landed"),
        ("reading/formats/delimited.py", "landed"),
        ("landing/schema.py", "landed"),
        ("report/page.py", "unchanged"),
        ("lineage/trace.py", "unchanged"),
    ],
)
def test_an_edited_line_lands_again_what_passes_through_it(
    place: Place, package: Path, edited: str, outcome: str
) -> None:
    place.save("funding_rounds/deals", {"2024-01-01.csv": ROUNDS})
    assert place.outcomes() == {"2024-01-01.csv": "landed"}
    with (package / edited).open("a") as file:
        file.write("# one line\n")
    files.code_hash.cache_clear()  # as in the next process
    assert place.outcomes() == {"2024-01-01.csv": outcome}
    assert len(place.objects()) == 1


def test_another_version_of_a_package_lands_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.save("funding_rounds/deals", {"2024-01-01.csv": ROUNDS})
    place.land()
    monkeypatch.setattr(landing, "package_version", lambda package: f"another {package}")
    assert place.outcomes() == {"2024-01-01.csv": "landed"}


def test_the_key_holds_every_package_that_rows_pass_through() -> None:
    modules = set()
    for room in landing.CODE:
        path = files.PACKAGE / room
        for source in [path] if path.is_file() else path.rglob("*.py"):
            for node in ast.walk(ast.parse(source.read_text())):
                if isinstance(node, ast.Import):
                    modules |= {name.name.partition(".")[0] for name in node.names}
                elif isinstance(node, ast.ImportFrom):
                    modules.add(str(node.module).partition(".")[0])
    modules -= {*sys.stdlib_module_names, "orchestration"}
    in_packages = {
        package: {file.parts[0].removesuffix(".py") for file in distribution(package).files or ()}
        for package in landing.PACKAGES
    }
    assert modules <= set.union(*in_packages.values())
    assert all(modules & held for held in in_packages.values())


def test_reader_settings_land_a_source_again_but_its_title_does_not(place: Place) -> None:
    place.save("funding_rounds/deals", {"2024-01-01.csv": ROUNDS})
    folder = place.save("funding_rounds/other", {"2024-01-01.csv": ROUNDS})
    place.land()
    source_file = folder / "source.yml"
    source_file.write_text(source_file.read_text().replace("A list", "The list"))
    assert [result.outcome for result in place.land()] == ["unchanged", "unchanged"]
    assert [entry["title"] for entry in place.catalogue()] == ["A list", "The list"]
    source_file.write_text(source_file.read_text() + "units: {amount: {currency: EUR}}\n")
    assert [result.outcome for result in place.land()] == ["unchanged", "landed"]


def test_units_give_meaning_to_bare_numbers_in_each_sheet_by_its_own_header(place: Place) -> None:
    folder = place.save("funding_rounds/deals", {})
    headers = {"A1": "Company", "B1": "Date", "A2": "X", "B2": "2024"}
    sheets = {
        "Dollars": headers | {"C1": "Amount (USD M)", "C2": 5},
        "Euros": headers | {"C1": "Amount (EUR K)", "C2": 5},
    }
    save_workbook(folder / "2024-01-01.xlsx", sheets)
    place.land()
    amounts = [(row["amount"], row["amount_low"], row["amount_currency"]) for row in place.rows()]
    assert amounts == [("5", 5e6, "USD"), ("5", 5e3, "EUR")]


EXPORT = """\
Organization Name,Announced Date,Funding Type,{headers}
Acme,2024-01-05,Seed,5000000,EUR,5500000
Blip,2024-01-06,Series A,5000000,USD,5000000
Cord,2024-01-07,Debt Financing,40000000,INR,480000
Dune,2024-01-08,Seed,,,
"""


@pytest.mark.parametrize(
    "headers",
    [
        "Money Raised,Money Raised Currency,Money Raised Currency (in USD)",
        "Money Raised,Money Raised Currency,Money Raised (in USD)",
        "Amount,Currency,Amount (USD)",
        "raised_amount,raised_amount_currency,raised_amount_usd",
    ],
)
def test_a_vendors_amount_takes_the_currency_beside_it(place: Place, headers: str) -> None:
    place.save("funding_rounds/vendor", {"2024-02-01.csv": EXPORT.format(headers=headers)})
    place.land()
    rows = place.rows()
    assert [row["amount"] for row in rows] == ["5000000", "5000000", "40000000", None]
    assert [(row["amount_low"], row["amount_currency"]) for row in rows] == [
        (5e6, "EUR"),
        (5e6, "USD"),
        (4e7, "INR"),
        (None, None),
    ]
    assert [row["funding_type"] for row in rows][:2] == ["Seed", "Series A"]
    in_usd = [row["stated_usd_low"] for row in rows]
    assert in_usd == [5.5e6, 5e6, 4.8e5, None]


@pytest.mark.parametrize("header", ["Money Raised Currency (in USD)", "raised_amount_usd"])
def test_dollars_alone_are_the_amount(place: Place, header: str) -> None:
    text = f"company_name,funded_at,{header}\nAcme,2024-01-05,5500000\n"
    place.save("funding_rounds/dump", {"2024-02-01.csv": text})
    place.land()
    [row] = place.rows()
    assert (row["amount_low"], row["amount_currency"]) == (5.5e6, "USD")
    assert (row["stated_usd"], row["currency"]) == (None, None)


def test_a_unit_beside_an_amount_counts_in_its_own_rows_only(place: Place) -> None:
    text = "Company,Date,Amount,Currency,Unit\n" + "".join(
        f"{row},2024-01-05,5,{row[:3]},{row[4:]}\n"
        for row in ("USD million", "GBP thousand", "INR Crore", "USD")
    )
    place.save("funding_rounds/deals", {"2024-02-01.csv": text})
    place.land()
    *rows, bare = place.rows()
    assert [(row["amount_low"], row["amount_currency"]) for row in rows] == [
        (5e6, "USD"),
        (5e3, "GBP"),
        (5e7, "INR"),
    ]
    assert "lost its unit" in bare["amount_problem"]


def test_a_list_speaks_its_own_words_and_leaves_out_what_is_the_same_for_all(place: Place) -> None:
    more = """values: {layer: {Tooling: mlops, "Chips & clouds": infrastructure}}
constants: {model_access: none, note: From the fair}
"""
    text = "Firm,Layer,Note\nAcme,tooling,x\nBlip,chips & clouds,\nCord,Application,\nDune,Food,\n"
    place.save("companies/fair", {"2024-02-01.csv": text}, more + "columns: {company: Firm}\n")
    place.land()
    rows = place.rows()
    assert [(row["layer"], row["layer_value"]) for row in rows] == [
        ("tooling", "mlops"),
        ("chips & clouds", "infrastructure"),
        ("Application", "application"),
        ("Food", "food"),
    ]
    assert {(row["model_access"], row["model_access_value"]) for row in rows} == {("none", "none")}
    assert {row["note"] for row in rows} == {"From the fair"}
    assert rows[0]["_extra"] == '{"Note": "x"}'
    [entry] = place.catalogue()
    assert json.loads(entry["findings"]) == [
        "`layer` says 'Food' (1), none of model_platform, mlops, infrastructure, application, "
        'unknown: say what each means, such as `values: {layer: {"Food": model_platform}}`'
    ]


def test_an_unknown_word_is_told_of_the_sheet_that_holds_it(place: Place) -> None:
    folder = place.save("companies/fair", {})
    headers = {"A1": "Company", "B1": "Layer"}
    sheets = {
        "One": headers | {"A2": "Acme", "B2": "Food", "A3": "Blip", "B3": "MLOps"},
        "Two": headers | {"A2": "Cord", "B2": "Toys", "A3": "Dune", "B3": "Toys"},
    }
    save_workbook(folder / "2024-02-01.xlsx", sheets)
    place.land()
    told = {entry["sheet"]: json.loads(entry["findings"]) for entry in place.catalogue()}
    assert [finding.split(", none of")[0] for finding in told["One"]] == ["`layer` says 'Food' (1)"]
    assert [finding.split(", none of")[0] for finding in told["Two"]] == ["`layer` says 'Toys' (2)"]


def test_a_source_says_whether_the_day_comes_before_the_month(place: Place) -> None:
    text = "Company,Date,Amount\nAcme,05/06/2023,$5M\n"
    for name, order in (("british", "dmy"), ("american", "mdy")):
        folder = f"funding_rounds/{name}"
        place.save(folder, {"2024-02-01.csv": text}, f"dates: {{announced: {order}}}\n")
    place.land()
    days = {row["_source"]: str(row["announced_day"]) for row in place.rows()}
    assert days == {"british": "2023-06-05", "american": "2023-05-06"}


def test_what_is_read_otherwise_than_printed_is_told_of_the_file(place: Place) -> None:
    rows = [f"A{n},2019-{n % 12 + 1:02}-{n % 11 + 1:02},$5M" for n in range(40)]
    place.save(
        "funding_rounds/swapped", {"2024-02-01.csv": "\n".join(["Company,Date,Amount", *rows])}
    )
    models = "Model,Released,Size\nA,2023,7B\nB,22/05.2023,GPT-9\n"
    place.save("open_models/list", {"2024-02-01.csv": models})
    place.land()
    told = {row["source"]: json.loads(row["findings"]) for row in place.catalogue()}
    assert "may have swapped day and month" in told["swapped"][0]
    size, date = told["list"]
    assert size.startswith("`parameters` is left empty in row 3: This is not a model size")
    assert date.startswith("`released` in row 3: mended; the first: Printed 22/05.2023")


def test_a_constant_stands_for_a_required_column(place: Place) -> None:
    more = "constants: {layer: application}\n"
    place.save("companies/apps", {"2024-02-01.csv": "Company,City\nAcme,Paris\n"}, more)
    [result] = place.land()
    assert result.outcome == "landed"
    assert [row["layer_value"] for row in place.rows()] == ["application"]


def test_a_list_of_something_else_is_refused_with_what_it_lacks(place: Place) -> None:
    text = (
        "Company,Location,Laid_Off_Count,Date,Funds_Raised,Stage\nAcme,Paris,50,2024-01-05,5,Seed\n"
    )
    place.save("funding_rounds/layoffs", {"2024-02-01.csv": text})
    [result] = place.land()
    assert result.outcome == "refused"
    assert "no header for `amount`" in str(result.problem)


def test_a_removed_file_is_retired_with_its_object(place: Place) -> None:
    folder = place.save(
        "funding_rounds/deals", {"2024-01-01.csv": ROUNDS, "2024-02-01.csv": ROUNDS}
    )
    place.land()
    (folder / "2024-01-01.csv").unlink()
    assert place.outcomes() == {"2024-01-01.csv": "retired", "2024-02-01.csv": "unchanged"}
    assert {entry["object"] for entry in place.catalogue()} == place.objects()
    assert len(place.objects()) == 1
    assert place.outcomes() == {"2024-02-01.csv": "unchanged"}


def test_a_removed_source_and_a_source_without_files_are_retired(place: Place) -> None:
    place.save("funding_rounds/kept", {"2024-01-01.csv": ROUNDS})
    emptied = place.save("funding_rounds/emptied", {"2024-01-02.csv": ROUNDS})
    removed = place.save("funding_rounds/removed", {"2024-01-03.csv": ROUNDS})
    place.land()
    (emptied / "2024-01-02.csv").unlink()
    shutil.rmtree(removed)
    outcomes = {"2024-01-01.csv": "unchanged", "2024-01-02.csv": "retired"}
    assert place.outcomes() == outcomes | {"2024-01-03.csv": "retired"}


def test_landing_one_source_leaves_the_others_in_the_catalogue(place: Place) -> None:
    place.save("funding_rounds/one", {"2024-01-01.csv": ROUNDS})
    place.save("funding_rounds/two", {"2024-01-02.csv": ROUNDS})
    assert place.outcomes("one") == {"2024-01-01.csv": "landed"}
    assert place.outcomes("two") == {"2024-01-02.csv": "landed"}
    assert [entry["source"] for entry in place.catalogue()] == ["one", "two"]
    assert len(place.objects()) == 2


def test_a_source_with_an_error_keeps_what_it_landed(place: Place) -> None:
    folder = place.save("funding_rounds/deals", {"2024-01-01.csv": ROUNDS})
    place.land()
    (folder / "source.yml").write_text("title: [")
    assert place.land() == []
    assert len(place.rows()) == 2


def test_a_refused_file_fails_alone_and_keeps_its_last_good_object(place: Place) -> None:
    place.save("companies/map", {"2024-01-01.csv": "Company,Layer\nX,mlops\n"})
    folder = place.save("funding_rounds/deals", {"2024-01-01.csv": ROUNDS})
    place.land()
    good = place.objects()
    (folder / "2024-01-01.csv").write_text("Company,Date,Amnt\nX,2024,$9M\n")
    map_result, refused = place.land()
    assert map_result.outcome == "unchanged"
    assert (refused.outcome, refused.rows) == ("refused", 2)
    assert refused.problem == (
        "raw/funding_rounds/deals/2024-01-01.csv: no header for `amount`, which funding_rounds "
        "needs, in row 1; the nearest there are 'Amnt': say which is meant under `columns:` in "
        "source.yml, such as `amount: Amnt`"
    )
    _, entry = place.catalogue()
    assert (entry["status"], entry["problem"], entry["rows"]) == ("refused", refused.problem, 2)
    assert place.objects() == good
    assert [row["company"] for row in place.rows()] == ["X", "X", "Y"]

    assert place.land()[1].rows == 2  # and still after another run
    (folder / "2024-01-01.csv").write_text(ROUNDS)
    assert place.land()[1].outcome == "unchanged"
    assert json.loads(place.catalogue()[1]["columns"])["company"]["header"] == "Company"


def test_a_file_refused_from_the_start_has_no_object(place: Place) -> None:
    folder = place.save("funding_rounds/deals", {"2024-01-02.csv": ROUNDS})
    (folder / "2024-01-01.xlsx").write_bytes(b"PK\x03\x04 broken \x00")
    assert place.outcomes() == {"2024-01-01.xlsx": "refused", "2024-01-02.csv": "landed"}
    refused, _ = place.catalogue()
    assert (refused["object"], refused["rows"], refused["bytes"]) == (None, 0, 13)


def test_an_error_nobody_expected_refuses_one_file_only(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise ZeroDivisionError

    @contextmanager
    def in_this_process() -> Iterator[Callable[..., Any]]:
        yield lambda _, function, *arguments, files=(): function(*arguments, *files)

    place.save("companies/map", {"2024-01-01.csv": "Company,Layer\nX,mlops\n"})
    place.save("funding_rounds/deals", {"2024-01-01.csv": ROUNDS})
    monkeypatch.setattr(landing, "child_process", in_this_process)
    monkeypatch.setattr(parsing, "PARSERS", {**parsing.PARSERS, "money": explode})
    first, second = (result for name in ("map", "deals") for result in place.land(name))
    assert first.outcome == "refused"
    assert second.problem
    assert "an unexpected ZeroDivisionError stopped the reading" in second.problem


def test_the_process_that_reads_loads_no_package_that_it_does_not_need(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = place.save("funding_rounds/deals", {"2024-01-01.csv": ROUNDS})
    save_workbook(
        folder / "2024-01-02.xlsx", {"S": {"A1": "Company", "B1": "Date", "C1": "Amount"}}
    )
    with child_process() as run:
        monkeypatch.setattr(landing, "child_process", lambda: nullcontext(run))
        assert {result.outcome for result in place.land()} == {"landed"}
        loaded = set(run(1, eval, "[name for name, module in sys.modules.items() if module]"))
    assert "fastexcel" in loaded
    assert loaded.isdisjoint({"pandas", "dagster", "dbt", "duckdb", "altair", "openpyxl"})


def test_a_sheet_that_source_yml_names_must_have_a_table(place: Place) -> None:
    reader = "reader: {sheets: [About, Deals]}\n"
    folder = place.save("funding_rounds/deals", {}, more=reader)
    cells = {"A1": "Company", "B1": "Date", "C1": "Amount", "A2": "X"}
    save_workbook(folder / "2024-01-01.xlsx", {"About": {"A1": "Read me"}, "Deals": cells})
    [result] = place.land()
    assert result.outcome == "refused"
    assert result.problem
    assert "sheet 'About': no header was found" in result.problem


def test_the_refusal_speaks_of_the_sheet_that_is_nearest_to_a_table(place: Place) -> None:
    folder = place.save("funding_rounds/deals", {})
    deals = {"A1": "Company", "B1": "Date", "C1": "Amnt"}
    save_workbook(folder / "2024-01-01.xlsx", {"About": {"A1": "Read me"}, "Deals": deals})
    [result] = place.land()
    assert result.problem
    assert result.problem.startswith(
        "raw/funding_rounds/deals/2024-01-01.xlsx: sheet 'Deals': no header for `amount`"
    )


def test_a_lost_catalogue_is_made_anew_from_the_objects(place: Place) -> None:
    place.save("funding_rounds/deals", {"2024-01-01.csv": ROUNDS})
    place.land()
    before = (place.landing / "catalogue.parquet").read_bytes()
    (place.landing / "catalogue.parquet").unlink()
    assert place.outcomes() == {"2024-01-01.csv": "unchanged"}
    assert (place.landing / "catalogue.parquet").read_bytes() == before


@pytest.mark.parametrize("damage", [b"", b"PAR1 half a catalogue"])
def test_a_damaged_catalogue_is_told_and_made_anew(
    place: Place, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    place.save("companies/map", {"2024-01-01.csv": "Company,Layer\nX,mlops\n"})
    folder = place.save("funding_rounds/deals", {"2024-01-01.csv": ROUNDS})
    place.land()
    before = (place.landing / "catalogue.parquet").read_bytes()
    (place.landing / "catalogue.parquet").write_bytes(damage)
    assert [result.outcome for result in place.land()] == ["unchanged", "unchanged"]
    assert (place.landing / "catalogue.parquet").read_bytes() == before
    assert "is damaged and made anew" in caplog.text

    (place.landing / "catalogue.parquet").write_bytes(damage)
    (folder / "2024-01-01.csv").write_text("no table\n")  # its last good rows stay in use
    assert [result.rows for result in place.land()] == [1, 2]
    assert [row["company"] for row in place.rows()] == ["X", "X", "Y"]


def test_what_an_older_version_landed_stops_nothing_when_the_catalogue_is_lost(
    place: Place,
) -> None:
    place.save("funding_rounds/deals", {"2024-01-01.csv": ROUNDS})
    place.land()
    path = place.landing / place.catalogue()[0]["object"]
    table = pq.read_table(path)
    [(key, entry)] = table.schema.metadata.items()
    older = json.dumps([row for row in json.loads(entry) if row.pop("title")])
    pq.write_table(table.replace_schema_metadata({key: older}), path)
    (place.landing / "catalogue.parquet").unlink()
    assert place.outcomes() == {"2024-01-01.csv": "landed"}


def test_an_emptied_object_lands_again(place: Place) -> None:
    place.save("funding_rounds/deals", {"2024-01-01.csv": ROUNDS})
    place.land()
    (place.landing / place.catalogue()[0]["object"]).write_bytes(b"")
    assert place.outcomes() == {"2024-01-01.csv": "landed"}
    assert len(place.rows()) == 2


def test_a_lost_object_lands_again_with_the_same_bytes(place: Place) -> None:
    place.save("funding_rounds/deals", {"2024-01-01.csv": ROUNDS})
    place.land()
    path = place.landing / place.catalogue()[0]["object"]
    before = path.read_bytes()
    path.unlink()
    assert place.outcomes() == {"2024-01-01.csv": "landed"}
    assert path.read_bytes() == before


def test_unpivoted_cells_have_row_ids_of_their_own(place: Place) -> None:
    more = "reader:\n  unpivot: {keep: [Date], name: currency, value: units_per_eur}\n"
    rates = "Date,USD,GBP,\n2024-01-02,1.09,0.87,\n"
    place.save("exchange_rates/bank", {"2024-01-02.csv": rates}, more)
    place.land()
    file = "raw/exchange_rates/bank/2024-01-02.csv"
    assert [(r["currency"], r["units_per_eur_number"], r["_row_id"]) for r in place.rows()] == [
        ("USD", 1.09, f"{file}#!2:USD"),
        ("GBP", 0.87, f"{file}#!2:GBP"),
    ]


def test_a_markdown_list_lands_by_its_heading(place: Place) -> None:
    document = (
        "# LLMs\n\n| Language Model | Release Date | Params (B) |\n|---|---|---|\n"
        "| [T5](https://x.org) | 2019/10<!--23--> | 0.06 - 11 |\n\n"
        "# Data\n\n| Name | Size |\n|---|---|\n| Pile | 1 |\n"
    )
    place.save("open_models/list", {"2023-05-05.md": document}, "reader: {heading: LLMs}\n")
    place.land()
    [row] = place.rows()
    assert (row["model"], row["released"]) == ("[T5](https://x.org)", "2019/10<!--23-->")
    assert (row["_sheet"], row["_row"]) == ("LLMs", 5)


TEXTS = st.text(
    st.characters(categories=("L", "N", "P", "S", "Zs"), include_characters='\n"\\,;|\t'),
    max_size=12,
).filter(lambda text: not text.startswith("="))  # a workbook would take it for a formula
TABLES = st.integers(1, 5).flatmap(
    lambda width: st.tuples(
        st.lists(st.text("abcxyz ", min_size=1, max_size=5), min_size=width, max_size=width),
        st.lists(st.lists(TEXTS, min_size=width + 3, max_size=width + 3), min_size=1, max_size=6),
    )
)


def filled(texts: list[str]) -> list[str]:
    return sorted(text for text in (text.strip() for text in texts) if text)


def landed_texts(row: dict[str, Any]) -> Iterator[str | None]:
    yield from (row[column.name] for column in KINDS["funding_rounds"].columns)
    yield from json.loads(row["_extra"] or "{}").values()


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=TABLES)
def test_every_text_of_a_table_is_found_in_what_landed(
    tmp_path_factory: pytest.TempPathFactory, table: tuple[list[str], list[list[str]]]
) -> None:
    headers, rows = table
    lines = [["company", "announced", "amount", *headers], *rows]
    place = Place(tmp_path_factory.mktemp("place"))
    folder = place.save("funding_rounds/deals", {})
    cells = {
        f"{chr(ord('A') + column)}{number}": text
        for number, line in enumerate(lines, start=1)
        for column, text in enumerate(line)
    }
    save_workbook(folder / "2024-01-01.xlsx", {"S": cells})
    with (folder / "2024-01-02.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    assert [result.problem for result in place.land()] == [None, None]
    landed = [filled([text for text in landed_texts(row) if text]) for row in place.rows()]
    assert landed == [filled(row) for row in rows if filled(row)] * 2


def test_a_script_of_a_few_lines_may_land_files(tmp_path: Path) -> None:
    folder = save_source(tmp_path / "raw", "funding_rounds/deals")
    (folder / "2024-02-01.csv").write_text("Company,Announced,Amount\nAcme,2024-01-05,$5M\n")
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "from orchestration import config, landing\n"
        "from orchestration.sources import kinds, registry\n"
        "raw = Path(sys.argv[1])\n"
        "known = kinds.read_kinds(config.KINDS_FILE)\n"
        "found = registry.find_sources(raw, known)\n"
        "for landed in landing.land(found.sources, known, raw, raw.parent / 'landing'):\n"
        "    print(landed.outcome, landed.rows)\n"
    )
    command = [sys.executable, str(script), str(tmp_path / "raw")]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.stdout == "landed 1\n", finished.stderr
