"""What a number format shows besides the digits: currency, unit, percent, the part of a date.

Belongs here: format codes as spreadsheet programs write them, and a number as one shows it, with
every digit kept. Doesn't: which cell has which format (workbook_parts), or what a currency or a
unit is (parsing).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from locale import windows_locale
from operator import eq, ge, gt, le, lt, ne
from typing import NamedTuple

import pyarrow as pa
from babel.numbers import get_territory_currencies

from orchestration.parsing.currencies import SHARED_SIGNS, units_of_cell

_DOLLARS = '"$"#,##0'
# The codes of the numbers that programs need not define; all others show digits or a whole date.
BUILT_IN = {**dict.fromkeys((5, 6, 7, 8, 42, 44), _DOLLARS), 9: "0%", 10: "0.00%", 17: "mmm-yy"}

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|[_*].|e[-+]|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<digits>general|[0#?][0#?.,]*(?:/[0#?]+)?)|(?P<date>[ymdhs]+|am/pm|a/p)|(?P<sign>.)",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST = 1000  # characters of a code; programs write at most 255
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?(?:\d+\.?\d*|\.\d+))")
_COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "<>": ne}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,2})?")  # beyond, no sum and no share
_FIRST_DAY = re.compile(r"(\d{4})-(\d\d)-01(?: 00:00:00)?")
_SCALES = ("", "K", "M", "Bn", "T")  # by the commas behind the digits


class _Section(NamedTuple):
    """One of the forms of a code.

    `power` is that of ten by which it multiplies, `is_telling` whether it shows more than the
    digits of a number, or less than the day of a date.
    """

    condition: tuple[str, float] | None
    before: str
    behind: str
    power: int
    date_letters: frozenset[str]
    is_telling: bool


def is_telling(code: str) -> bool:
    """Whether a number that has this format means more than its digits say."""
    return any(section.is_telling for section in _sections(code))


def as_shown(cells: pa.Array, formats: Mapping[str, Sequence[int]]) -> pa.Array:
    """Return a column's texts with those at the positions of each format code as it shows them."""
    if not formats:
        return cells
    texts = cells.to_pylist()
    for code, positions in formats.items():
        for position in positions:
            if position < len(texts) and (text := texts[position]):
                texts[position] = shown(text, code)
    return pa.array(texts, pa.string())


def shown(text: str, code: str) -> str:
    """Return a number or an ISO date as a format shows it, but with all its digits, ungrouped.

    100000000 is "$100M" under `"$"0.0,,"M"`; the first of a month is "2023-05" under `mmm yy`.
    """
    sections = _sections(code)
    letters = sections[0].date_letters
    if letters and sections[0].is_telling and (first := _FIRST_DAY.fullmatch(text)):
        return "-".join(first.groups()) if "m" in letters or first[2] != "01" else first[1]
    if not _NUMBER.fullmatch(text):
        return text
    section = _section_for(text, sections)
    if section.date_letters or not section.is_telling:
        return text
    if section.power:
        text = f"{Decimal(text).scaleb(section.power).normalize():f}"
    return f"{section.before}{text}{section.behind}"


def _section_for(number: str, sections: Sequence[_Section]) -> _Section:
    """Choose by the sections' conditions, else as programs do: positive, negative, zero."""
    if len(sections) == 1:
        return sections[0]
    value = float(number)
    for section in sections:
        if section.condition and _COMPARE[section.condition[0]](value, section.condition[1]):
            return section
    free = [section for section in sections if not section.condition] or sections[-1:]
    if any(section.condition for section in sections):
        return free[0]
    position = 1 if value < 0 else 2 if value == 0 else 0
    return free[position if position < min(len(free), 3) else 0]


def _currency(sign: str, language: str) -> str:
    """Return the sign, or the code where the language's country has another that shares it.

    `[$$-1009]` is of Canada, `[$¥-804]` of China: languages are Windows' numbers of them.
    """
    shared = SHARED_SIGNS.get(unicodedata.normalize("NFKC", sign).lower())
    if not shared or not re.fullmatch("[0-9A-Fa-f]{3,8}", language):
        return sign
    country = windows_locale.get(int(language, 16) & 0xFFFF, "").rpartition("_")[2]
    codes = get_territory_currencies(country) if country else []
    return next((f"{code} " for code in codes if code in shared[1]), sign)


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[_Section, ...]:
    parts: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(code[:_LONGEST]):
        if token["sign"] == ";":
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(map(_section, parts))


def _section(tokens: Sequence[re.Match[str]]) -> _Section:
    digits = "".join(token["digits"] or "" for token in tokens)
    letters = frozenset("".join(token["date"] or "" for token in tokens).lower())
    if digits and ":" not in "".join(token["sign"] or "" for token in tokens):
        letters = frozenset()  # 0.0M and 0 USD, whose letters stand for themselves
    literals, condition, scale, is_percent = ["", ""], None, 0, False
    is_behind = False
    for token in tokens:
        if token["digits"]:
            is_behind = True
            scale += len(token[0]) - len(token[0].rstrip(","))
        elif bracket := token["bracket"]:
            if compared := _CONDITION.fullmatch(bracket):
                condition = (compared[1], float(compared[2]))
            elif bracket.startswith("$"):  # [$€-407]: a sign, and a language
                literals[is_behind] += _currency(*bracket[1:].partition("-")[::2])
        else:
            sign = token["quoted"] or token["escaped"] or token["sign"] or ""
            is_percent |= token["sign"] == "%"
            literals[is_behind] += token["date"] or sign
    before, behind = literals[0].lstrip().lstrip("(-+"), literals[1].rstrip().rstrip(")-")
    currency, unit = units_of_cell(unicodedata.normalize("NFKC", f"{before} {behind}"))
    scale = scale if scale < len(_SCALES) else 0
    behind = behind if unit else _SCALES[scale] + behind
    is_telling = bool(currency or scale or is_percent or (unit or 1) > 1)
    if letters:
        is_telling = "y" in letters and letters.isdisjoint("dhs")
    return _Section(condition, before, behind, 2 if is_percent else -3 * scale, letters, is_telling)
