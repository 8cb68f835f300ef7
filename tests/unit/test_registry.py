"""What raw/ holds, and the sentences for what is wrong with it."""

import datetime
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sheets import FACTS, KINDS, save_source

from orchestration.config import LedgerError
from orchestration.defs.raw_folder import raw_folder_state
from orchestration.landing import land
from orchestration.sources.formats import Settings, Units, Unpivot
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import Inventory, find_sources, raw_files
from orchestration.sources.source_yml import ModelHub, Refresh


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    path = tmp_path / "raw"
    path.mkdir()
    return path


def messages(found: Inventory) -> list[str]:
    return [problem.message for problem in found.problems]


def test_kinds_come_from_the_dbt_source() -> None:
    rounds = KINDS["funding_rounds"]
    assert [column.name for column in rounds.columns if column.required] == [
        "company",
        "announced",
        "amount",
    ]
    [announced] = [column for column in rounds.columns if column.name == "announced"]
    assert announced.parse == "date"
    assert announced.synonyms[0] == "announced on"


def test_a_kind_with_an_undefined_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sources.yml"
    path.write_text("sources: [{name: landing, tables: [{name: t, columns: [{name: c}]}]}]")
    with pytest.raises(LedgerError, match=r"column c of t lacks 'config'; give it config\.meta"):
        read_kinds(path)


def test_a_source_has_its_facts_and_its_snapshots_by_date(raw: Path) -> None:
    files = {"2024-02-01.csv": "a", "2023-11-30.xlsx": "a", ".DS_Store": "", "~$2024-02-01.csv": ""}
    save_source(raw, "funding_rounds/deals", files, more="complete: [{to: 2024-01-31}]\n")
    [source] = find_sources(raw, KINDS).sources
    assert (source.kind, source.name, source.title) == ("funding_rounds", "deals", "A list")
    assert source.accessed_on == datetime.date(2026, 11, 23)
    assert source.complete == '[{"to": "2024-01-31"}]'
    assert source.settings == Settings()
    assert [(str(s.snapshot_date), s.file) for s in source.snapshots] == [
        ("2023-11-30", "raw/funding_rounds/deals/2023-11-30.xlsx"),
        ("2024-02-01", "raw/funding_rounds/deals/2024-02-01.csv"),
    ]


def test_settings_are_read(raw: Path) -> None:
    more = """
reader:
  sheets: [Rates]
  header_row: 3
  sheet_name_is: currency
  unpivot: {keep: [Date], name: currency, value: units_per_eur}
  empty_values: ["N/A"]
columns: {rate_date: Day}
units: {units_per_eur: {currency: EUR, multiplier: 0.01}}
constants: {currency: EUR}
"""
    save_source(raw, "exchange_rates/bank", {"2024-01-01.csv": "a"}, more)
    [source] = find_sources(raw, KINDS).sources
    assert source.settings == Settings(
        sheets=("Rates",),
        header_row=3,
        sheet_name_is="currency",
        unpivot=Unpivot(("Date",), "currency", "units_per_eur"),
        empty_values=("N/A",),
        columns={"rate_date": ("Day",)},
        units={"units_per_eur": Units("EUR", 0.01)},
        constants={"currency": "EUR"},
    )


def test_one_bad_source_does_not_hide_the_others(raw: Path) -> None:
    save_source(raw, "companies/bad", {"2024-01-01.csv": "a"}, more="tilte: x\n")
    save_source(raw, "companies/good", {"2024-01-01.csv": "a"})
    found = find_sources(raw, KINDS)
    assert [source.name for source in found.sources] == ["good"]
    assert [(problem.kind, problem.source) for problem in found.problems] == [("companies", "bad")]


