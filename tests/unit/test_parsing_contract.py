"""What every parser owes its caller, whatever its type."""

import datetime as dt
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.config import DBT_PROJECT
from orchestration.parsing import FIELDS, PARSERS, Context, dates

KINDS = sorted(PARSERS)


def test_every_parser_has_fields() -> None:
    assert PARSERS.keys() == FIELDS.keys()


@pytest.mark.parametrize("kind", KINDS)
@given(texts=st.lists(st.text(min_size=1), unique=True, max_size=5), header=st.text())
def test_one_array_of_the_promised_type_for_each_field(
    kind: str, texts: list[str], header: str
) -> None:
    columns = PARSERS[kind](texts, Context(header=header))
    assert list(columns) == list(FIELDS[kind])
    for suffix, dtype in FIELDS[kind].items():
        assert columns[suffix].type == dtype
        assert len(columns[suffix]) == len(texts)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "part", ["(", "1,", "1 ", "$1M-", "a, ", "rest ", "[](", "<!--", "1x", "5 May "]
)
def test_a_very_long_text_is_no_trap(kind: str, part: str) -> None:
    started = time.process_time()
    columns = PARSERS[kind]([part * 20_000], Context(currency="USD"))
    assert all(len(column) == 1 for column in columns.values())
    assert time.process_time() - started < 10  # a pattern that goes back over it takes minutes


def test_the_calendar_of_the_marts_holds_every_day_that_a_date_may_be() -> None:
    years = dates._YEARS
    days = (dt.date(years[-1], 12, 31) - dt.date(years[0], 1, 1)).days + 1
    model = DBT_PROJECT / "models" / "intermediate" / "int_calendar_days.sql"
    [counted] = re.findall(r"generate_series\((\d+)\)", model.read_text())
    assert int(counted) >= days
