"""Money: the text of an amount to its bounds, its currency and how firm it is.

A text is cut into tokens, tokens are read into figures (with the words that qualify each), and
one figure is chosen, by rules an analyst would state aloud:

- post-money and equity figures go before others, pre-money and debt figures behind them;
- of one amount in several currencies, the source's own US dollars count;
- figures stated as alternatives are a range, if the largest is at most half as large again;
- anything else that states several amounts, or lost its unit or currency, has a problem.

The words themselves are in `currencies`, the digits in `numbers`.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import NamedTuple

import pyarrow as pa
from babel.numbers import get_currency_precision

from orchestration.parsing.currencies import (
    COMMA_UNITS,
    SHARED_SIGNS,
    unglued,
    units_of_cell,
    units_of_header,
)
from orchestration.parsing.money_grammar import (
    FULL_AMOUNT,
    TWO_CURRENCIES,
    Figure,
    read_figures,
    value_of,
)
from orchestration.parsing.numbers import FIGURE, proven_sign
from orchestration.parsing.text import (
    Columns,
    Context,
    Fields,
    as_columns,
    is_missing,
    refuse_cell_error,
    tidy,
)

MONEY_FIELDS: Fields = {
    "_low": pa.float64(),
    "_high": pa.float64(),
    "_currency": pa.string(),
    "_qualifier": pa.string(),
    "_problem": pa.string(),
}

_FIGURE = re.compile(FIGURE)
_FIGURE_AND_UNIT = re.compile(rf"({FIGURE})(?: ?({'|'.join(COMMA_UNITS)})\b)?", re.IGNORECASE)
# Signs before and behind are few: without a limit, a long text of signs would cost its square.
_BARE = re.compile(rf"\W{{,9}}(?:[A-Z]{{3}}\W)?\W{{,9}}({FIGURE})(?:\W?[A-Z]{{3}})?\W{{,9}}")
_SILENT = re.compile("undisclosed|not disclosed|unspecified|confidential", re.IGNORECASE)
_REST_SILENT = re.compile("(?:rest|remainder|balance)[a-z ]{0,20} undisclosed", re.IGNORECASE)
_SPREAD = 1.5  # between alternative statements of one amount; beyond it they state different ones
_SHAPE_DIGITS = "11"  # no figure in words has this value
_MILLION, _LARGEST, _LARGEST_INFERRED = 1e6, 1e13, 1e12

_NO_FIGURE = "The text has no amount in figures."
_NO_CURRENCY = (
    "The amount has no currency: state it under units: in source.yml, such as"
    " `units: {amount: {currency: USD}}` for a column `amount`."
)
_NO_UNIT = (
    "The amount has lost its unit (thousand, million, billion): state it under units: in"
    " source.yml, such as `units: {amount: {multiplier: 1000000}}`, or 1 for full amounts."
)
_NEITHER = (
    "The amount has neither currency nor unit (thousand, million, billion): state both under units:"
    " in source.yml, such as `units: {amount: {currency: USD, multiplier: 1000000}}`."
)
_UNCLEAR_SIGN = (
    "The currency sign is shared by several currencies: print the ISO code, or state it in"
    " source.yml, such as `units: {amount: {currency: SEK}}`."
)
_TWO_AMOUNTS = "The text names several amounts: keep the one that counts."
_NEGATIVE = "The amount is negative."
_DOWNWARDS = "The range runs downwards: write the smaller amount first, each with its unit."
_TOO_LARGE = "The amount is too large to be true: check its unit."
_UNIT_TWICE = (
    "The amount reads as a full one, but the column's header or source.yml gives it a unit."
)

_CONTRADICTION = "The amount, its header and the cell beside it name different currencies."
_UNKNOWN_BESIDE = "The cell beside the amount names no known {}: correct it."

_Row = tuple[float | None, float | None, str | None, str | None, str | None]
_UNDISCLOSED: _Row = (None, None, None, "undisclosed", None)


class _Units(NamedTuple):
    """What the amounts of a context are printed in, besides what they print themselves.

    `currency` is the file's and gives way to a printed one; `stated` is the cell's beside, a code
    or a shared sign, which a printed one may not contradict.
    """

    currency: str | None
    multiplier: float | None
    stated: str = ""
    problem: str = ""
    full_amount: float = FULL_AMOUNT  # from here on, a figure without a unit is taken at its word


def parse_money(texts: Sequence[str], context: Context) -> Columns:
    """Parse amounts of money, in full units of their currency.

    `_low` and `_high` differ for a range only; `_qualifier` (exact, about, over, up_to,
    undisclosed) says which side of a single figure the amount lies on. Undisclosed amounts (many
    lists write 0) have neither bounds nor a problem; a text with a problem has nothing else.
    """
    units = _units(context)
    tidied = [unglued(tidy(text)) for text in texts]
    sign = _column_sign(tidied)
    units = units._replace(full_amount=_full_amount(tidied, sign))
    return as_columns((_row(text, sign, units) for text in tidied), MONEY_FIELDS)


def _units(context: Context) -> _Units:
    """Return what source.yml, the header and the cells beside say, the nearest to a cell first."""
    currency, multiplier = units_of_header(context.header)
    file = _Units(context.currency or currency, context.multiplier or multiplier)
    beside = tidy(context.stated_currency), tidy(context.stated_unit)
    (stated, _), (other_stated, unit) = map(units_of_cell, beside)
    if not (is_missing(beside[0]) or stated):
        return file._replace(problem=_UNKNOWN_BESIDE.format("currency"))
    if not (is_missing(beside[1]) or unit or other_stated):
        return file._replace(problem=_UNKNOWN_BESIDE.format("unit"))
    stated = stated or other_stated
    if currency and stated and "$" not in context.header and currency != stated:
        return file._replace(problem=_CONTRADICTION)
    return _Units(file.currency, unit or file.multiplier, stated)


def _column_sign(tidied: Sequence[str]) -> str:
    """Return the decimal sign that the column proves; German and French units prove it weakly."""
    printed = set(_FIGURE_AND_UNIT.findall("\n".join(tidied)))
    neutral = proven_sign(figure for figure, unit in printed if not unit)
    return neutral or proven_sign(figure for figure, unit in printed if unit) or "."


def _full_amount(tidied: Sequence[str], sign: str) -> float:
    """Return what a bare figure must reach: a million where most of the column lost their unit."""
    bare = [value_of(figure[1], sign)[0] for text in tidied if (figure := _BARE.fullmatch(text))]
    lost = sum(0 < value < FULL_AMOUNT for value in bare)
    return _MILLION if lost > 1 and lost * 2 > len(bare) else FULL_AMOUNT


def _row(text: str, sign: str, units: _Units) -> _Row:
    if is_missing(text):
        return _UNDISCLOSED
    try:
        refuse_cell_error(text)
        figures = _figures(text, sign)
        if not figures:
            return _UNDISCLOSED if _SILENT.search(text) else _problem(_NO_FIGURE)
        figure = _chosen(figures)
        if _REST_SILENT.search(text):
            figure.bound = "over"
        return _meaning(figure, units)
    except ValueError as unclear:
        return _problem(str(unclear))


def _figures(text: str, sign: str) -> list[Figure]:
    printed = _FIGURE.findall(text)
    shape = _shape(text.replace(printed[0], _SHAPE_DIGITS)) if len(printed) == 1 else None
    return [_with_value(shape, printed[0], sign)] if shape else read_figures(text, sign)


@lru_cache(maxsize=4096)
def _shape(text: str) -> Figure | None:
    """Return the one figure of a text printed with _SHAPE_DIGITS, None when there are others.

    Most texts have one figure and one of a few shapes ("$11M", "over 11 million euros"): reading
    a shape once makes a column of them three times as fast.
    """
    figures = read_figures(text, ".")
    if len(figures) != 1 or figures[0].restatements or figures[0].details:
        return None
    return figures[0] if figures[0].ends[0][0] == float(_SHAPE_DIGITS) else None


def _with_value(shape: Figure, printed: str, sign: str) -> Figure:
    """Return a figure of a shape, with the value that is printed in its place."""
    value, problem = value_of(printed, "," if shape.has_comma_unit else sign)
    return replace(shape, ends=[(value, shape.ends[0][1])], problem=problem)


def _problem(words: str) -> _Row:
    return None, None, None, None, words


def _chosen(figures: list[Figure]) -> Figure:
    """Return the one figure of a text that counts; ValueError when that isn't clear."""
    if len(figures) == 1 and not figures[0].restatements and not figures[0].details:
        return figures[0]
    figures = _marked(figures)
    figures = [_restated(figure) for figure in figures] + [
        detail
        for figure in figures
        for detail in figure.details
        if detail.standing > 0 and detail.currency == figure.currency
    ]
    best = max(figure.standing for figure in figures)
    figures = [figure for figure in figures if figure.standing == best]
    are_alternatives = all(figure.is_alternative for figure in figures[1:])
    if len({figure.currency for figure in figures}) > 1:
        dollars = [figure for figure in figures if figure.currency in {"$", "USD"}]
        if not dollars or not are_alternatives:
            raise ValueError(TWO_CURRENCIES)
        figures = dollars
    return figures[0] if len(figures) == 1 else _span(figures, are_alternatives)


