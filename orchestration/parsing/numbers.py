"""Plain numbers and model sizes: text to doubles.

What a figure looks like, and which sign is its decimal sign, is decided here for amounts of money
too. Currencies and their units don't belong here.
"""

import re
from collections.abc import Iterable, Sequence
from math import inf, isinf

import pyarrow as pa

from orchestration.parsing.text import (
    Columns,
    Context,
    Fields,
    as_columns,
    is_missing,
    refuse_cell_error,
    tidy,
    without_remark,
)

NUMBER_FIELDS: Fields = {"_number": pa.float64(), "_problem": pa.string()}
SIZE_FIELDS: Fields = {"_min_bn": pa.float64(), "_max_bn": pa.float64(), "_problem": pa.string()}

# One figure: grouped by spaces or apostrophes, or by points and commas, or as spreadsheets write
# large ones (1.5E7). Signs are not part of it.
FIGURE = (
    r"(?:[0-9]{1,3}(?:[ '][0-9]{3})+(?![0-9])(?:[.,][0-9]+)?"
    r"|[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]+(?![0-9A-Za-z]))?"
    r"|(?<![\w.,])[.][0-9]+)"
)
_GROUP = 3  # digits between thousands separators
_NOT_A_FIGURE = "The digits are not grouped as a figure is: check for a typing error."
_MIXED_SIGNS = (
    "The figure can be read with a decimal point or a decimal comma, and other cells of the column"
    " use both: write it without a thousands separator."
)


def own_sign(figure: str) -> str:
    """Return the decimal sign that a figure proves by itself, or "" when it proves none.

    "2.1" and "1,234,567" prove the point, "1,2" and "1.234,5" the comma; "1,234" proves nothing.
    """
    if "." in figure and "," in figure:
        return "." if figure.rindex(".") > figure.rindex(",") else ","
    separator, other = (".", ",") if "." in figure else (",", ".")
    head, *tail = figure.split(separator)
    if not tail:
        return ""
    if len(tail) > 1:  # only a thousands separator comes twice; 27.04.2023 is no figure
        return other if _is_grouped([head, *tail]) else ""
    is_group = len(tail[0]) == _GROUP and 0 < len(head) <= _GROUP and head != "0"
    return "" if is_group else separator


def proven_sign(figures: Iterable[str]) -> str:
    """Return the decimal sign that a column's figures prove: "?" for both, "" for none."""
    proven = {own_sign(figure) for figure in set(figures)} - {""}
    return "?" if len(proven) > 1 else next(iter(proven), "")


def to_float(figure: str, sign: str) -> float:
    """Return the value of a figure; ValueError says in words why it has none.

    `sign` decides for figures that don't prove their decimal sign; "?" means that nothing does.
    """
    figure = figure.replace(" ", "").replace("'", "")
    if figure.isdigit():
        return float(figure)
    if "e" in figure or "E" in figure:
        if figure.count(".") + figure.count(",") > 1:
            raise ValueError(_NOT_A_FIGURE)
        return float(figure.replace(",", "."))
    sign = own_sign(figure) or sign
    if sign == "?":
        raise ValueError(_MIXED_SIGNS)
    whole, _, fraction = figure.partition(sign)
    groups = whole.split("," if sign == "." else ".")
    if (len(groups) > 1 and not _is_grouped(groups)) or not (fraction or "0").isdigit():
        raise ValueError(_NOT_A_FIGURE)
    return float(f"{''.join(groups) or '0'}.{fraction}")


def _is_grouped(groups: list[str]) -> bool:
    """Whether digits are grouped as in 14,342,000 or, the Indian way, 20,00,00,000."""
    first, *middle, last = groups
    return (
        1 <= len(first) <= _GROUP
        and len(last) == _GROUP
        and all(len(group) in {_GROUP - 1, _GROUP} for group in middle)
    )


_NUMBER = re.compile(
    rf"(?:~ ?|about |around |approx\.? |circa |ca\.? )?([-+]?)({FIGURE}) ?(%|percent|per cent)?",
    re.IGNORECASE,
)
_NO_NUMBER = "This is not a single number: write digits only, such as 2013 or 0.7."


def parse_numbers(texts: Sequence[str], context: Context) -> Columns:
    """Parse plain numbers; a percentage becomes a share (70% is 0.7), "n/a" has no number."""
    del context  # a plain number has no unit that a header could prove
    tidied = [without_remark(tidy(text)) for text in texts]
    matches = [_NUMBER.fullmatch(text) for text in tidied]
    sign = proven_sign(match[2] for match in matches if match) or "."
    return as_columns(map(_number, tidied, matches, [sign] * len(tidied)), NUMBER_FIELDS)


def _number(text: str, match: re.Match[str] | None, sign: str) -> tuple[float | None, str | None]:
    if is_missing(text):
        return None, None
    try:
        refuse_cell_error(text)
        value = to_float(match[2], sign) if match else inf
    except ValueError as unclear:
        return None, str(unclear)
    if not match or isinf(value):
        return None, _NO_NUMBER
    return (-value if match[1] == "-" else value) / (100 if match[3] else 1), None