@pytest.mark.parametrize(
    ("more", "refresh"),
    [
        (
            "refresh: {enabled: true, from: 'https://example.org/a.XLSX?x=1', token_env: DEALS}\n",
            Refresh(True, "https://example.org/a.XLSX?x=1", ".xlsx", "DEALS", None),
        ),
        (
            "refresh: {enabled: false, format: csv}\n",
            Refresh(False, "https://example.org/list", ".csv", None, None),
        ),
        (
            "refresh: {enabled: false, model_hub: {task: x, since: 2026-11-01}}\n",
            Refresh(
                False,
                "https://example.org/list",
                ".jsonl",
                None,
                ModelHub("x", datetime.date(2026, 11, 1)),
            ),
        ),
    ],
)
def test_where_new_snapshots_come_from(raw: Path, more: str, refresh: Refresh) -> None:
    save_source(raw, "funding_rounds/deals", {"2024-01-01.csv": "a"}, more)
    [source] = find_sources(raw, KINDS).sources
    assert source.refresh == refresh


def test_the_ending_of_what_is_downloaded_must_be_known(raw: Path) -> None:
    save_source(raw, "funding_rounds/deals", more="refresh: {enabled: true}\n")
    [message] = messages(find_sources(raw, KINDS))
    assert message.startswith(
        "raw/funding_rounds/deals/source.yml: files ending in '' can't be read; write as "
        "`refresh.format` what the address gives: one of xlsx, xlsm,"
    )


def test_a_source_that_nobody_enabled_is_no_problem_until_it_is(raw: Path) -> None:
    more = "refresh: {enabled: %s, format: csv}\n"
    save_source(raw, "funding_rounds/deals", more=more % "false")
    found = find_sources(raw, KINDS)
    assert not found.problems
    assert found.sources[0].awaits_consent
    save_source(raw, "funding_rounds/deals", more=more % "true")
    assert messages(find_sources(raw, KINDS)) == [
        "raw/funding_rounds/deals has no data file; run `genai-ledger refresh deals`, or add one "
        "named by its date, such as 2026-11-23.csv"
    ]


LINES = len(FACTS.splitlines())


@pytest.mark.parametrize(
    ("more", "line", "sentence"),
    [
        ("tilte: x\n", 1, "`tilte` is not a setting; did you mean `title`?"),
        ("reader:\n  sheet: [a]\n", 2, "`sheet` is not a setting; did you mean `sheets`?"),
        (
            "reader:\n  header_row: three\n",
            2,
            '`reader.header_row` is "three" but must be the number of the header\'s row, '
            "counted from 1",
        ),
        (
            "reader:\n  empty_values:\n    - '-'\n    - 0\n",
            4,
            "`reader.empty_values.1` is 0 but must be a text in quotation marks",
        ),
        (
            "complete:\n  - {to: 2024-01-31}\n  - {to: 2024-02-31, from_usd: 100000000}\n",
            3,
            '`complete.1.to` is "2024-02-31" but must be the day up to which no row is missing, '
            "such as 2026-09-30",
        ),
        (
            "units:\n  amount: {currency: dollars}\n",
            2,
            '`units.amount.currency` is "dollars" but must be a currency\'s three-letter code in '
            'quotation marks, such as "USD"',
        ),
        (
            "refresh:\n  enabled: true\n  token_env: my token\n",
            3,
            '`refresh.token_env` is "my token" but must be the name of the environment variable '
            "that holds a token, never the token",
        ),
        (
            "refresh: {format: csv}\n",
            1,
            "`enabled` is missing; add a line `enabled:` with true when",
        ),
        (
            "columns:\n  company: Firm\n  amout: Raised\n",
            3,
            "the kind has no column `amout`; did you mean `amount`?",
        ),
        ("values:\n  kind: {Loan: dept}\n", 2, "`kind` has no word `dept`; did you mean `debt`?"),
        (
            "values:\n  amount: {much: 5}\n",
            2,
            "`values.amount.much` is 5 but must be one of the kind",
        ),
        (
            "values:\n  note: {much: lots}\n",
            2,
            "`note` has no vocabulary to map to; there are round_label",
        ),
        ("constants:\n  knid: debt\n", 2, "the kind has no column `knid`; did you mean `kind`?"),
        ("constants:\n  kind: shares\n", 2, "`kind` has no word `shares`; "),
        (
            "reader:\n  sheet_name_is: investor_country\n",
            2,
            "the kind has no column `investor_country`; ",
        ),
    ],
)
def test_an_error_names_file_line_and_fix(raw: Path, more: str, line: int, sentence: str) -> None:
    save_source(raw, "funding_rounds/deals", {"2024-01-01.csv": "a"}, more)
    [message] = messages(find_sources(raw, KINDS))
    start = f"raw/funding_rounds/deals/source.yml, line {LINES + line}: {sentence}"
    assert message.startswith(start)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (os.mkfifo, "this is a folder, pipe or device, not a file; put the file itself there"),
        (os.mkdir, "this is a folder, pipe or device, not a file; put the file itself there"),
        (lambda path: path.write_bytes(b"title: caf\xe9\n"), "is not in UTF-8"),
        (lambda path: path.write_text("a" * 300_000), "has over 200,000 bytes"),
    ],
)
def test_a_source_yml_that_is_none(raw: Path, make: Callable[[Path], Any], sentence: str) -> None:
    folder = save_source(raw, "funding_rounds/deals", {"2024-01-01.csv": "a"})
    (folder / "source.yml").unlink()
    make(folder / "source.yml")
    [message] = messages(find_sources(raw, KINDS))
    assert message.startswith("raw/funding_rounds/deals/source.yml")
    assert sentence in message