def _marked(figures: list[Figure]) -> list[Figure]:
    """Return the figures with a currency, else those with a unit, else all: not years or counts."""
    with_currency = [figure for figure in figures if figure.currency]
    return with_currency or [figure for figure in figures if not figure.is_bare] or figures


def _restated(figure: Figure) -> Figure:
    """Return the figure that a bracket restates in dollars, or makes more exact."""
    for other in figure.restatements:
        if other.bound and other.currency == figure.currency:
            continue  # "$5M (up to $10M)" says what may come
        if other.currency == figure.currency or not other.currency:
            return _span([figure, other], are_alternatives=True)
        if other.currency in {"$", "USD"}:
            other.bound = other.bound or figure.bound
            other.about |= figure.about
            other.standing, other.is_alternative = figure.standing, figure.is_alternative
            return other
    return figure


def _span(figures: list[Figure], are_alternatives: bool) -> Figure:
    """Return several statements of one amount as a range, if they are near enough."""
    figures[0].problem = next(filter(None, (figure.problem for figure in figures)), None)
    ends = sorted(
        (end for figure in figures for end in figure.ends),
        key=lambda end: end[0] * (end[1] or 1),
    )
    (low, low_unit), (high, high_unit) = ends[0], ends[-1]
    if not are_alternatives or high * (high_unit or 1) > _SPREAD * low * (low_unit or 1):
        raise ValueError(_TWO_AMOUNTS)
    figures[0].ends = [ends[0], ends[-1]]
    figures[0].about = True
    return figures[0]


