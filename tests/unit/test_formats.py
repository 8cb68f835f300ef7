"""Three figures are three figures, whatever the unit, on the terminal, in answers and documents."""

from __future__ import annotations

import re
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.report.formats import (
    cell,
    dollars,
    header,
    is_whole,
    markdown,
    readings,
    reason,
    sentence,
    three_figures,
)

SIZES = {"Tn": 12, "Bn": 9, "MM": 6, "K": 3}


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (9.88e9, "$9.88Bn"),
        (1e9, "$1.00Bn"),
        (999.6e6, "$1.00Bn"),
        (999.4e6, "$999MM"),
        (9.996e9, "$10.0Bn"),
        (999.5e9, "$1.00Tn"),
        (112.5e6, "$113MM"),
        (2.125e9, "$2.13Bn"),
        (999_500, "$1.00MM"),
        (84_480, "$84.5K"),
        (300, "$300"),
        (0, "$0"),
        (-5e6, "-$5.00MM"),
        (None, "-"),
        (float("nan"), "-"),
    ],
)
def test_dollars_have_three_figures_and_their_unit(amount: float | None, text: str) -> None:
    assert dollars(amount) == text


@given(st.floats(min_value=1_000, max_value=9.9e14))
def test_dollars_are_near_in_three_figures_and_below_a_thousand_of_their_unit(
    amount: float,
) -> None:
    found = re.fullmatch(r"\$(\d+(?:\.\d+)?)(Tn|Bn|MM|K)", dollars(amount))
    assert found
    digits, unit = found.groups()
    assert len(digits.replace(".", "")) == 3
    assert 1 <= float(digits) < 1000
    told = Decimal(digits).scaleb(SIZES[unit])
    half_a_step = Decimal(1).scaleb(SIZES[unit] - len(digits.partition(".")[2])) / 2
    # Where the step before was ten times finer, the amount lies within half of that.
    assert abs(told - Decimal(amount)) <= half_a_step


@given(st.floats(min_value=1_000, max_value=6e14), st.floats(min_value=1, max_value=1.5))
def test_more_dollars_are_never_told_as_fewer(amount: float, times: float) -> None:
    def value(text: str) -> Decimal:
        unit = text.lstrip("$0123456789.")
        return Decimal(text[1 : len(text) - len(unit)]).scaleb(SIZES[unit])

    assert value(dollars(amount)) <= value(dollars(amount * times))


@given(st.floats(min_value=0.001, max_value=999))
def test_other_numbers_have_three_figures_too(number: float) -> None:
    digits = three_figures(number)
    assert float(digits) == pytest.approx(number, rel=0.005001)
    assert len(digits.replace(".", "").lstrip("0")) == 3
    assert digits == three_figures(float(digits))


def test_whole_numbers_and_large_ones_have_no_decimals() -> None:
    assert cell(4753.04, "hhi") == cell(4753, "rounds") == "4,753"
    assert cell(13.0, "parameters_max_bn") == "13"
    assert cell(2.104, "effective_companies") == "2.10"
    assert cell(0.8827, "gini") == "0.883"
    assert cell(1234.56, "average") == "1,235"


def test_companies_are_named_by_what_is_counted() -> None:
    rows = pd.DataFrame({"layer": ["mlops"], "companies": [318], "raised_usd": [1e9]})
    assert header("companies") == "companies with amounts"
    assert markdown(rows).splitlines()[0] == "| layer | companies with amounts | raised |"


def test_a_part_of_a_sentence_is_left_out_where_a_figure_lacks() -> None:
    template = "{ytd_usd} by {as_of_month}[[, {ytd_multiple} times the year before]]."
    row = {"ytd_usd": 2e9, "as_of_month": "2023-06-30", "ytd_multiple": 2.74}
    assert sentence(template, row) == "$2.00Bn by 30 June 2023, 2.74 times the year before."
    assert sentence(template, row | {"ytd_multiple": None}) == "$2.00Bn by 30 June 2023."
    assert is_whole(template, row | {"ytd_multiple": None})
    assert not is_whole(template, row | {"ytd_usd": None})


def test_a_name_in_braces_is_a_name() -> None:
    assert sentence("{company} led; {of} is a name", {"company": "{acme}"}) == (
        "{acme} led; {of} is a name"
    )


def test_codes_are_words_of_their_column() -> None:
    assert cell("none", "model_access") == "no model released"
    assert cell("none", "company") == "none"
    assert cell("unknown", "layer") == "in no market map"
    assert cell(value=True, column="is_mapped") == "yes"


def test_a_claim_has_its_reasons_as_sentences() -> None:
    claim = {
        "not_comparable_because": None,
        "tolerance_because": "the bank rounds",
        "tolerance": 0.1,
        "note": "read in founded_2013_or_later.",
    }
    assert reason(claim) == "The bank rounds (tolerance 10.0%). Read in founded 2013 or later."
    assert [readings(codes) for codes in (None, "a", "a, b (mlops)")] == [
        "no reading",
        "1 reading",
        "2 readings",
    ]