@pytest.mark.parametrize("name", ["M\u00e4rz", "a b", "-a", "a" * 101])
def test_a_name_that_not_every_tool_understands(raw: Path, name: str) -> None:
    save_source(raw, f"companies/{name}", {"2024-01-01.csv": "a"})
    [message] = messages(find_sources(raw, KINDS))
    assert "can't be the name of a source" in message


def test_names_that_dagster_takes_for_one(raw: Path) -> None:
    for name in ("my-deals", "my_deals", "others"):
        save_source(raw, f"companies/{name}", {"2024-01-01.csv": "a"})
    found = find_sources(raw, KINDS)
    assert [source.name for source in found.sources] == ["others"]
    assert [problem.source for problem in found.problems] == ["my-deals", "my_deals"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("cadence: 7d", "cadence: weekly", 'line 7: `cadence` is "weekly" but must be `frozen`'),
        ("cadence: 7d", "cadence: frozen", "line 1: `frozen_because` is missing; add a line"),
        ("licence: CC0-1.0\n", "", "line 1: `licence` is missing; add a line `licence:` with the"),
        ("licence: CC0-1.0", "licence: ''", 'line 4: `licence` is "" but must be the name of'),
        ("url: https", "url: https: //", "line 3: this is not YAML"),
        ("title: A list", "title: !!python/name:os.system x", "line 1: `!!python/name:os.system`"),
        ("title: A list", "title: !!int zz", "line 1: `!!int` is not read here; remove it"),
        ("title: A list", f"title: {'9' * 5000}", 'line 1: `title` is "999'),
        ("title: A list", 'title: "\\ud800"', "line 1: this text holds a sign that is no text"),
        ("title: A list", 'title: "a\\0"', "line 1: this text holds a sign that is no text"),
        ("title: A list", "title: &a b", None),
        (
            "licence:",
            "title: B\nlicence:",
            "line 4: `title` stands here twice; keep one",
        ),
        ("cadence: 7d", "cadence: 999999999d", 'line 7: `cadence` is "999999999d" but must be'),
        ("cadence: 7d", 'cadence: "30d\\n"', 'line 7: `cadence` is "30d\\n" but must be `frozen`'),
        ("cadence: 7d", "cadence: 7d\n~: 5", "line 8: `~` is not a setting; there are title"),
        ("cadence: 7d", "cadence: 7d\n? [a]\n: 5", "line 8: the name of a setting is a text"),
        ("https://example.org/list", "javascript:alert(1)", "line 3: `url` is "),
        ("https://example.org/list", "https://me:secret@example.org/a", "line 3: `url` is "),
        ("https://example.org/list", "data:text/html,x", "line 3: `url` is "),
        ("https://example.org/list", "//example.org/x", "line 3: `url` is "),  # a page's own scheme
        ("https://example.org/list", "http://[::1", "line 3: `url` is "),
        ("https://example.org/list", "http:///x", "line 3: `url` is "),
        ("https://example.org/list", "https://[::1]:8080/a?b=c:d@e#f", None),
        ("https://example.org/list", "s3://bucket/key", None),
        ("https://example.org/list", "not stated", None),
        ("cadence: 7d", f"cadence: {'[' * 1000}", "line 7: this is nested too deep"),
        (FACTS, "", "line 1: `the file` is null but must be a list of settings"),
        (FACTS, "- a\n- b\n", 'line 1: `the file` is ["a", "b"] but must be a list of settings'),
    ],
)
def test_errors_in_the_facts(raw: Path, old: str, new: str, sentence: str | None) -> None:
    folder = save_source(raw, "funding_rounds/deals", {"2024-01-01.csv": "a"})
    (folder / "source.yml").write_text(FACTS.replace(old, new), encoding="utf-8")
    told = messages(find_sources(raw, KINDS))
    start = sentence and f"raw/funding_rounds/deals/source.yml, {sentence}"
    assert [message[: len(start or "")] for message in told] == ([start] if start else [])


