"""Lists that tell the same in other words: one round or two, one company or two, and what is told.

The names are invented; each is a case that once came out wrong.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from conftest import PROJECT, Warehouse

if TYPE_CHECKING:
    from pathlib import Path

SOURCE_YML = """\
title: Invented
producer: invented
url: https://example.org
licence: invented
accessed_on: 2026-11-20
contents: invented
cadence: frozen
frozen_because: invented
"""
COMPANY_COLUMNS = ("Company", "Layer", "Founded", "Website", "Aliases", "Model access")
MAPS = {
    "first_map": """\
        Steadily AI|model_platform|2019|steadily.ai||closed
        Harvester|application|2022|harvester.ai||
        Spoken.ai|application|2022|||
        Rayn|infrastructure|2017|rayn.tech||
        Disputed|model_platform|2016|||closed
        Chatter|application|2021|chatter.ai|Jabber|""",
    "second_map": """\
        Disputed|mlops|2009|||open""",
    "unicorns": """\
        Horned|unknown|2015|||""",
}
ROUND_COLUMNS = ("Company", "Website", "Round", "Kind", "Date", "Amount", "Source URL")
ROUNDS = {
    "first_list": """\
        SeedThenA||Seed||2023-01-10|$10M|https://a.org/1
        SeedThenC||Series C||2022-12-05|$50M|https://a.org/2
        Extended||Series A||2023-02-01|$20M|https://a.org/3
        Tranched||Series C||2023-05-01|$400M|https://a.org/4
        Tardy||Series B||2022-06-01|$50M|https://a.org/5
        ThreeTimes||Series B||2023-03-01|$100M|https://a.org/6
        Shifted||Series D||2026-02-04|$500M|https://a.org/7
        Shifted||Series D||2026-02-05|$500M|https://a.org/8
        OfThatYear||Series A||2022|$20M|https://a.org/9
        InEuros||Series A||2023-02-01|EUR 10M|https://a.org/10
        Unspoken||Series A||2022-06-01|undisclosed|https://a.org/11
        Tendered||Tender offer|tender|2023-04-28|$300M|https://a.org/12
        Given||Founding gift|grant|2015-12-11|$1Bn|https://a.org/13
        Lent||Credit facility|debt|2024-10-11|$650M|https://a.org/14
        Lent||Secondary sale|secondary|2024-11-13|$650M|https://a.org/15
        TwoLoans||Debt||2025-03-25|$9.7M|https://a.org/16
        TwoLoans||Debt||2025-03-26|$9.1M|https://a.org/17
        Steadily||Series A||2022-10-17|$101M|https://a.org/18
        Safe Intelligence (SI)||Seed||2024-09-04|$1Bn|https://a.org/19
        Scaler AI||Series E||2021-04-13|$325M|https://a.org/20
        Spoken||Series B||2003-04-24|$9.2M|https://a.org/21
        Rayn|https://rayncards.com|Series B||2024-08-20|$58M|https://a.org/22
        Harvester AI||Series C||2026-03-25|$200M|https://a.org/23
        Relabelled||Series B||2020-04-30|$51M|https://a.org/24
        Harvester||Seed||2010-06-01|$4M|https://a.org/25
        ToTheMonth||Series B||Jan 2023|$30M|https://a.org/26
        LoanInside||Series B||2023-01-10|$100M|https://a.org/27
        NoteOrShares||Series C||2022-10-18|$90M|https://a.org/28
        TwoAlike||||2023-02-01|$10M|https://a.org/29
        TwoAlike||||2023-02-01|$10M|https://a.org/30
        Hugged Face||Series C||2022-05-09|$100M|https://a.org/31
        Y.AI||Series B||2024-05-26|$6Bn|https://a.org/32
        Horned||Series E||2021-05-26|$300M|https://a.org/33""",
    "second_list": """\
        SeedThenA||Series A||2023-02-08|$10.5M|https://b.org/1
        SeedThenC||Seed||2022-11-15|$46M|https://b.org/2
        Extended||Series A extension||2023-02-15|$20M|https://b.org/3
        Tranched||Series C||2023-05-01|$450M|
        Tardy||Series B||2022-07-15|$50M|https://b.org/5
        ThreeTimes||Series B||2023-03-02|$109M|https://b.org/6
        OfThatYear||Seed||2022-02-10|$20M|https://b.org/9
        InEuros||Series A||2023-02-01|$12M|https://b.org/10
        Unspoken||Venture - Series A||2022-06-01|$12M|https://b.org/11
        Tendered||Series E||2023-04-28|$300M|https://b.org/12
        Given||Seed||2015-12-11|$1Bn|https://b.org/13
        Steadily AI||Series A||2022-10-17|$101M|https://b.org/18
        Safe Intelligence||Seed||2024-09-04|$1Bn|https://b.org/19
        Scaler||Series E||2021-04-13|$325M|https://b.org/20
        Chatter||Seed||2021-06-01|$3M|https://b.org/21
        /organization/jabber||Seed||2010-06-01|$2M|https://b.org/22
        Relabelled||Series C||2020-04-30|$51M|https://b.org/24
        OfThatYear||Series B||2022-12-20|$21M|https://b.org/25
        ToTheMonth||Series B||2023-03-01|$30M|https://b.org/26
        LoanInside||Series B||2023-01-10|$115M|https://b.org/27
        NoteOrShares||Convertible Note||2022-10-18|$90M|https://b.org/28
        TwoAlike||||2023-02-01|$10M|https://b.org/29
        HuggedFace||Series C||2022-05-09|$100M|https://b.org/31
        yAI||Series B||2024-05-26|$6Bn|https://b.org/32""",
    "third_list": """\
        ThreeTimes||Series B||2023-03-03|$119M|https://c.org/6""",
}


