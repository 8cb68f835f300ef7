"""Who is counted where: a list of strangers beside ours, and a universe that a user adds."""

from __future__ import annotations

import csv
import datetime as dt
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import openpyxl
import pandas as pd
import pytest

from orchestration.config import DBT_PROJECT

if TYPE_CHECKING:
    from conftest import Warehouse

ROUNDS = "funding_rounds/genai_rounds/2026-11-28.xlsx"
STRANGERS = 2000
NEW_ROUND = ("OpenAI", "Extension", "2025-12-15", "$7,000,000", "")
LARGEST_VALUATION = "$900,000,000,000"
SOURCE_YML = """\
title: A general list of rounds
producer: Test
url: https://example.org/rounds
licence: invented
accessed_on: 2026-11-23
contents: Rounds of invented companies in all trades, and a few of ours.
cadence: frozen
frozen_because: it is invented
"""


@pytest.fixture(scope="module")
def with_strangers(copied_warehouse: Callable[[str], Warehouse]) -> Warehouse:
    """Build with a list of companies on no map, thirty rounds that are ours and a new one."""
    built = copied_warehouse("strangers")
    folder = built.raw / "funding_rounds/general_list"
    folder.mkdir()
    (folder / "source.yml").write_text(SOURCE_YML)
    with (folder / "2026-11-23.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("Company", "Round", "Announced", "Amount", "Valuation"))
        rows.writerows([*invented_rounds(), *rounds_of_ours(built.raw / ROUNDS), NEW_ROUND])
    finished = built.build()
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return built


def invented_rounds() -> list[tuple[str, ...]]:
    chance = random.Random(20231130)  # noqa: S311 - not for secrets
    trades = ("Plumbing", "Dairy", "Forestry", "Ferries", "Carpets")
    return [
        (
            f"{chance.choice(trades)} of Valley {chance.randrange(900)}",
            chance.choice(("Seed", "Series A", "Series B")),
            f"{dt.date(2014, 1, 1) + dt.timedelta(chance.randrange(4000))}",
            f"${chance.randrange(1, 900) * 250_000:,}",
            LARGEST_VALUATION if number < 50 else "",
        )
        for number in range(STRANGERS)
    ]


def rounds_of_ours(workbook: Path) -> list[tuple[str, ...]]:
    _, _, _, header, *rows = openpyxl.load_workbook(workbook)["Rounds"].iter_rows(values_only=True)
    records = [dict(zip(map(str, header), row, strict=True)) for row in rows if row[1]]
    to_the_day = [
        record
        for record in records
        if isinstance(record["Announced"], dt.datetime)
        and str(record["Amount"]).startswith("$")
        and record["Kind"] == "equity"
    ]
    assert len(to_the_day) > 30
    return [
        (row["Company"], row["Round"], f"{row['Announced'].date()}", row["Amount"], "")
        for row in to_the_day[:30]
    ]


def reports(warehouse: Warehouse) -> dict[str, pd.DataFrame]:
    """Return the rows of mapped universes of every report that has universes."""
    names = warehouse.query(
        "select table_name from duckdb_columns() "
        "where schema_name = 'marts' and column_name = 'universe' and table_name like 'rpt_%'"
    )["table_name"]
    return {
        name: warehouse.query(
            f"select * from marts.{name} where universe <> 'everything_listed' order by all"
        )
        for name in names
    }


def test_a_general_list_changes_no_figure_but_through_mapped_companies(
    warehouse: Warehouse, with_strangers: Warehouse
) -> None:
    before, after = reports(warehouse), reports(with_strangers)
    assert len(before) >= 8
    for name, rows in before.items():
        # Of the new round of a mapped company, figures of its quarter speak; the others must stay.
        day = "quarter_start" if "quarter_start" in rows else "as_of_month"
        ours, with_list = (
            frame[frame[day] < "2025-10-01"].reset_index(drop=True) for frame in (rows, after[name])
        )
        assert len(ours) > 100
        pd.testing.assert_frame_equal(with_list, ours, rtol=1e-9, obj=name)
    raised = (
        "select raised_usd from marts.rpt_layer_share where as_of_month = '2025-12-31' "
        "and universe = 'genai' order by layer"
    )
    change = with_strangers.query(raised)["raised_usd"] - warehouse.query(raised)["raised_usd"]
    assert sorted(change) == [0, 0, 0, 0, 7_000_000]


def test_strangers_count_in_everything_listed(
    warehouse: Warehouse, with_strangers: Warehouse
) -> None:
    listed = with_strangers.query(
        "select layer, rounds, companies, is_complete from marts.rpt_layer_share "
        "where as_of_month = '2025-12-31' and universe = 'everything_listed'"
    ).set_index("layer")
    mapped = "select count(*) as n from marts.dim_companies where is_mapped"
    before, after = (place.query(mapped)["n"][0] for place in (warehouse, with_strangers))
    strangers = with_strangers.query(
        "select count(distinct company_id) as companies, count(*) as rounds "
        "from marts.fct_funding_rounds inner join marts.dim_companies using (company_id) "
        "where not is_mapped"
    ).iloc[0]
    assert listed.loc["unknown", "rounds"] == strangers["rounds"] > 0.9 * STRANGERS
    assert listed.loc["unknown", "companies"] == strangers["companies"]
    assert after == before > 600


def test_a_list_that_says_nothing_makes_only_what_is_listed_incomplete(
    with_strangers: Warehouse,
) -> None:
    complete = with_strangers.query(
        "select universe, last_complete_month from marts.dim_universes"
    ).set_index("universe")["last_complete_month"]
    assert pd.isna(complete.pop("everything_listed"))
    assert complete.pop("mega_rounds") == pd.Timestamp("2026-03-31")
    assert set(complete) == {pd.Timestamp("2023-06-30")}


def test_unmapped_companies_have_ranks_of_valuation_of_their_own(
    with_strangers: Warehouse,
) -> None:
    first = with_strangers.query(
        "select company_id, is_mapped from marts.rpt_valuations inner join marts.dim_companies "
        "using (company_id) where as_of_month = '2025-12-31' and rank_overall = 1"
    )
    assert first.loc[first["is_mapped"], "company_id"].to_list() == ["openai"]
    assert len(first.loc[~first["is_mapped"]]) > 1


def test_a_row_of_the_seed_is_a_universe_of_every_report(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    project = tmp_path / "dbt_project"
    shutil.copytree(DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    with (project / "seeds/universes.csv").open("a", newline="") as seed:
        seed.write(
            "young,Young,Founded 2018 to 2020,false,mapped,2018,2020,mlops,,,1000000,false\n"
        )
    home = tmp_path / "home"
    shutil.copytree(warehouse.home / "landing", home / "landing")
    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    finished = warehouse._replace(home=home).run(
        "dbt", "build", "--exclude-resource-type", "unit_test", *folders
    )
    assert finished.returncode == 0, finished.stdout[-4000:]
    with duckdb.connect(str(home / "candidate.duckdb"), read_only=True) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_columns() where schema_name = 'marts' "
                "and column_name = 'universe' and table_name like 'rpt_%'"
            ).fetchall()
        ]
        assert len(names) >= 8
        for name in names:
            found = connection.execute(
                f"select count(*) from marts.{name} where universe = 'young'"
            ).fetchone()
            assert found is not None and found[0] > 0, name
        reported, counted = connection.execute(
            """
            select
                (select raised_usd from marts.rpt_concentration
                 where universe = 'young' and layer = 'all' order by as_of_month desc limit 1),
                (select sum(amount_usd) from marts.fct_funding_rounds
                 inner join marts.dim_companies using (company_id)
                 where kind = 'equity' and founded_year between 2018 and 2020
                       and layer <> 'mlops' and amount_usd >= 1000000)
            """
        ).fetchall()[0]
        assert reported == pytest.approx(counted) and counted > 1e9