@pytest.mark.parametrize("number", [".nan", ".inf", "1.0e-320", "1e300", "0", "0x10", "1_000"])
def test_a_multiplier_is_a_number_that_money_can_be_counted_with(raw: Path, number: str) -> None:
    more = f"units: {{amount: {{multiplier: {number}}}}}\n"
    save_source(raw, "funding_rounds/deals", {"2024-01-01.csv": "a"}, more)
    [message] = messages(find_sources(raw, KINDS))
    start = f"raw/funding_rounds/deals/source.yml, line {LINES + 1}: `units.amount.multiplier` is "
    assert message.startswith(start)


def test_numbers_as_people_write_them(raw: Path) -> None:
    for index, number in enumerate(("1000000", "1e6", "1.0e6", "+1000000.0")):
        more = f"units: {{amount: {{multiplier: {number}}}}}\n"
        save_source(raw, f"funding_rounds/deals{index}", {"2024-01-01.csv": "a"}, more)
    found = find_sources(raw, KINDS).sources
    assert [source.settings.units["amount"].multiplier for source in found] == [1e6] * 4


@pytest.mark.parametrize("within", ["", "columns:\n"])
def test_thousands_of_unknown_names_are_told_soon(raw: Path, within: str) -> None:
    names = "".join(f"{'  ' if within else ''}k{number}: x\n" for number in range(4_000))
    save_source(raw, "funding_rounds/deals", {"2024-01-01.csv": "a"}, within + names)
    started = time.process_time()
    [message] = messages(find_sources(raw, KINDS))
    assert time.process_time() - started < 3
    assert f"line {LINES + 1 + bool(within)}: " in message
    assert "`k0`" in message


@pytest.fixture
def open_raw() -> Iterator[Path]:
    """Make a raw/ that another user may enter, as pytest's own folders may not be."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    (folder / "raw").mkdir()
    yield folder / "raw"
    for path in folder.rglob("*"):
        path.chmod(0o700)
    shutil.rmtree(folder)


def as_another_user(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function without the rights of root, who may read everything."""
    context = multiprocessing.get_context("fork")
    drop = (os.setuid, (65534,)) if os.geteuid() == 0 else (None, ())
    # An executor lets its process end; a pool would stop it with a signal, which may be ignored.
    with ProcessPoolExecutor(1, context, *drop) as executor:
        return executor.submit(function, *arguments).result()