def _meaning(figure: Figure, units: _Units) -> _Row:
    if figure.problem:
        raise ValueError(figure.problem)
    if all(value == 0 for value, _ in figure.ends):
        return _UNDISCLOSED
    if figure.is_negative:
        raise ValueError(_NEGATIVE)
    if units.problem:
        raise ValueError(units.problem)
    is_full = [unit or value >= units.full_amount for value, unit in figure.ends]
    lacks_unit = not (units.multiplier or all(is_full))
    if lacks_unit and not (figure.currency or units.stated or units.currency):
        raise ValueError(_NEITHER)
    if units.stated:
        currency = _agreed(figure.currency, _currency(units.stated, units.currency))
    else:
        currency = _currency(figure.currency, units.currency)
    amounts = [_amount(value, unit, units) for value, unit in figure.ends]
    low, high = amounts[0], amounts[-1]
    if low > high:
        raise ValueError(_DOWNWARDS)
    if high > _largest(currency):
        raise ValueError(_TOO_LARGE)
    qualifier = "about" if figure.about or (figure.bound and low < high) else "exact"
    return low, high, currency, qualifier if low < high else figure.bound or qualifier, None


@cache
def _largest(currency: str) -> float:
    """Return the amount that none exceeds, larger where a unit is worth less than a cent or two."""
    is_weak = currency == "IDR" or get_currency_precision(currency) == 0
    return _LARGEST * 1000 if is_weak else _LARGEST


def _currency(printed: str, proven: str | None) -> str:
    """Return the ISO code of what is printed; a shared sign gives way to what the file proves."""
    if printed in SHARED_SIGNS:
        default, family = SHARED_SIGNS[printed]
        code = proven if proven in family else default
        if not code:
            raise ValueError(_UNCLEAR_SIGN)
        return code
    if not (printed or proven):
        raise ValueError(_NO_CURRENCY)
    return printed or str(proven)


def _agreed(printed: str, stated: str) -> str:
    """Return the code that the cell beside states, if what is printed can mean it."""
    default, family = SHARED_SIGNS.get(printed, (printed, frozenset()))
    if printed and stated != default and stated not in family:
        raise ValueError(_CONTRADICTION)
    return stated


def _amount(value: float, unit: float | None, units: _Units) -> float:
    """Return a value in full units, to the cent."""
    if unit is None and units.multiplier:
        if value * units.multiplier > _LARGEST_INFERRED:
            raise ValueError(_UNIT_TWICE)
        unit = units.multiplier
    if unit is None and value < units.full_amount:
        raise ValueError(_NO_UNIT)
    return round(value * (unit or 1), 2)