_SIZE_UNITS = {
    **dict.fromkeys(("k", "thousand"), 1e3),
    **dict.fromkeys(("m", "mn", "million"), 1e6),
    **dict.fromkeys(("b", "bn", "billion"), 1e9),
    **dict.fromkeys(("t", "tn", "trillion"), 1e12),
    **dict.fromkeys("万萬만", 1e4),
    **dict.fromkeys(("百万", "百萬"), 1e6),
    **dict.fromkeys("亿億억", 1e8),
    **dict.fromkeys(("十亿", "十億"), 1e9),
}
_UNITS = "|".join(sorted(_SIZE_UNITS, key=len, reverse=True))
_SIZE = (
    r"(?:([0-9]+) ?x ?)?"  # a mixture of experts: 8x7b
    r"([0-9]{1,3}(?:,[0-9]{3}){2,}|[0-9]{1,3}(?:,[0-9]{3})+(?= ?m)"
    r"|[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)"
    rf" ?({_UNITS})?(?![a-wyz])"
    r"(?: ?x ?([0-9]+)(?![0-9.]))?"  # or 7b x 8
)
_A_SIZE = re.compile(_SIZE)
_SIZES = re.compile(
    rf"(?:[~≈] ?)?{_SIZE}(?: ?(?:[,/;|、-]|to|and|&) ?{_SIZE})*(?: (?:parameters|params))?"
)
_IN_BRACKETS = re.compile(r" ?\([^()]*\)")
_LARGEST_BN = 200_000.0  # 174 trillion is the most that a model was said to have
_RAW_COUNT = 1e7  # neither billions nor millions of parameters: the parameters themselves
_HEADER_UNIT = re.compile(rf"\((?:in )?({_UNITS})s?(?: of parameters)?\)", re.IGNORECASE)
_NO_SIZE = (
    "This is not a model size: write it in billions of parameters, such as 7b, 3/7 or 0.06-11."
)
_NO_SIZE_UNIT = (
    "The size has no unit, while most of the column have one, and not all the same: print it, or"
    " state what 1 stands for under units: in source.yml, as multiplier (1e9 is a billion)."
)


def parse_sizes(texts: Sequence[str], context: Context) -> Columns:
    """Parse model sizes to the smallest and largest of a family, in billions of parameters.

    A bare figure takes the unit of the next one beside it that has a unit, else of the last, else
    that of source.yml or of the header ("Parameters (M)"), else billions, unless the column's other
    cells differ in their units. One that can't be billions is the count itself, and so are all bare
    ones of a column where most are. A comma separates sizes ("1,7" is 1 and 7), as in the lists
    that this was made for; it is never a decimal sign. Thousands with a remark ("84k (ALiBi)") are
    no size: they are context lengths that strayed into the column.
    """
    folded = [tidy(text).casefold().replace("\u00d7", "x") for text in texts]
    tidied = [text if "k (" in text else _IN_BRACKETS.sub("", text) for text in folded]
    printed = _HEADER_UNIT.search(tidy(context.header))
    stated = context.multiplier or (printed and _SIZE_UNITS[printed[1].lower()])
    sizes = [
        _A_SIZE.findall(text) if _SIZES.fullmatch(text) else [] for text in map(str.strip, tidied)
    ]
    unit = stated or _unit_of_column(sizes)
    return as_columns(map(_size, tidied, sizes, [unit] * len(texts)), SIZE_FIELDS)


def _unit_of_column(column: Sequence[Sequence[Sequence[str]]]) -> float | None:
    """Return what a bare figure counts: parameters, if most can count nothing else, or billions.

    None when most cells print their unit, and not all the same.
    """
    printed = [{_SIZE_UNITS[unit] for _, _, unit, _ in sizes if unit} for sizes in column]
    bare = [
        float(figure.replace(",", ""))
        for sizes in column
        if not any(unit for _, _, unit, _ in sizes)
        for _, figure, _, _ in sizes
    ]
    raw = sum(value >= _RAW_COUNT for value in bare)
    if 2 * raw > len(bare):
        return 1.0
    differ = len(set().union(*printed)) > 1 and sum(map(bool, printed)) > len(bare)
    return None if differ else 1e9


def _size(
    text: str, printed: Sequence[Sequence[str]], unit: float | None
) -> tuple[float | None, float | None, str | None]:
    if not printed:
        try:
            refuse_cell_error(text)
        except ValueError as failed:
            return None, None, str(failed)
        return None, None, None if is_missing(text.strip()) else _NO_SIZE
    sizes = []
    beside = next((_SIZE_UNITS[u] for _, _, u, _ in reversed(printed) if u), None)
    for experts, figure, unit_word, copies in reversed(printed):
        beside = _SIZE_UNITS.get(unit_word, beside)
        value = float(figure.replace(",", ""))
        counted = beside or (1.0 if value >= _RAW_COUNT else unit)
        if counted is None:
            return None, None, _NO_SIZE_UNIT
        parameters = value * counted
        sizes.append(float(experts or 1) * float(copies or 1) * parameters / 1e9)
    if min(sizes) <= 0 or max(sizes) > _LARGEST_BN:
        return None, None, f"A model size must be above 0 and at most {_LARGEST_BN:,.0f} billion."
    return min(sizes), max(sizes), None
