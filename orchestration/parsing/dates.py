"""Dates: text to the last day of the period it names, and the precision it was printed with.

Ambiguous day/month order is settled by the other cells of the column (`date_order`), never
guessed. A period that has no place among day, month, quarter and year (a half year, a range) has a
problem instead. Clock times and time zones are dropped: the day is the one printed. A date that is
read otherwise than it is printed has a note that says so.
"""

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache

import pyarrow as pa
from babel.dates import get_day_names, get_month_names

from orchestration.parsing.date_order import (
    ISO,
    MONTHS_OF_YEAR,
    ONE_MONTH,
    UNDONE,
    YEAR_LAST,
    DayMonthOrder,
    proven_order,
)
from orchestration.parsing.text import (
    Columns,
    Context,
    Fields,
    as_columns,
    is_missing,
    refuse_cell_error,
    tidy,
    without_pictures,
    without_remark,
    words,
)

DATE_FIELDS: Fields = {
    "_day": pa.date32(),
    "_precision": pa.string(),
    "_note": pa.string(),
    "_problem": pa.string(),
}

_YEARS = range(1800, 2101)  # companies of the nineteenth century are on market maps
_FIRST_SERIAL_YEAR = 1950
_YEAR_DIGITS = 4
_FIRST_OF_1900 = 69  # of years with two digits
# Of a name that several have for different months, the first counts.
_LANGUAGES = (
    "en",
    "de",
    "fr",
    "es",
    "it",
    "nl",
    "pt",
    "sv",
    "da",
    "nb",
    "pl",
    "cs",
    "ru",
    "uk",
    "tr",
)


@cache  # asked of every language: a quarter of a second that only who reads dates pays
def _months() -> dict[str, int]:
    """Return month names and abbreviations, casefolded and without points, with their numbers."""
    months = {"sept": 9}
    for language in _LANGUAGES:
        for width in ("wide", "abbreviated"):
            for use in ("format", "stand-alone"):
                for number, name in get_month_names(width, use, locale=language).items():
                    months.setdefault(name.casefold().rstrip("."), number)
    return months


@cache
def _fillers() -> frozenset[str]:
    """Return what stands in a date in words and says nothing: names of weekdays, articles."""
    weekdays = {
        name.casefold().rstrip(".")
        for language in _LANGUAGES
        for names in (
            get_day_names("wide", locale=language),
            get_day_names("abbreviated", locale=language),
        )
        for name in names.values()
    }
    # "mar" is a Tuesday in French, but March wherever a date needs a month.
    return words("of de den der the le st nd rd th er") | weekdays.difference(_months())


_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}

_HIDDEN_DAY = re.compile(r"<!-- ?([0-9]{1,2}) ?-->$")  # open-llms keeps the day in a comment
_TIME = re.compile(
    r"(?<=[0-9])(?:t|,? )[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[ap]\.?m\.?)?"
    r"(?: ?(?:[a-z]{1,4}|(?:utc|gmt)?[-+][0-9]{1,2}(?::?[0-9]{2})?))?$"
)
_SPACED_MARK = re.compile(r" ?([-/.年月년월]) ?")
_EAST_ASIAN = str.maketrans({"年": "-", "月": "-", "년": "-", "월": "-", "日": None, "일": None})

