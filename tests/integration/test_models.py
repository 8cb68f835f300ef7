"""Open models from lists that somebody drops in: what is open, what is one, what a list covers.

One small raw folder with invented lists is built once for all of these tests.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from conftest import PROJECT, Warehouse

FACTS = """\
title: A list
producer: Nobody, made up for a test
url: https://example.org/list
licence: For tests only
accessed_on: 2026-11-01
contents: Invented.
cadence: frozen
frozen_because: Made for one test.
"""
OPEN = "access: open\n"
COSTS = """\
model,organisation,access,benchmark,score,reference_model,training_cost,parameters,released,as_of
Small-13B,Lab,open,stated cost,,,$COST,13B,2023-03-30,2023-03-30
Small-13B,Lab,open,quality,0.90,Bigchat,,13B,2023-03-30,2023-03-30
Small-13B,Lab,open,quality,0.95,Bardic,,13B,2023-03-30,2023-03-30
Bigchat,Bigco,closed,quality,1.0,,,,2022-11-30,2023-03-30
Bardic,Otherco,closed,quality,1.0,,,,2023-03-21,2023-03-30
"""
LISTS = {
    "open_models/flags": (
        "",
        {
            "2026-11-01": "name,provider,released,open_weight\n"
            "Shutmodel-2,Acme AI,2023-01-05,false\n"
            "Openmodel-7B,Acme AI,2023-02-05,true\n"
        },
    ),
    "open_models/licences": (
        "",
        {
            "2026-11-01": "model,organization,license\n"
            "Shutmodel-3,Acme AI,Proprietary\n"
            "Shutmodel-4,Acme AI,API only\n"
            "Licensed-1,Acme AI,Apache 2.0\n"
            "Unclear-1,Acme AI,Custom\n"
        },
    ),
    "open_models/entries": (
        "",
        {
            "2026-11-01": "name,organization,size,type,access\n"
            "Big Words,Acme AI,500 billion words,dataset,open\n"
            "Chatthing,Acme AI,,application,open\n"
            "Othermodel,Acme AI,7B,model,open\n"
        },
    ),
    "open_models/accounts": (
        OPEN,
        {
            "2026-11-01": "model,licence,released\n"
            "acme/Openmodel-7B,MIT,\n"
            "uploader/Openmodel-7B-GPTQ,,2023-02-06\n"
            "Familymodel,MIT,\n"
            "acme/Othermodel,MIT,1950-01-01\n"
            + "".join(f"acme/Daily-{n},MIT,2023-02-{n:02}\n" for n in range(1, 21))
        },
    ),
    "open_models/corrected": (
        OPEN,
        {
            "2026-10-01": "model,organisation,released\nFamilymodel,Familyco,\nMistake,Acme AI,\n",
            "2026-11-01": "model,organisation,released\nFamilymodel,Familyco,2023-01\n",
        },
    ),
    "open_models/facts": (
        OPEN,
        {
            "2026-11-01": "model,organisation,type,released,license,url\n"
            "Daily-20,acme,fact,2023-02-19,CC-BY-NC-4.0,https://example.org/daily-20\n"
        },
    ),
    "open_models/tuned": (
        OPEN,
        {
            "2026-11-01": "model,organisation,base model,released,license\n"
            "Tuned-1,Tuner,Daily-20,2023-02-18,\n"
            "Tuned-2,Tuner,Openmodel-7B,2023-02-20,\n"
        },
    ),
    "model_scores/costs": (
        "",
        {
            "2026-11-20": COSTS.replace("COST", "3000"),
            "2026-11-25": COSTS.replace("COST", "5000"),
        },
    ),
}


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, new_warehouse: Callable[[Path], Warehouse]
) -> Warehouse:
    own = new_warehouse(tmp_path_factory.mktemp("models"))
    raw = own.raw
    for source, (more, files) in LISTS.items():
        folder = raw / source
        folder.mkdir(parents=True)
        (folder / "source.yml").write_text(FACTS + more, encoding="utf-8")
        for day, text in files.items():
            (folder / f"{day}.csv").write_text(text, encoding="utf-8")
    lists = ("companies/genai_market_map", "funding_rounds/genai_rounds", "exchange_rates")
    # The claims tell the month of the thesis.
    for source in (*lists, "claims/linux_moment"):
        shutil.copytree(PROJECT / "raw" / source, raw / source)
    # The largest rounds are complete for longer than the others.
    facts = raw / "funding_rounds" / "genai_rounds" / "source.yml"
    stated = yaml.safe_load(facts.read_text(encoding="utf-8"))
    stated["complete"] = [
        {"to": dt.date(2023, 6, 30)},
        {"to": dt.date(2025, 12, 31), "from_usd": 100_000_000},
    ]
    facts.write_text(yaml.safe_dump(stated), encoding="utf-8")
    finished = own.build()
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return own


def test_what_is_not_open_is_rejected_with_the_reason(built: Warehouse) -> None:
    rejects = built.query(
        "select source, coalesce(value, ''), rule from audit.rejects "
        "where kind = 'open_models' order by all"
    )
    assert [tuple(row) for row in rejects.itertuples(index=False)] == [
        ("entries", "application", "not_a_model"),
        ("entries", "dataset", "not_a_model"),
        ("flags", "false", "not_an_open_model"),
        ("licences", "", "access_unknown"),
        ("licences", "API only", "not_an_open_model"),
        ("licences", "Proprietary", "not_an_open_model"),
    ]


def test_two_lists_tell_of_one_model(built: Warehouse) -> None:
    models = built.query(
        "select model_id, count(distinct statement.source_row_id) as listings "
        "from marts.dim_models inner join audit.statements as statement "
        "on entity = 'model' and entity_id = model_id group by model_id"
    ).set_index("model_id")["listings"]
    assert models["acme/openmodel7b"] == 2
    assert models["acme/othermodel"] == 2
    assert models["familyco/familymodel"] == 3, "and once in the superseded snapshot"
    assert "acmeai/mistake" not in models, "the newest snapshot of the list has taken it back"


def test_a_copy_is_no_original(built: Warehouse) -> None:
    [copy] = built.query(
        "select model_id, copy_of_model_id, base_model_id from marts.fct_model_releases "
        "where release_form = 'copy'"
    ).itertuples(index=False)
    assert tuple(copy) == (
        "uploader/openmodel7bgptq",
        "acme/openmodel7b",
        "acme/openmodel7b",
    )


def test_one_row_of_1950_is_no_span_of_days(built: Warehouse) -> None:
    spans = built.query(
        "select cast(min(released_on) as varchar), cast(max(released_on) as varchar), count(*), "
        "max(known_to_date) from marts.rpt_release_cadence where source = 'accounts'"
    )
    # Known are the model of 1950, too, and one that is dated to January.
    assert spans.to_numpy().tolist() == [["2023-02-01", "2023-02-20", 20, 24]]
    old = built.query("select * from marts.dim_months where as_of_month < '2000-01-01'")
    assert old.empty


def test_a_corrected_snapshot_of_scores_speaks_alone(built: Warehouse) -> None:
    scores = built.query("select training_cost_usd from marts.fct_model_scores")
    assert len(scores) == 5
    assert scores["training_cost_usd"].dropna().tolist() == [5000]


def test_a_score_is_of_its_own_pair(built: Warehouse) -> None:
    ratios = built.query("select reference_model, score_ratio from marts.rpt_model_catch_up")
    assert ratios.set_index("reference_model")["score_ratio"].to_dict() == {
        "Bigchat": 0.90,
        "Bardic": 0.95,
    }


def test_a_stated_fact_goes_before_the_lists_and_covers_no_day(built: Warehouse) -> None:
    [fact] = built.query(
        "select cast(released_on as varchar), licence_class, licence_basis "
        "from marts.fct_model_releases where model_id = 'acme/daily20'"
    ).itertuples(index=False)
    assert tuple(fact) == ("2023-02-19", "non_commercial", "own"), "the list says 20 February, MIT"
    sources = built.query("select distinct source from marts.rpt_release_cadence")["source"]
    assert "facts" not in set(sources)


def test_each_list_counts_its_own_models_on_its_own_days(built: Warehouse) -> None:
    rows = built.query(
        "select source, count(*) as days, sum(releases) as releases "
        "from marts.rpt_release_cadence group by source"
    ).set_index("source")
    # What accounts prints as of 20 February, the last day that it covers, is of the 19th.
    assert rows.loc["accounts"].to_list() == [20, 22]
    assert rows.loc["tuned"].to_list() == [3, 2]


def test_a_licence_that_binds_what_is_made_from_its_model(built: Warehouse) -> None:
    tuned = built.query(
        "select model_id, licence_class, licence_basis from marts.fct_model_releases "
        "where model_id like 'tuner/%' order by model_id"
    )
    assert tuned["licence_class"].to_list() == ["non_commercial", "unknown"]
    assert tuned["licence_basis"].fillna("").to_list() == ["base", ""]


def test_the_thesis_is_asked_again_of_what_is_complete_at_both_months(built: Warehouse) -> None:
    found = built.query("select * from audit.thesis_then_and_now").set_index("measure")
    assert set(found["universe"]) == {"mega_rounds"}, "the others are complete to June 2023 only"
    indices = built.query(
        "select hhi from marts.rpt_concentration where universe = 'mega_rounds' "
        "and layer = 'model_platform' and as_of_month in ('2023-06-30', '2025-12-31') "
        "order by as_of_month"
    )["hhi"]
    assert found.loc["hhi", ["then_value", "now_value"]].to_list() == indices.to_list()
    assert found.loc["hhi", "change_in_value"] == indices[1] - indices[0]
    page = (built.home / "report.html").read_text(encoding="utf-8")
    assert 'id="thesis"' in page
    word = "higher" if found.loc["hhi", "change_in_value"] > 0 else "lower"
    assert f"Concentration of the model layer (HHI): <strong>{word}</strong>" in page
