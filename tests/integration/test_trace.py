"""`genai-ledger trace`: every figure is the sum of source rows, whose cells are those of raw/."""

from __future__ import annotations

import csv
import json
import math
import shutil
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import openpyxl
import pytest
from click.testing import CliRunner, Result

from orchestration.cli import main
from orchestration.config import DBT_PROJECT
from orchestration.lineage import figure_queries

if TYPE_CHECKING:
    from conftest import Warehouse

MODELS = sorted((DBT_PROJECT / "models" / "marts").glob("rpt_*.sql"))
NUMBERS = ("DOUBLE", "INTEGER", "BIGINT")
SOME_MONTHS = "as_of_month in ('2014-06-30', '2019-12-31', '2023-02-28')"
SOME_UNIVERSES = (
    "universe in ('genai', 'genai_2013_without_infrastructure', 'without_largest_round')"
)
BECAUSE = {"layer", "founded_year", "genai_fit", "model_access"}
# Neither sums nor quotients of sums, and what is taken as published.
INDICES = {
    "rpt_adoption": {"months_to_milestone", "longest_months_to_milestone"},
    "rpt_base_models": {"most_generations"},
    "rpt_company_share": {"rank_in_layer"},
    "rpt_concentration": {
        *("hhi", "gini", "effective_companies"),
        *(f"top_{n}_share" for n in (1, 3, 5, 10)),
    },
    "rpt_funding_pace": {
        *("largest_round_usd", "largest_round_share", "other_rounds_usd", "other_rounds_multiple")
    },
    "rpt_layer_share": {"unknown_year_companies"},
    "rpt_lorenz_curve": {"share_of_companies", "share_of_usd"},
    "rpt_model_catch_up": {
        *("score_ratio", "training_cost_usd", "reference_training_cost_usd", "cost_ratio"),
        *("parameters_bn", "reference_parameters_bn", "parameters_ratio", "days_behind"),
    },
    "rpt_model_lineage": {"generations_from_root"},
    "rpt_release_cadence": {"max_in_day_to_date", "max_original_in_day_to_date"},
    "rpt_valuations": {"rank_overall", "rank_in_layer", "strategic_backers"},
}


def run(warehouse: Warehouse, *arguments: str) -> Result:
    home = {"GENAI_LEDGER_HOME": str(warehouse.home)}
    return CliRunner().invoke(main, ["trace", *arguments], env=home)


def traced(warehouse: Warehouse, *arguments: str) -> Any:
    finished = run(warehouse, *arguments, "--json")
    assert finished.exit_code == 0, finished.output
    return json.loads(finished.output)


@cache
def workbook(path: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path, data_only=True)


def raw_cell(raw: Path, cell: dict[str, Any], sheet: str) -> str:
    """Read a cell with another library than the pipeline does."""
    path = raw.parent / cell["file"]
    letters = cell["address"].rstrip("0123456789")
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as lines:
            table = list(csv.reader(lines))
        return str(table[cell["row_number"] - 1][ord(letters) - ord("A")])
    return str(workbook(path)[sheet][cell["address"]].value)


@pytest.mark.parametrize("name", [path.stem for path in MODELS])
def test_source_rows_sum_to_every_figure_that_is_no_index(warehouse: Warehouse, name: str) -> None:
    with duckdb.connect(str(warehouse.served), read_only=True) as served:
        report = figure_queries.reports(served)[name]
        condition = figure_queries.Condition()
        if "universe" in report.keys and "as_of_month" in report.keys:
            condition = figure_queries.Condition(f"{SOME_MONTHS} and {SOME_UNIVERSES}")
        elif "as_of_month" in report.keys:
            condition = figure_queries.Condition(SOME_MONTHS)
        described = served.execute(f"describe marts.{name}").fetchall()
        rows = figure_queries.chosen_rows(served, report, condition)
        sources = figure_queries.source_rows(served, report, condition, report.parts)
        known = served.execute("select distinct source_row_id from audit.source_cells").fetchall()
        sums: dict[tuple[int, str], float] = defaultdict(float)
        for source in sources:
            sums[source.figure_row, source.part] += source.adds
        numbers = {column for column, kind, *_ in described if kind in NUMBERS}
        assert numbers - set(report.keys) == set(report.figures), "a figure that can't be traced"
        assert rows
        assert {source.source_row_id for source in sources} <= {row_id for (row_id,) in known}
        for column, figure in report.figures.items():
            compared = [row for row in rows if row[column] is not None]
            assert compared, f"nothing to compare for {column}"
            for row in compared:
                parts = {part: sums[row["figure_row"], part] for part in figure.parts}
                assert any(parts.values()) or not row[column], (column, row)
                if figure.formula:
                    value = figure_queries.computed(served, figure.formula, parts) or 0
                    assert math.isclose(row[column], value, rel_tol=1e-9), (column, row)


