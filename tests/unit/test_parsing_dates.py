"""Dates: which day and which precision each way of printing them means, and what has neither."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.parsing import FIELDS, PARSERS, Context
from orchestration.parsing.text import words


def parse(text: str, *others: str) -> tuple[object, ...]:
    columns = PARSERS["date"]([text, *others], Context())
    return tuple(columns[suffix][0].as_py() for suffix in FIELDS["date"])


DATES = [
    ("2023-05-04", "2023-05-04", "day"),
    ("2023/05/04", "2023-05-04", "day"),
    ("2023.05.04", "2023-05-04", "day"),
    ("2023-5-4", "2023-05-04", "day"),
    ("20230504", "2023-05-04", "day"),
    ("2023-05-04 00:00:00", "2023-05-04", "day"),
    ("2023-05-04T12:00:00Z", "2023-05-04", "day"),
    ("2023-05-04T23:30:00.123+02:00", "2023-05-04", "day"),
    ("2023-05-04 11:30 PM PST", "2023-05-04", "day"),
    ("5 May 2023", "2023-05-05", "day"),
    ("5. Mai 2023", "2023-05-05", "day"),
    ("5 mai 2023", "2023-05-05", "day"),
    ("1er juillet 2023", "2023-07-01", "day"),
    ("12. März 2023", "2023-03-12", "day"),
    ("4 de mayo de 2023", "2023-05-04", "day"),
    ("4 août 2023", "2023-08-04", "day"),
    ("May 5, 2023", "2023-05-05", "day"),
    ("MAY 5TH, 2023", "2023-05-05", "day"),
    ("Thursday, May 4th, 2023", "2023-05-04", "day"),
    ("Thu, 4 May 2023 10:00:00 GMT", "2023-05-04", "day"),
    ("Sept. 9, 2021", "2021-09-09", "day"),
    ("2023-May-04", "2023-05-04", "day"),
    ("4-May-23", "2023-05-04", "day"),
    ("4 May '99", "1999-05-04", "day"),
    ("05/23/2023", "2023-05-23", "day"),
    ("23/05/2023", "2023-05-23", "day"),
    ("23.05.2023", "2023-05-23", "day"),
    ("23/05/23", "2023-05-23", "day"),
    ("05/05/2023", "2023-05-05", "day"),
    ("2023年5月4日", "2023-05-04", "day"),
    ("2023/05<!--04-->", "2023-05-04", "day"),
    ("44927", "2023-01-01", "day"),
    ("44927.5", "2023-01-01", "day"),
    ("2024-02-29", "2024-02-29", "day"),
    ("2023-05", "2023-05-31", "month"),
    ("2023/05", "2023-05-31", "month"),
    ("2024-02", "2024-02-29", "month"),
    ("2023-03 (month recalled)", "2023-03-31", "month"),
    ("05/2023", "2023-05-31", "month"),
    ("May 2023", "2023-05-31", "month"),
    ("Mai 2023", "2023-05-31", "month"),
    ("2023 May", "2023-05-31", "month"),
    ("May-23", "2023-05-31", "month"),
    ("2023年5月", "2023-05-31", "month"),
    ("Q1 2023", "2023-03-31", "quarter"),
    ("1Q23", "2023-03-31", "quarter"),
    ("2023Q1", "2023-03-31", "quarter"),
    ("2023-Q4", "2023-12-31", "quarter"),
    ("Q2'23", "2023-06-30", "quarter"),
    ("first quarter of 2023", "2023-03-31", "quarter"),
    ("4th quarter 2022", "2022-12-31", "quarter"),
    ("3. Quartal 2022", "2022-09-30", "quarter"),
    ("2023", "2023-12-31", "year"),
    ("2023.0", "2023-12-31", "year"),
    ("c. 2019", "2019-12-31", "year"),
    ("1950", "1950-12-31", "year"),
    ("2100", "2100-12-31", "year"),
]

PROBLEMS = [
    ("05/06/2023", "either way"),
    ("5/6/23", "either way"),
    ("2023-02-30", "not a day of the calendar"),
    ("31 April 2023", "not a day of the calendar"),
    ("13/13/2023", "not a day of the calendar"),
    ("00/23/2023", "not a day of the calendar"),
    ("2023-13", "no month 13"),
    ("1949-12-31", "before 1950"),
    ("2101", "after 2100"),
    ("0001-01-01", "before 1950"),
    ("10000", "before 1950"),
    ("FY2023", "financial year"),
    ("H1 2023", "half year"),
    ("2H23", "half year"),
    ("2023 YTD", "Year to date"),
    ("mid-2023", "part of a period"),
    ("late 2022", "part of a period"),
    ("2022Q2 to 2022-05-02", "more than one date"),
    ("2023-01-01..2023-05-24", "more than one date"),
    ("2021+2022", "more than one date"),
    ("2021 and 2022", "more than one date"),
    ("Jan-Mar 2023", "more than one date"),
    ("5 May", "year is missing"),
    ("May 23", "year is missing"),
    ("May", "year is missing"),
    ("yesterday", "not a date"),
    ("Q5 2023", "not a date"),
    ("2023-05-04 or so", "not a date"),
    ("Series A", "not a date"),
]


@pytest.mark.parametrize(("text", "day", "precision"), DATES)
def test_a_date_is_understood(text: str, day: str, precision: str) -> None:
    assert parse(text) == (date.fromisoformat(day), precision, None)


@pytest.mark.parametrize(("text", "problem"), PROBLEMS)
def test_what_is_no_date_has_a_problem(text: str, problem: str) -> None:
    day, precision, explanation = parse(text)
    assert (day, precision) == (None, None)
    assert problem in str(explanation)


@pytest.mark.parametrize("text", ["n/a", "N/A", "-", "unknown", "TBD", "?"])
def test_a_missing_date_is_no_problem(text: str) -> None:
    assert parse(text) == (None, None, None)


@pytest.mark.parametrize(
    ("others", "day"),
    [
        (("23/05/2023",), "2023-06-05"),
        (("23.05.2023 10:00",), "2023-06-05"),
        (("05/23/2023",), "2023-05-06"),
        (("2023-05-23", "31/31/2023"), None),
        (("23/05/2023", "05/23/2023"), None),
    ],
)
def test_the_column_proves_the_order_of_day_and_month(
    others: tuple[str, ...], day: str | None
) -> None:
    assert parse("05/06/2023", *others)[0] == (date.fromisoformat(day) if day else None)


def test_a_column_with_both_orders_says_so() -> None:
    assert "uses both orders" in str(parse("05/06/2023", "23/05/2023", "05/23/2023")[2])


DAYS = st.dates(min_value=date(1970, 1, 1), max_value=date(2060, 12, 31))
STYLES: list[Callable[[date], str]] = [
    date.isoformat,
    lambda day: day.strftime("%Y/%m/%d"),
    lambda day: day.strftime("%Y%m%d"),
    lambda day: day.strftime("%d %B %Y"),
    lambda day: day.strftime("%B %d, %Y"),
    lambda day: day.strftime("%d-%b-%y"),
    lambda day: day.strftime("%A, %b %d %Y %H:%M"),
    lambda day: day.strftime("%d/%m/%Y"),
    lambda day: f"{day.isoformat()} 00:00:00",
    lambda day: str((day - date(1899, 12, 30)).days),
]


@given(day=DAYS, style=st.sampled_from(STYLES))
def test_a_printed_day_is_read_back(day: date, style: Callable[[date], str]) -> None:
    assert parse(style(day), "31/12/2023") == (day, "day", None)


@given(
    day=DAYS,
    style=st.sampled_from(["%Y", "%Y-%m", "%m/%Y", "%B %Y", "%b-%y"]),
)
def test_a_period_ends_on_or_after_each_of_its_days(day: date, style: str) -> None:
    last, precision, _ = parse(day.strftime(style))
    assert isinstance(last, date)
    assert day <= last
    assert (last.year, last.month) == (day.year, 12 if precision == "year" else day.month)


DATE_WORDS = words("2023 23 05 5 13 31 May März Q1 1Q - / . , ' to T 12:00 YTD H1 n/a") | {" "}
DATE_TEXTS = st.lists(st.sampled_from(sorted(DATE_WORDS)), max_size=6).map("".join)


@given(text=st.text() | DATE_TEXTS)
def test_any_text_has_either_a_day_or_none(text: str) -> None:
    day, precision, problem = parse(text)
    assert (day is None) == (precision is None)
    assert day is None or problem is None
    assert problem is None or str(problem).endswith(".")


@given(texts=st.lists(DATE_TEXTS, unique=True, max_size=6))
def test_the_order_of_the_texts_does_not_matter(texts: list[str]) -> None:
    forwards = PARSERS["date"](texts, Context())
    backwards = PARSERS["date"](texts[::-1], Context())
    for suffix in FIELDS["date"]:
        assert forwards[suffix].to_pylist() == backwards[suffix].to_pylist()[::-1]