_DATE_MARKS = frozenset("-/.")
# Slips that leave no doubt: 12/05.2015 and 22/01//2015, 05/072018, 01/07/015.
_SLIPS = (
    re.compile(r"([0-9]{1,2})[-/.]{1,2}([0-9]{1,2})[-/.]{1,2}((?:19|20)[0-9]{2})"),
    re.compile(r"([0-9]{1,2})[-/.]([0-9]{2})((?:19|20)[0-9]{2})"),
    re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]0([0-9]{2})"),
)
_SHORT_YEAR = "(?P<year>[0-9]{4}|[0-9]{2})"
# What a date is printed as in figures: the groups that it has tell its precision.
_FORMS = (
    re.compile(r"(?:~ ?|c\. ?|ca\. ?|circa )?(?P<year>[0-9]{4})(?:\.0|-)?"),
    re.compile(r"(?P<year>[0-9]{4})[-/](?P<month>[0-9]{1,2})-?"),
    re.compile(r"(?P<year>[0-9]{4})\.(?P<month>[0-9]{2})"),
    re.compile(r"(?P<year>[0-9]{4})([-/.])(?P<month>[0-9]{1,2})\2(?P<day>[0-9]{1,2})"),
    re.compile(rf"(?P<quarter>q[1-4]|[1-4]q|t[1-4])[-/' ]*(?:of )?{_SHORT_YEAR}"),
    re.compile(r"(?P<year>[0-9]{4})[-/ ]?(?P<quarter>q[1-4]|[1-4]q|t[1-4])"),
    re.compile(
        r"(?P<quarter>first|second|third|fourth|[1-4])(?:st|nd|rd|th|er|e|\.)? ?"
        r"(?:quarter|quartal|trimestre),? ?(?:of )?(?P<year>[0-9]{4})"
    ),
    re.compile(r"(?P<month>[0-9]{1,2})[-/.](?P<year>[0-9]{4})"),
    re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"),
)
_SERIAL = re.compile(r"([0-9]{5})(?:\.[0-9]+)?")
_WORDS = re.compile(r"[0-9]+|[^\W\d_]+")
_WORD_MARKS = frozenset(" ,./-'")
_UNFIT = (
    (re.compile(r"ytd|year to date"), "Year to date has no known end."),
    (re.compile(r"h[12]|[12]h|half|halb|semest"), "A half year is not a period used here."),
    (re.compile(r"fy|fiscal|financial"), "A financial year has no known end."),
    (re.compile(r"early|late|mid|end"), "This names a part of a period."),
)
_SEVERAL = "This names more than one date: write the one that counts."
_NOT_A_DATE = "This is not a date: write it as 2023-05-04, 2023-05, 2023Q2 or 2023."

_Row = tuple[date | None, str | None, str | None, str | None]
_Meaning = tuple[date, str]


def parse_dates(texts: Sequence[str], context: Context) -> Columns:
    """Parse days, months, quarters and years; "n/a" has neither a day nor a problem.

    `_day` is the period's last day; `_precision` is day, month, quarter or year; `_note` says how a
    date was read that isn't read as printed.
    """
    tidied = [tidy(text) for text in texts]
    mended = [_mended(text) for text in tidied]
    order = proven_order(texts, mended, context.header, context.date_order)
    rows = (
        _row(text, date, order, context.year) for text, date in zip(tidied, mended, strict=True)
    )
    return as_columns(rows, DATE_FIELDS)


def _row(text: str, mended: str, order: DayMonthOrder, stated_year: int | None) -> _Row:
    if is_missing(text):
        return None, None, None, None
    try:
        refuse_cell_error(text)
        day, precision = _read(mended, order, stated_year)
    except ValueError as unclear:
        return None, None, None, str(unclear)
    note = ""
    if day.day <= MONTHS_OF_YEAR and day.day != day.month:  # day and month could be swapped
        if order.note and YEAR_LAST.match(mended):
            note = order.note
        elif order.real_dates and ISO.fullmatch(text):
            note = order.real_dates
            day = day.replace(month=day.day, day=day.month) if note == UNDONE else day
    elif order.real_dates == ONE_MONTH and ISO.fullmatch(text):
        note = ONE_MONTH
    if mended != text:
        note = f"Printed {text}, read as {mended}. {note}".rstrip()
    return day, precision, note or None, None


def _mended(text: str) -> str:
    """Return a date without slips of typing; any other text as it is."""
    if text[2:3] in _DATE_MARKS or text[1:2] in _DATE_MARKS:
        for pattern in () if YEAR_LAST.match(text) else _SLIPS:
            if slip := pattern.fullmatch(text):
                return f"{slip[1]}/{slip[2]}/{_full_year(slip[3])}"
    return text


def _read(text: str, order: DayMonthOrder, stated_year: int | None) -> _Meaning:
    """Return the last day and the precision of one tidied text; ValueError says what is wrong."""
    if iso := ISO.fullmatch(text):
        return _day(int(iso[1]), int(iso[2]), int(iso[3])), "day"
    plain = _plain(text)
    if year_last := YEAR_LAST.fullmatch(plain):
        return _read_year_last(year_last, order)
    for form in _FORMS:
        if match := form.fullmatch(plain):
            return _read_form(match.groupdict())
    if serial := _SERIAL.fullmatch(plain):
        return _read_serial(int(serial[1])), "day"
    if meaning := _in_words(plain, stated_year):
        return meaning
    if len(re.findall("(?:19|20)[0-9]{2}", plain)) > 1:
        raise ValueError(_SEVERAL)
    for pattern, problem in _UNFIT:
        if pattern.search(plain):
            raise ValueError(f"{problem} Write a day, a month, a quarter or a year instead.")
    raise ValueError(_NOT_A_DATE)