def test_what_is_additive_is_no_index(warehouse: Warehouse) -> None:
    """Only what can't be a sum or a quotient of sums may go without being held against its rows."""
    with duckdb.connect(str(warehouse.served), read_only=True) as served:
        reports = figure_queries.reports(served)
    indices = {
        report.name: {name for name, figure in report.figures.items() if not figure.formula}
        for report in reports.values()
    }
    assert {name: figures for name, figures in indices.items() if figures} == INDICES


def test_an_index_is_traced_to_the_shares_of_its_companies(warehouse: Warehouse) -> None:
    keys = ("--month", "2023-02", "--layer", "all", "--universe", "genai", "--figure", "hhi")
    trace = traced(warehouse, "rpt_concentration", *keys)
    assert trace["formula"] is trace["computed"] is None
    assert trace["agrees"], "the rounds add up to the report's raised_usd"
    held: dict[str, float] = defaultdict(float)
    for source in trace["sources"]:
        held[source["group"]] += source["adds"]["raised_usd"]
    squares = sum((usd / trace["row"]["raised_usd"]) ** 2 for usd in held.values())
    assert math.isclose(10_000 * squares, trace["value"])
    lines = run(warehouse, "rpt_concentration", *keys, "--limit", "1").output.splitlines()
    at = lines.index("made of raised_usd by share:")
    top = trace["row"]["top_1_share"]
    assert lines[at + 1].split() == [f"${held['OpenAI']:,.0f}", f"{top:.1%}", "OpenAI"]


def test_a_new_report_is_traced_without_an_entry(warehouse: Warehouse, tmp_path: Path) -> None:
    """By its keys and the names of its figures; one that isn't what its name says is told."""
    other = warehouse._replace(home=tmp_path)
    shutil.copyfile(warehouse.served, other.served)
    with duckdb.connect(str(other.served)) as connection:
        connection.execute(
            "create table marts.rpt_new as select as_of_month, universe, layer, raised_usd,"
            " rounds + 1 as rounds from marts.rpt_layer_share"
        )
        connection.execute(
            "insert into audit.data_dictionary select * replace ('rpt_new' as table_name)"
            " from audit.data_dictionary where table_name = 'rpt_layer_share'"
            " and column_name in ('as_of_month', 'universe', 'layer', 'raised_usd', 'rounds')"
        )
    keys = ("--month", "2023-02", "--layer", "mlops", "--universe", "genai_2013")
    trace = traced(other, "rpt_new", *keys)
    assert trace["agrees"]
    assert trace["value"] == pytest.approx(sum(s["adds"]["raised_usd"] for s in trace["sources"]))
    finished = run(other, "rpt_new", *keys, "--figure", "rounds")
    assert "please report this" in finished.output


def test_a_share_is_traced_to_the_cells_of_its_rounds(warehouse: Warehouse) -> None:
    keys = ("--month", "2023-02", "--layer", "model_platform", "--universe", "genai")
    found = traced(warehouse, "rpt_layer_share", *keys, "--figure", "share")
    served = warehouse.query(
        "select raised_usd, share from marts.rpt_layer_share where as_of_month = '2023-02-28'"
        " and layer = 'model_platform' and universe = 'genai'"
    ).iloc[0]
    assert found["value"] == served.share
    sums = dict.fromkeys(found["parts"], 0.0)
    for source in found["sources"]:
        for part, adds in source["adds"].items():
            sums[part] += adds
    assert math.isclose(sums["raised_usd"], served.raised_usd)
    assert math.isclose(sums["raised_usd"] / sums["all_layers_usd"], served.share)
    for source in found["sources"]:
        columns = [cell["column_name"] for cell in source["cells"]]
        assert columns == ["amount", "company", "announced"]
        assert {cell["column_name"] for cell in source["because"]} <= BECAUSE
        for cell in [*source["cells"], *source["because"]]:
            assert raw_cell(warehouse.raw, cell, cell["sheet"]) == cell["text"]
    microsoft = next(source for source in found["sources"] if "2023-01-23" in source["label"])
    assert microsoft["adds"]["raised_usd"] == 10_000_000_000
    assert microsoft["cells"][0]["text"] == "reportedly $10Bn over multiple years"
    assert microsoft["source_url"].startswith("https://")


def test_a_figure_from_one_cell_is_that_cell(warehouse: Warehouse) -> None:
    found = traced(warehouse, "rpt_adoption", "--product", "tiktok")
    (source,) = found["sources"]
    assert found["value"] == source["adds"]["months"] == float(source["cells"][0]["text"])
    assert raw_cell(warehouse.raw, source["cells"][0], "") == source["cells"][0]["text"]


def test_a_model_goes_by_its_id_before_its_name(warehouse: Warehouse) -> None:
    (listings, scores) = traced(warehouse, "model", "vicuna-13b")
    assert listings["keys"] == scores["keys"] == {"model_id": "vicuna13b"}
    assert {source["label"].split(", ")[0] for source in scores["sources"]} == {"Vicuna-13B"}