def look(raw: Path, landing: Path) -> tuple[list[str], list[str], dict[str, str]]:
    found = find_sources(raw, KINDS)
    raw_folder_state(raw)
    landed = land([], KINDS, raw, landing)
    return messages(found), [file.file for file in landed], raw_files(raw)


def test_what_may_not_be_read_costs_only_itself(open_raw: Path) -> None:
    for name in ("file", "facts", "folder", "no_search", "good"):
        save_source(open_raw, f"companies/{name}", {"2024-01-01.csv": "a"})
    save_source(open_raw, "open_models/list", {"2024-01-01.csv": "a"})
    landing = open_raw.parent / "landing"
    assert len(land(find_sources(open_raw, KINDS).sources, KINDS, open_raw, landing)) == 6
    for path in (landing, *landing.rglob("*")):
        path.chmod(0o777)
    for name, mode in (
        ("companies/file/2024-01-01.csv", 0),
        ("companies/facts/source.yml", 0),
        ("companies/folder", 0),
        ("companies/no_search", 0o444),
        ("open_models", 0),
    ):
        (open_raw / name).chmod(mode)
    told, retired, hashes = as_another_user(look, open_raw, landing)
    advice = "this folder may not be opened; ask its owner for the right to read it, or move it out"
    assert told == [
        "raw/companies/facts/source.yml: the file can't be opened (Permission denied); "
        "check that it is there and readable",
        f"raw/companies/folder: {advice} of raw",
        f"raw/companies/no_search: {advice} of raw",
        f"raw/open_models: {advice} of raw",
    ]
    assert not retired
    assert "can't be opened" in hashes["raw/companies/file/2024-01-01.csv"]
    assert len(hashes["raw/companies/good/2024-01-01.csv"]) == 64


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("deals.csv", "the file's name is not a date; name it by the day it describes"),
        ("2024-02-30.csv", "the file's name is not a date"),
        ("20230605.csv", "the file's name is not a date"),
        ("2026-W01-1.csv", "the file's name is not a date"),
        ("2024-01-01 (1).csv", "the file's name is not a date"),
        ("2024-01-02.pdf", "files ending in '.pdf' can't be read; save it as one of .xlsx"),
        ("2024-01-01.tsv", "2024-01-01.csv is of the same day; keep one of the two"),
    ],
)
def test_files_that_are_no_snapshot(raw: Path, file: str, sentence: str) -> None:
    save_source(raw, "companies/map", {"2024-01-01.csv": "a", file: "a"})
    found = find_sources(raw, KINDS)
    [message] = messages(found)
    assert message.startswith(f"raw/companies/map/{file}: {sentence}")
    [source] = found.sources  # what is no snapshot costs only itself
    assert [s.path.name for s in source.snapshots] == ["2024-01-01.csv"]


STRANGERS = ["desktop.ini", "Thumbs.db", "README.md", "2024-01-01.csv~", "~$2024-01-01.xlsx"]


@pytest.mark.parametrize("file", [*STRANGERS, ".DS_Store", "2024-01-01.csv.bak", "licence.txt"])
def test_what_is_no_data_by_its_name_is_ignored_and_said_to_be(raw: Path, file: str) -> None:
    folder = save_source(raw, "companies/map", {"2024-01-01.csv": "a"})
    before = raw_files(raw)
    (folder / file).write_text("x")
    found = find_sources(raw, KINDS)
    assert (messages(found), found.ignored) == ([], (f"raw/companies/map/{file}",))
    assert raw_files(raw) == before


