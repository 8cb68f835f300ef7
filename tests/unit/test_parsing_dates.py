"""Dates: which day and which precision each way of printing them means, and what has neither."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.parsing import FIELDS, PARSERS, Context
from orchestration.parsing.text import words


def parse(text: str, *others: str, header: str = "", said: str = "") -> tuple[object, ...]:
    columns = PARSERS["date"]([text, *others], Context(header=header, date_order=said))
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
    ("1800", "1800-12-31", "year"),
    ("1911", "1911-12-31", "year"),
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
    ("1799-12-31", "before 1800"),
    ("2101", "after 2100"),
    ("0001-01-01", "before 1800"),
    ("10000", "not a date"),
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
    assert parse(text) == (date.fromisoformat(day), precision, None, None)


@pytest.mark.parametrize(("text", "problem"), PROBLEMS)
def test_what_is_no_date_has_a_problem(text: str, problem: str) -> None:
    day, precision, note, explanation = parse(text)
    assert (day, precision, note) == (None, None, None)
    assert problem in str(explanation)


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("January", date(2019, 1, 31), "month"),
        ("12. Mai", date(2019, 5, 12), "day"),
        ("5 May 2021", date(2021, 5, 5), "day"),
        ("May '20", date(2020, 5, 31), "month"),
    ],
)
def test_a_date_without_a_year_is_of_the_year_that_is_stated(
    text: str, day: date, precision: str
) -> None:
    columns = PARSERS["date"]([text], Context(year=2019))
    assert [columns["_day"][0].as_py(), columns["_precision"][0].as_py()] == [day, precision]


@pytest.mark.parametrize(
    "text",
    [
        *("n/a", "N/A", "-", "unknown", "TBD", "?", "Not publicly disclosed", "not yet announced"),
        *("Non communiqué", "keine Angabe", "no divulgado", "未披露", "не раскрыта"),
    ],
)
def test_a_missing_date_is_no_problem(text: str) -> None:
    assert parse(text) == (None, None, None, None)


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
    assert "uses both orders" in str(parse("05/06/2023", "23/05/2023", "05/23/2023")[3])


@pytest.mark.parametrize(
    ("said", "header", "others", "day", "problem"),
    [
        ("dmy", "", (), "2023-06-05", ""),
        ("mdy", "", (), "2023-05-06", ""),
        ("mdy", "Date dd/mm/yyyy", (), "2023-05-06", ""),
        ("dmy", "", ("23/05/2023", "24/05/2023", "05/23/2023"), "2023-06-05", ""),
        ("mdy", "", ("23/05/2023",), None, "contradicts source.yml"),
        ("", "Date mm/dd/yyyy", ("23/05/2023",), None, "contradicts its header"),
    ],
)
def test_a_stated_order_settles_what_the_cells_leave_open(
    said: str, header: str, others: tuple[str, ...], day: str | None, problem: str
) -> None:
    found = parse("05/06/2023", *others, header=header, said=said)
    assert found[0] == (date.fromisoformat(day) if day else None)
    assert problem in str(found[3])
    assert bool(found[3]) is (day is None)


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
    assert parse(style(day), "31/12/2023") == (day, "day", None, None)


@given(
    day=DAYS,
    style=st.sampled_from(["%Y", "%Y-%m", "%m/%Y", "%B %Y", "%b-%y"]),
)
def test_a_period_ends_on_or_after_each_of_its_days(day: date, style: str) -> None:
    last, precision, _, _ = parse(day.strftime(style))
    assert isinstance(last, date)
    assert day <= last
    assert (last.year, last.month) == (day.year, 12 if precision == "year" else day.month)


DATE_WORDS = words("2023 23 05 5 13 31 May März Q1 1Q - / . , ' to T 12:00 YTD H1 n/a") | {" "}
DATE_TEXTS = st.lists(st.sampled_from(sorted(DATE_WORDS)), max_size=6).map("".join)


@given(text=st.text() | DATE_TEXTS)
def test_any_text_has_either_a_day_or_none(text: str) -> None:
    day, precision, _, problem = parse(text)
    assert (day is None) == (precision is None)
    assert day is None or problem is None
    assert problem is None or str(problem).endswith(".")


@given(texts=st.lists(DATE_TEXTS, unique=True, max_size=6))
def test_the_order_of_the_texts_does_not_matter(texts: list[str]) -> None:
    forwards = PARSERS["date"](texts, Context())
    backwards = PARSERS["date"](texts[::-1], Context())
    for suffix in FIELDS["date"]:
        assert forwards[suffix].to_pylist() == backwards[suffix].to_pylist()[::-1]


@pytest.mark.parametrize(
    ("text", "day", "read_as"),
    [
        ("05/072018", "2018-07-05", "05/07/2018"),
        ("01/07/015", "2015-07-01", "01/07/2015"),
        ("12/05.2015", "2015-05-12", "12/05/2015"),
        ("22/01//2015", "2015-01-22", "22/01/2015"),
    ],
)
def test_a_slip_that_leaves_no_doubt_is_mended_and_told(text: str, day: str, read_as: str) -> None:
    parsed = parse(text, "31/12/2015")
    note = f"Printed {text}, read as {read_as}."
    assert parsed == (date.fromisoformat(day), "day", note, None)


@pytest.mark.parametrize("text", ["05/7/20188", "1/7/0155", "01-02012", "12//2015", "5/062018/1"])
def test_a_slip_that_leaves_doubt_is_not_mended(text: str) -> None:
    day, _, _, problem = parse(text, "31/12/2015")
    assert day is None
    assert problem


@pytest.mark.parametrize("text", [r"\xc2\xa010/7/2015", r"\\xc2\\xa010/7/2015"])
def test_an_escape_sequence_is_read_as_what_it_stands_for(text: str) -> None:
    assert parse(text, "31/12/2015")[0] == date(2015, 7, 10)


@pytest.mark.parametrize(
    ("header", "others", "day"),
    [
        ("Date dd/mm/yyyy", (), date(2023, 6, 5)),
        ("Date (MM-DD-YYYY)", (), date(2023, 5, 6)),
        ("Datum (TT.MM.JJJJ)", (), date(2023, 6, 5)),
        ("Date dd/mm/yyyy", ("05/23/2023",), None),
        ("Date", (), None),
    ],
)
def test_a_header_proves_the_order_unless_a_cell_contradicts(
    header: str, others: tuple[str, ...], day: date | None
) -> None:
    assert parse("05/06/2023", *others, header=header)[0] == day


def test_one_slip_in_a_hundred_does_not_unsettle_a_column() -> None:
    days = [date(2020, 1 + n // 28 % 12, 13 + n % 16).strftime("%d/%m/%Y") for n in range(250)]
    days = sorted(set(days))
    assert len(days) > 100
    day, _, note, _ = parse("05/06/2020", *days, "05/23/2020")
    assert day == date(2020, 6, 5)
    assert "day first" in str(note)
    assert parse("05/06/2020", *days[:99], "05/23/2020")[0] is None


def as_a_program_keeps(day: date) -> str:
    """Return what a spreadsheet program of the month-first order makes of 05/06/2017, 5 June."""
    typed = day.strftime("%d/%m/%Y")
    return date(day.year, day.day, day.month).isoformat() if day.day <= 12 else typed


@pytest.mark.parametrize("stamp", ["", " 00:00:00"])
def test_days_and_months_that_a_program_swapped_are_swapped_back(stamp: str) -> None:
    true = [date(2017, 1 + n % 12, 1 + n % 28) for n in range(84)]
    cells = [as_a_program_keeps(day) for day in true]
    cells = [cell + stamp if "-" in cell else cell for cell in cells]
    columns = PARSERS["date"](cells, Context())
    assert columns["_day"].to_pylist() == true
    notes = dict(zip(cells, columns["_note"].to_pylist(), strict=True))
    swapped = {cell for cell, note in notes.items() if note and "swapped back" in note}
    assert swapped == {
        cell for cell, day in zip(cells, true, strict=True) if "-" in cell and day.day != day.month
    }


def test_too_few_cells_are_left_as_read_and_told() -> None:
    day, _, note, _ = parse("2017-08-01", "2017-03-02", "2017-04-05", "25/06/2017", "13/02/2017")
    assert day == date(2017, 8, 1)
    assert "may have swapped" in str(note)


MONTHS, EARLY = range(1, 13), (1, 2, 3, 12)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([f"2019-{month:02}-{day:02}" for month in MONTHS for day in EARLY], "swapped"),
        ([f"{2000 + n}-01-{n:02}" for n in range(1, 29)], "of one month"),
        ([f"{2000 + n}-01-01" for n in range(24)] + ["2001-05-03"], "of one month"),
        ([f"2019-{month:02}-01" for month in MONTHS] * 2, ""),  # somebody's choice
        ([f"2019-01-{day:02}" for day in range(1, 29)], ""),  # a list of one month
        ([f"2019-{month:02}-{day:02}" for month in MONTHS for day in (3, 8, 24)], ""),
    ],
)
def test_real_dates_that_chance_does_not_make_are_told(cells: list[str], told: str) -> None:
    columns = PARSERS["date"](list(dict.fromkeys(cells)), Context())
    notes = {note for note in columns["_note"].to_pylist() if note}
    assert (len(notes), all(told in note for note in notes)) == (bool(told), True)
    assert columns["_problem"].null_count == len(columns["_problem"])


@pytest.mark.parametrize("other", ["2017-08-13", "05/06/2017"])
def test_dates_that_were_not_swapped_stay_as_they_are(other: str) -> None:
    real = [f"2017-{month:02}-{day:02}" for month in range(1, 13) for day in (1, 5, 9)]
    texts = [f"{day}/06/2017" for day in range(13, 31)]
    assert parse("2017-08-01", *real, *texts, other)[::2] == (date(2017, 8, 1), None)


def test_the_first_of_every_month_is_nobodys_slip() -> None:
    real = [f"20{year}-{month:02}-01" for year in (16, 17, 18) for month in range(2, 13)]
    texts = [f"{day}/06/2017" for day in range(13, 31)]
    assert parse("2019-08-01", *real, *texts)[0] == date(2019, 8, 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("5 мая 2023", "2023-05-05"),
        ("март 2023", "2023-03-31"),
        ("5 maja 2023", "2023-05-05"),
        ("12 mars 2024", "2024-03-12"),
        ("říjen 2023", "2023-10-31"),
        ("10 серпня 2024", "2024-08-10"),
        ("5 Ekim 2023", "2023-10-05"),
        ("🟩 Mar 2025", "2025-03-31"),
        ("◻️ 2023-11-05", "2023-11-05"),
    ],
)
def test_months_of_other_languages_and_pictures_beside_a_date(text: str, day: str) -> None:
    assert str(PARSERS["date"]([text], Context())["_day"][0].as_py()) == day