def test_a_company_goes_by_any_of_its_names(warehouse: Warehouse) -> None:
    one, other = (traced(warehouse, "company", name) for name in ("Together", "TOGETHER AI, Inc."))
    assert one == other
    by_figure = {trace["figure"]: trace for trace in one}
    assert by_figure["equity_usd"]["value"] == sum(
        source["adds"]["equity_usd"] for source in by_figure["equity_usd"]["sources"]
    )
    expected = warehouse.query(
        "select count(*) from marts.fct_funding_rounds where company_id = 'togetherai'"
    ).iloc[0, 0]
    assert sum(len(trace["sources"]) for trace in one) == expected


def test_another_currency_shows_its_rate_and_its_cells(warehouse: Warehouse) -> None:
    priced = warehouse.query(
        "select entity_id, currency, rate_date, usd_per_unit from audit.rates_used"
        " inner join audit.statements using (source_row_id)"
        " where column_name = 'amount' and currency = 'GBP' and tells_it order by 1 limit 1"
    ).iloc[0]
    amount = traced(warehouse, "round", priced.entity_id)[0]
    (rate,) = amount["sources"][0]["rates"]
    assert (rate["currency"], rate["rate_date"]) == ("GBP", str(priced.rate_date.date()))
    pound, dollar = rate["cells"]
    assert (pound["header"], dollar["header"]) == ("GBP", "USD")
    assert rate["usd_per_unit"] == pytest.approx(float(dollar["text"]) / float(pound["text"]))


def test_a_merged_row_is_shown_as_evidence(warehouse: Warehouse) -> None:
    merged = warehouse.query(
        "select entity_id, source_row_id from audit.statements"
        " where entity = 'round' and not tells_it order by 1 limit 1"
    ).iloc[0]
    amount = traced(warehouse, "round", merged.entity_id)[0]
    also = [row["source_row_id"] for source in amount["sources"] for row in source["also"]]
    assert also == [merged.source_row_id]


def test_the_printed_trace_shows_cells_and_never_limits_the_sum(warehouse: Warehouse) -> None:
    served = warehouse.query(
        "select raised_usd, rounds - undisclosed_rounds as rounds from marts.rpt_layer_share"
        " where as_of_month = '2023-02-28' and layer = 'model_platform' and universe = 'genai'"
    ).iloc[0]
    keys = (
        "--month",
        "2023-02",
        "--layer",
        "model_platform",
        "--universe",
        "genai",
        "--limit",
        "1",
    )
    lines = run(warehouse, "rpt_layer_share", *keys).output.splitlines()
    assert any("amount E846 'reportedly $10Bn over multiple years'" in line for line in lines)
    assert any(line.strip().startswith("because raw/companies/genai_market_map/") for line in lines)
    rest, total = lines[-2].strip(), lines[-1].strip()
    assert total == f"${round(served.raised_usd, 2):,.0f}  sum"
    assert rest.startswith(
        f"${round(served.raised_usd - 10e9, 2):,.0f}  in {served.rounds - 1:.0f}"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["rpt_layer_share", "--month", "2023-02"], "--universe (cited_only, "),
        (["rpt_layer_shar"], "did you mean `rpt_layer_share`"),
        (["rpt_adoption", "--month", "2023-02"], "its rows are chosen by --product, --milestone"),
        (["rpt_mega_rounds", "--quarter", "1999-Q1"], "has no quarter '1999-Q1'; there are 20"),
        (["rpt_mega_rounds", "--key", "quarter"], "--key takes COLUMN=VALUE"),
        (
            ["rpt_mega_rounds", "--quarter", "2022Q1", "--universe", "genai", "--figure", "hhi"],
            "has no figure hhi; there are",
        ),
        (["company", "Nobody's Company"], 'There is no company "Nobody\'s Company"'),
        (["company"], "genai-ledger trace company NAME"),
        (["company", "opnai"], "no company 'opnai'; did you mean 'OpenAI'?"),
        (["model", "vicuna 13"], "did you mean 'Vicuna-13B'?"),
        (["rpt_layer_share", "--month", "2023-13"], "--month 2023-13 is no month; write it as 20"),
        (["rpt_release_cadence", "--day", "2023-02-31"], "is no day; write it as 2023-02-28"),
        (["rpt_mega_rounds", "--quarter", "2023Q7"], "is no quarter; write it as 2023Q1"),
        (["rpt_layer_share", "--layer", "model platfrm"], "did you mean 'model_platform'?"),
        (["rpt_layer_share", "--universe", "gena"], "did you mean 'genai'?"),
        (["rpt_layer_share", "--layer", "mlops", "--figure", "shar"], "choose by"),
    ],
)
def test_a_mistake_gets_one_sentence_that_helps(
    warehouse: Warehouse, arguments: list[str], says: str
) -> None:
    finished = run(warehouse, *arguments)
    assert finished.exit_code == 1
    assert len(finished.output.splitlines()) == 1
    assert says in finished.output
