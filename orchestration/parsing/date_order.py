"""The order of day and month in a column of dates: what its cells and its header prove.

Also whether a spreadsheet program has swapped the two. A program of the other order made
05/06/2017 a real date of the wrong month, while 25/06/2017, in which it saw no date, stayed text.
What one text means is decided in `dates`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?: 00:00:00)?")
YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?![0-9])")
MONTHS_OF_YEAR, DAYS_OF_MONTH = 12, 31

_DAY_FIRST_HEADER = re.compile(r"\b(?:d{1,2}|t{1,2}|j{1,2})[-/. ]?m{1,3}\b", re.IGNORECASE)
_MONTH_FIRST_HEADER = re.compile(r"\bm{1,3}[-/. ]?d{1,2}\b", re.IGNORECASE)

# One odd cell in a hundred is a slip, from a hundred cells on: it doesn't unsettle the others.
_CELLS_PER_SLIP = 100
# Swapping is undone when dates that nobody swapped would look like this once in a million lists.
# From one in twenty on, they are left as they are, and said to be suspect.
_CHANCE, _SUSPICIOUS = 1e-6, 0.05
_SHARE_TO_12TH = 12 * 12 / 365.25  # of the days of a year
_DISTINCT_DAYS = 3  # fewer, such as the first of each month, are somebody's choice

UNDONE = (
    "A spreadsheet program had swapped day and month: they are swapped back, as all real dates of"
    " the column have a day up to 12 and all its text dates one beyond."
)
_SUSPECT = (
    "A spreadsheet program may have swapped day and month, as its text dates all have a day beyond"
    " 12; the cells are too few to tell, so the date is left as it is."
)


_NONE_LATE = (
    "None of the column's many dates has a day beyond 12: a program may have swapped day and month"
    " and dropped the others; nothing here shows it, so the date is left as it is."
)
ONE_MONTH = (
    "Most dates of the column, over several years, are of one month: only the year may be known,"
    " or a program may have swapped day and month; nothing here shows it, so the date is left as it"
    " is."
)
_SEVERAL_YEARS, _MANY_DATES = 3, 20


class DayMonthOrder(NamedTuple):
    """What a column proves.

    `day_first` is None when nothing settles it, and `doubt` then says why; `note` is for the cells
    that it settles against a slip. `real_dates` is for real dates up to the 12th, or of one month:
    "" when they are right, else UNDONE or the suspicion.
    """

    day_first: bool | None
    doubt: str = ""
    note: str = ""
    real_dates: str = ""


def proven_order(
    printed: Sequence[str], mended: Iterable[str], header: str, source_order: str = ""
) -> DayMonthOrder:
    """Find the order that a column proves: by cells with a day above 12, else as said or headed.

    `printed` are the cells' distinct texts as they stand, `mended` the same without slips of
    typing, which no spreadsheet program would have taken for dates. `source_order` is what
    source.yml says, "dmy" or "mdy": it also settles a column in which most cells agree with it.
    """
    orders = [_own_order(text) for text in mended if text[4:5] != "-"]
    day_first = orders.count(True) >= orders.count(False)
    most, least = orders.count(day_first), orders.count(not day_first)
    stated = source_order == "dmy" if source_order else _stated_order(header)
    if not most:
        return DayMonthOrder(stated, "doesn't show which comes first", "", _unlikely(printed))
    real_dates = _real_dates(printed)
    if stated is not None and stated is not day_first:
        doubt = f"contradicts {'source.yml' if source_order else 'its header'}"
        return DayMonthOrder(None, doubt, real_dates=real_dates)
    if least * _CELLS_PER_SLIP > most and not source_order:
        return DayMonthOrder(None, "uses both orders", real_dates=real_dates)
    first = "day" if day_first else "month"
    note = f"Read with the {first} first, as in {most:,} dates of the column against {least:,}."
    return DayMonthOrder(day_first, note=note if least else "", real_dates=real_dates)


def _own_order(text: str) -> bool | None:
    """Whether a date proves that the day comes first; None when it proves nothing."""
    match = YEAR_LAST.match(text)
    if not match:
        return None
    first, second = int(match[1]), int(match[3])
    if second <= MONTHS_OF_YEAR < first <= DAYS_OF_MONTH:
        return True
    return False if first <= MONTHS_OF_YEAR < second <= DAYS_OF_MONTH else None


def _stated_order(header: str) -> bool | None:
    """Whether a header such as "Date (dd/mm/yyyy)" puts the day first; None when it is silent."""
    if _DAY_FIRST_HEADER.search(header):
        return True
    return False if _MONTH_FIRST_HEADER.search(header) else None


def _unlikely(printed: Iterable[str]) -> str:
    """Return what is to be said of real dates alone that chance doesn't make ("" for nothing)."""
    dates = [iso.groups() for iso in map(ISO.fullmatch, printed) if iso]
    days = {day for *_, day in dates}
    if dates and max(map(int, days)) <= MONTHS_OF_YEAR and len(days) >= _DISTINCT_DAYS:
        return _NONE_LATE if _SHARE_TO_12TH ** len(dates) < _CHANCE else ""
    is_long = len(dates) >= _MANY_DATES and len({date[0] for date in dates}) >= _SEVERAL_YEARS
    [(_, most)] = Counter(month for _, month, _ in dates).most_common(1) if is_long else [("", 0)]
    return ONE_MONTH if 2 * most > len(dates) else ""


def _real_dates(printed: Iterable[str]) -> str:
    """Return what is to be said of real dates up to the 12th ("" for nothing)."""
    days: list[int] = []
    orders: list[bool | None] = []
    for text in printed:
        if text[4:5] != "-":
            if YEAR_LAST.fullmatch(text):
                orders.append(_own_order(text))
        elif iso := ISO.fullmatch(text):
            days.append(int(iso[3]))
    early = [day for day in days if day <= MONTHS_OF_YEAR]
    proven = max(orders.count(True), orders.count(False))
    slips = len(days) - len(early), len(orders) - proven
    if not early or not proven:
        return ""
    if slips[0] * _CELLS_PER_SLIP > len(early) or slips[1] * _CELLS_PER_SLIP > proven:
        return ""
    chance = _SHARE_TO_12TH ** len(early) * (1 - _SHARE_TO_12TH) ** proven
    if chance < _CHANCE and len(set(early)) >= _DISTINCT_DAYS:
        return UNDONE
    return _SUSPECT if chance < _SUSPICIOUS else ""