def _plain(text: str) -> str:
    """Return the text without what doesn't tell the day: pictures, times, remarks, spaced marks."""
    plain = without_remark(_HIDDEN_DAY.sub(r"/\1", without_pictures(text).casefold()))
    plain = _SPACED_MARK.sub(r"\1", _TIME.sub("", plain))
    return plain.translate(_EAST_ASIAN)


def _day(year: int, month: int, day: int) -> date:
    _check_year(year)
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"{year:04}-{month:02}-{day:02} is not a day of the calendar.") from None


def _month_end(year: int, month: int) -> date:
    if not 1 <= month <= MONTHS_OF_YEAR:
        raise ValueError(f"There is no month {month}.")
    _check_year(year)
    return date(year, month, monthrange(year, month)[1])


def _check_year(year: int) -> None:
    if year not in _YEARS:
        raise ValueError(f"The year {year} is before {_YEARS[0]} or after {_YEARS[-1]}.")


def _full_year(digits: str) -> int:
    """Return a year printed with two digits as POSIX reads it: 68 is 2068, 69 is 1969."""
    year = int(digits)
    if len(digits) == _YEAR_DIGITS:
        return year
    return year + (2000 if year < _FIRST_OF_1900 else 1900)


def _read_form(printed: Mapping[str, str]) -> _Meaning:
    year = _full_year(printed["year"])
    if quarter := printed.get("quarter"):
        return _month_end(year, 3 * (_ORDINALS.get(quarter) or int(quarter.strip("qt")))), "quarter"
    if "month" not in printed:
        return _month_end(year, MONTHS_OF_YEAR), "year"
    if "day" not in printed:
        return _month_end(year, int(printed["month"])), "month"
    return _day(year, int(printed["month"]), int(printed["day"])), "day"


def _read_year_last(match: re.Match[str], order: DayMonthOrder) -> _Meaning:
    first, second, year = int(match[1]), int(match[3]), _full_year(match[4])
    if first != second and max(first, second) <= MONTHS_OF_YEAR:
        if order.day_first is None:
            raise ValueError(
                f"Day and month can be read either way, and the rest of the column {order.doubt}:"
                " write the date as 2023-05-04, or state the column's order in source.yml, such as"
                " `dates: {announced: dmy}` or mdy."
            )
        day_first = order.day_first
    else:
        day_first = first > MONTHS_OF_YEAR
    return _day(year, *((second, first) if day_first else (first, second))), "day"


def _read_serial(number: int) -> date:
    """Read the day number that spreadsheets keep for a date; five digits span 1927 to 2173."""
    day = date(1899, 12, 30) + timedelta(days=number)
    if day.year < _FIRST_SERIAL_YEAR:
        raise ValueError(_NOT_A_DATE)
    _check_year(day.year)
    return day


def _in_words(plain: str, stated_year: int | None) -> _Meaning | None:
    """Read a date with its month's name, in any usual order; None when it isn't one."""
    parts = [part for part in _WORDS.findall(plain) if part not in _fillers()]
    numbers = [part for part in parts if part.isdigit()]
    months = [_months().get(part, 0) for part in parts if not part.isdigit()]
    if not months or 0 in months or not set(_WORDS.sub("", plain)) <= _WORD_MARKS:
        return None
    if len(months) > 1 or len(numbers) > len(("day", "year")):
        raise ValueError(_SEVERAL)
    has_year_behind_mark = plain[-3:-2] in {"-", "'"}  # May-23, as spreadsheets write May 2023
    is_without_year = not has_year_behind_mark and all(len(n) <= len("31") for n in numbers)
    if stated_year and is_without_year and len(numbers) <= 1:
        year = str(stated_year)
    else:
        year = _year_among(numbers, has_year_behind_mark)
        numbers.remove(year)
    if not numbers:
        return _month_end(_full_year(year), months[0]), "month"
    return _day(_full_year(year), months[0], int(numbers[0])), "day"


def _year_among(numbers: list[str], has_year_behind_mark: bool) -> str:
    """Return the one number that must be the year; ValueError when that isn't clear."""
    years = [number for number in numbers if len(number) == _YEAR_DIGITS]
    if not years and (len(numbers) > 1 or has_year_behind_mark):
        years = [number for number in numbers[-1:] if len(number) == len("23")]
    if len(years) != 1 or max(map(len, numbers)) > _YEAR_DIGITS:
        raise ValueError(
            "The year is missing or unclear: write the date as 2023-05-04 or 2023-05, or state the"
            " year of all in source.yml, such as `dates: {announced: 2023}`."
        )
    return years[0]