def test_folders_that_are_no_source(raw: Path) -> None:
    save_source(raw, "company/map", {"2024-01-01.csv": "a"})
    save_source(raw, "companies/empty")
    (raw / "companies" / "nothing").mkdir()
    (raw / "companies" / "2024-01-01.csv").write_text("a")
    found = find_sources(raw, KINDS)
    assert [source.name for source in found.sources] == ["empty"]
    assert messages(found) == [
        "raw/companies/2024-01-01.csv: a data file belongs in a folder of its own source, such as "
        "raw/companies/my_source/2026-11-23.csv",
        "raw/companies/empty has no data file; add one named by its date, such as 2026-11-23.csv",
        "raw/companies/nothing/source.yml is missing; write one with the facts of the source",
        "raw/company: `company` is not a kind; did you mean `companies`?",
    ]


def test_a_snapshot_can_ship_in_a_python_package(raw: Path) -> None:
    reader = "reader:\n  python_package: {package: currency_converter, file: eurofxref-hist.zip}\n"
    save_source(raw, "exchange_rates/ecb", more=reader)
    [source] = find_sources(raw, KINDS).sources
    [snapshot] = source.snapshots
    assert snapshot.file == "python-package:currency_converter/eurofxref-hist.zip"
    assert snapshot.path.is_file()
    assert snapshot.snapshot_date > datetime.date(2024, 1, 1)


@pytest.mark.parametrize(
    ("package", "file", "sentence"),
    [
        ("no_such_package", "a.csv", "data are read from no package no_such_package; there are"),
        ("antigravity", "a.csv", "data are read from no package antigravity; there are"),
        ("os.path", "a.csv", "data are read from no package os.path; there are"),
        ("currency_converter", "/etc/passwd", "the package currency_converter has no file"),
        ("currency_converter", "../../../../etc/passwd", "the package currency_converter has no"),
        ("currency_converter", ".", "the package currency_converter has no file"),
        ("currency_converter", "a.csv", "the package currency_converter has no file a.csv"),
    ],
)
def test_a_package_that_lacks_the_snapshot(
    raw: Path, package: str, file: str, sentence: str
) -> None:
    reader = f"reader:\n  python_package: {{package: {package}, file: {file}}}\n"
    save_source(raw, "exchange_rates/ecb", more=reader)
    [message] = messages(find_sources(raw, KINDS))
    assert message.startswith(f"raw/exchange_rates/ecb/source.yml: python_package: {sentence}")


def test_yes_and_no_are_words_of_a_list(raw: Path) -> None:
    more = "values: {access: {Yes: open, No: closed, on demand: closed}}\n"
    save_source(raw, "open_models/list", {"2024-01-01.csv": "a"}, more)
    [source] = find_sources(raw, KINDS).sources
    assert source.settings.values == {
        "access": {"Yes": "open", "No": "closed", "on demand": "closed"}
    }


def test_a_list_of_open_models_says_so(raw: Path) -> None:
    save_source(raw, "open_models/list", {"2024-01-01.csv": "a"}, "access: open\n")
    [source] = find_sources(raw, KINDS).sources
    assert source.settings.defaults == {"access": "open"}


def test_only_open_is_said_of_a_whole_list_of_models(raw: Path) -> None:
    save_source(raw, "open_models/list", {"2024-01-01.csv": "a"}, "access: closed\n")
    save_source(raw, "funding_rounds/deals", {"2024-01-01.csv": "a"}, "access: open\n")
    of_list, of_deals = sorted(messages(find_sources(raw, KINDS)), reverse=True)
    assert '`access` is "closed" but must be `open`' in of_list
    assert "the kind has no column `access`" in of_deals


def test_the_layers_of_market_maps_are_those_of_the_seed() -> None:
    [layer] = [column for column in KINDS["companies"].columns if column.name == "layer"]
    seed = Path(__file__).parents[2] / "dbt_project" / "seeds" / "layers.csv"
    lines = seed.read_text(encoding="utf-8").splitlines()[1:]
    assert list(layer.words) == [line.split(",")[0] for line in lines]