def write_lists(raw: Path, kind: str, columns: Sequence[str], lists: dict[str, list[str]]) -> None:
    """Write each list as a source of its own."""
    for name, lines in lists.items():
        folder = raw / kind / name
        folder.mkdir(parents=True)
        (folder / "source.yml").write_text(SOURCE_YML)
        with (folder / "2026-11-20.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([columns, *(line.strip().split("|") for line in lines)])


def build(built: Warehouse, rounds: dict[str, list[str]]) -> Warehouse:
    """Build the maps and these lists of rounds, and nothing else."""
    shutil.copytree(PROJECT / "raw" / "exchange_rates", built.raw / "exchange_rates")
    maps = {name: lines.splitlines() for name, lines in MAPS.items()}
    write_lists(built.raw, "companies", COMPANY_COLUMNS, maps)
    write_lists(built.raw, "funding_rounds", ROUND_COLUMNS, rounds)
    finished = built.build()
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return built


@pytest.fixture(scope="module")
def resolved(
    tmp_path_factory: pytest.TempPathFactory, new_warehouse: Callable[[Path], Warehouse]
) -> Warehouse:
    lists = {name: lines.splitlines() for name, lines in ROUNDS.items()}
    return build(new_warehouse(tmp_path_factory.mktemp("resolution")), lists)


@pytest.mark.parametrize(
    ("company", "rounds"),
    [
        # Stages that contradict keep rounds apart, however near their days and amounts.
        ("seedthena", {("equity", 10.0), ("equity", 10.5)}),
        ("seedthenc", {("equity", 46.0), ("equity", 50.0)}),
        ("extended", {("equity", 20.0), ("equity", 20.0)}),
        ("ofthatyear", {("equity", 20.0), ("equity", 21.0)}),
        # One stage told with other days or amounts is one round, by the better evidence.
        ("tranched", {("equity", 400.0)}),
        ("tardy", {("equity", 50.0)}),
        ("threetimes", {("equity", 100.0)}),
        ("shifted", {("equity", 500.0)}),
        ("ineuros", {("equity", 10.894)}),
        ("unspoken", {("equity", 12.0)}),
        ("relabelled", {("equity", 51.0)}),
        ("tothemonth", {("equity", 30.0)}),
        ("loaninside", {("equity", 100.0)}),
        ("noteorshares", {("debt", 90.0)}),
        ("twoalike", {("equity", 10.0)}),
        ("huggedface", {("equity", 100.0)}),
        ("yai", {("equity", 6000.0)}),
        # The kind that a list states goes before the one that another leaves to be assumed.
        ("tendered", {("tender", 300.0)}),
        ("given", {("grant", 1000.0)}),
        # Two kinds of money, and two lenders, are two rounds of one list.
        ("lent", {("debt", 650.0), ("secondary", 650.0)}),
        ("twoloans", {("debt", 9.7), ("debt", 9.1)}),
    ],
)
def test_one_round_or_two(
    resolved: Warehouse, company: str, rounds: set[tuple[str, float]]
) -> None:
    found = resolved.query(
        "select kind, amount_usd / 1e6 as millions from marts.fct_funding_rounds "
        f"where company_id = '{company}'"
    )
    assert {(kind, millions) for kind, millions in found.to_numpy().tolist()} == rounds
    twice = {"extended": 2, "ofthatyear": 3}
    assert len(found) == twice.get(company, len(rounds))


@pytest.mark.parametrize(
    ("name", "companies"),
    [
        ("steadily", {"steadilyai": 101.0}),  # a shared round tells that they are one
        ("scalerai", {"scaler": 325.0}),
        ("safeintelligence", {"safeintelligence": 1000.0}),  # an abbreviation adds nothing
        ("harvesterai", {"harvester": 200.0}),  # general words, after its founding
        ("harvester", {"harvester": 200.0, "harvester-before-2022": 4.0}),
        ("spoken", {"spoken": 9.2}),
        ("rayn", {"rayn": 0.0, "rayn-rayncards.com": 58.0}),  # another website
        ("jabber", {"chatter": 3.0, "jabber-before-2021": 2.0}),  # an alias, but too early
    ],
)
def test_one_company_or_two(resolved: Warehouse, name: str, companies: dict[str, float]) -> None:
    found = resolved.query(
        "select names.company_id, coalesce(sum(rounds.amount_usd), 0) / 1e6 "
        "from audit.company_names as names "
        "left join marts.fct_funding_rounds as rounds using (company_id) "
        f"where names.name_key = '{name}' group by names.company_id"
    )
    assert dict(found.to_numpy().tolist()) == companies


def test_only_companies_that_a_list_names_are_companies(resolved: Warehouse) -> None:
    companies = resolved.query("select company_id from marts.dim_companies")["company_id"]
    assert "togetherai" not in set(companies)  # known to the alias seed only


def test_a_list_without_layers_puts_no_company_on_the_map(resolved: Warehouse) -> None:
    mapped = resolved.query("select company_id from marts.dim_companies where is_mapped")
    assert "steadilyai" in set(mapped["company_id"])
    assert "horned" not in set(mapped["company_id"])


def test_a_permalink_is_shown_as_a_name(resolved: Warehouse) -> None:
    shown = resolved.query(
        "select company from marts.dim_companies where company_id = 'jabber-before-2021'"
    )
    assert shown["company"].tolist() == ["Jabber (before 2021)"]


def test_a_contradiction_of_lists_is_told(resolved: Warehouse) -> None:
    told = resolved.query("select company_id, disagrees_on from audit.round_conflicts")
    assert set(map(tuple, told.to_numpy().tolist())) == {
        ("tranched", "amount"),
        ("tardy", "date"),
        ("threetimes", "date, amount"),
        ("shifted", "date"),
        ("ineuros", "amount"),
        ("unspoken", "amount"),
        ("relabelled", "label"),
        ("tendered", "kind"),
        ("given", "kind"),
        ("noteorshares", "kind"),
        ("tothemonth", "date"),
        ("loaninside", "amount"),
    }
    assert resolved.query(
        "select distinct told_kind from audit.round_conflicts where disagrees_on = 'kind'"
    )["told_kind"].sort_values().tolist() == ["debt", "grant", "tender"]


def test_what_may_be_one_is_told_with_its_dollars(resolved: Warehouse) -> None:
    rounds = resolved.query(
        "select company_id, at_stake_usd / 1e6 from audit.possible_duplicates order by rank_by_usd"
    )
    assert rounds.to_numpy().tolist() == [["extended", 20.0], ["ofthatyear", 20.0]]
    companies = resolved.query(
        "select company_id, other_company_id, at_stake_usd / 1e6 "
        "from audit.possible_companies where not is_one order by rank_by_usd"
    )
    assert companies.to_numpy().tolist() == [
        ["rayn", "rayn-rayncards.com", 58.0],
        ["spokenai", "spoken", 9.2],
        ["harvester", "harvester-before-2022", 4.0],
        ["chatter", "jabber-before-2021", 2.0],
    ]


def test_maps_that_contradict_each_other_are_told(resolved: Warehouse) -> None:
    told = resolved.query(
        "select company_id, fact, told_value, other_value from audit.map_conflicts order by fact"
    )
    assert told.to_numpy().tolist() == [
        ["disputed", "founded_year", "2009", "2016"],
        ["disputed", "layer", "mlops", "model_platform"],
        ["disputed", "model_access", "open", "closed"],
    ]


def test_no_money_is_lost_or_counted_twice(resolved: Warehouse) -> None:
    holds = resolved.query("select holds from audit.reconciliation where holds is not null")
    assert len(holds) > 0
    assert holds["holds"].all()
    accepted, counted, merged = (
        resolved.query(
            """
            select
                sum(case when check_name = 'money' then computed else 0 end),
                (
                    select sum(amount_usd) from marts.fct_funding_rounds
                    where company_id <> 'ineuros'
                ),
                sum(case when check_name = 'money_merged' then computed else 0 end)
            from audit.reconciliation
            where kind = 'funding_rounds' and currency = 'USD' and subject <> 'valuation'
            """
        )
        .to_numpy()
        .tolist()[0]
    )
    assert accepted == counted + merged  # the round told in euros is merged in dollars


def test_order_of_rows_and_of_lists_changes_nothing(
    resolved: Warehouse,
    tmp_path: Path,
    new_warehouse: Callable[[Path], Warehouse],
) -> None:
    renamed = dict(zip(ROUNDS, reversed(ROUNDS), strict=True))
    lists = {renamed[name]: lines.splitlines()[::-1] for name, lines in ROUNDS.items()}
    turned = build(new_warehouse(tmp_path), dict(reversed(lists.items())))
    reports = resolved.query(
        "select table_name as name from duckdb_tables() "
        "where schema_name = 'marts' and table_name like 'rpt_%' and estimated_size > 0"
    )["name"]
    assert len(reports) >= 8
    for table, columns in (
        *((f"marts.{name}", "columns(c -> c not like '%row_id')") for name in reports),
        ("marts.fct_funding_rounds", "round_id, company_id, announced_on, kind, amount_usd"),
        ("marts.dim_companies", "company_id, company, layer, founded_year, is_mapped"),
        ("audit.possible_duplicates", "round_id, other_round_id, reason, at_stake_usd"),
        ("audit.possible_companies", "company_id, other_company_id, reason, at_stake_usd"),
        ("audit.round_conflicts", "round_id, disagrees_on, told_amount, other_amount"),
    ):
        query = f"select {columns} from {table} order by all"
        pd.testing.assert_frame_equal(turned.query(query), resolved.query(query), obj=table)
