"""Money: the text of an amount to its bounds, its currency and how firm it is.

A text is cut into tokens, tokens are read into figures (with the words that qualify each), and
one figure is chosen, by rules an analyst would state aloud:

- post-money and equity figures go before others, pre-money and debt figures behind them;
- of one amount in several currencies, the source's own US dollars count;
- figures that sources state as alternatives, at most twofold apart, are a range;
- anything else that states several amounts, or lost its unit or currency, has a problem.

The words themselves are in `currencies`, the digits in `numbers`.
"""

import re
from collections.abc import Mapping, Sequence

import pyarrow as pa
from babel.numbers import get_currency_precision

from orchestration.parsing.currencies import COMMA_UNITS, SHARED_SIGNS, units_of_header
from orchestration.parsing.figures import TWO_CURRENCIES, Figure, read_figures
from orchestration.parsing.numbers import FIGURE, proven_sign
from orchestration.parsing.text import Context, is_missing, tidy

_FIGURE_AND_UNIT = re.compile(rf"({FIGURE})(?: ?({'|'.join(COMMA_UNITS)})\b)?", re.IGNORECASE)
_SILENT = re.compile("undisclosed|not disclosed|unspecified|confidential", re.IGNORECASE)
_REST_SILENT = re.compile("(?:rest|remainder|balance)[a-z ]* undisclosed", re.IGNORECASE)
_FULL_AMOUNT = 1000  # from here on, a figure without a unit is taken at its word
_LARGEST, _LARGEST_INFERRED = 1e13, 1e12
_WEAK_CURRENCIES = frozenset({"IDR"})  # besides those that Babel knows to have no cents

_NO_FIGURE = "The text has no amount in figures."
_NO_CURRENCY = (
    "The amount has no currency: print it, or state it in the column's header or in source.yml."
)
_NO_UNIT = (
    "The amount has lost its unit (thousand, million, billion): print it, or state it in the"
    " column's header or in source.yml."
)
_UNCLEAR_SIGN = "The currency sign is shared by several currencies: print the ISO code."
_TWO_AMOUNTS = "The text names several amounts: keep the one that counts."
_NEGATIVE = "The amount is negative."
_ZERO = "The amount is zero: leave it empty or write undisclosed."
_DOWNWARDS = "The range runs downwards: write the smaller amount first, each with its unit."
_TOO_LARGE = "The amount is too large to be true: check its unit."
_UNIT_TWICE = (
    "The amount reads as a full one, but the column's header or source.yml gives it a unit."
)

_Row = tuple[float | None, float | None, str | None, str | None, str | None]
_UNDISCLOSED: _Row = (None, None, None, "undisclosed", None)


def parse_money(texts: Sequence[str], context: Context) -> Mapping[str, pa.Array]:
    """Parse amounts of money, in full units of their currency.

    `_low` and `_high` differ for a range only; `_qualifier` (exact, about, over, up_to,
    undisclosed) says which side of a single figure the amount lies on. Undisclosed amounts have
    neither bounds nor a problem; a text with a problem has nothing else.
    """
    currency, multiplier = units_of_header(context.header)
    context = Context(context.currency or currency, context.multiplier or multiplier)
    tidied = [tidy(text) for text in texts]
    sign = _column_sign(tidied)
    rows = [_row(text, sign, context) for text in tidied]
    low, high, code, qualifier, problem = zip(*rows, strict=True) if rows else ((),) * 5
    return {
        "_low": pa.array(low, pa.float64()),
        "_high": pa.array(high, pa.float64()),
        "_currency": pa.array(code, pa.string()),
        "_qualifier": pa.array(qualifier, pa.string()),
        "_problem": pa.array(problem, pa.string()),
    }


def _column_sign(tidied: Sequence[str]) -> str:
    """Return the decimal sign that the column proves; German and French units prove it weakly."""
    found = set(_FIGURE_AND_UNIT.findall("\n".join(tidied)))
    neutral = proven_sign(figure for figure, unit in found if not unit)
    return neutral or proven_sign(figure for figure, unit in found if unit) or "."


def _row(text: str, sign: str, context: Context) -> _Row:
    if is_missing(text):
        return _UNDISCLOSED
    try:
        figures = read_figures(text, sign)
        if not figures:
            return _UNDISCLOSED if _SILENT.search(text) else _problem(_NO_FIGURE)
        figure = _chosen(figures)
        if _REST_SILENT.search(text):
            figure.bound = "over"
        return _meaning(figure, context)
    except ValueError as unclear:
        return _problem(str(unclear))


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
        if other.currency == figure.currency or not other.currency:
            return _span([figure, other], are_alternatives=True)
        if other.currency in {"$", "USD"}:
            other.bound = other.bound or figure.bound
            other.about |= figure.about
            other.standing, other.is_alternative = figure.standing, figure.is_alternative
            return other
    return figure


def _span(figures: list[Figure], are_alternatives: bool) -> Figure:
    """Return several statements of one amount as a range, if they are at most twofold apart."""
    ends = sorted(
        (end for figure in figures for end in figure.ends),
        key=lambda end: end[0] * (end[1] or 1),
    )
    (low, low_unit), (high, high_unit) = ends[0], ends[-1]
    if not are_alternatives or high * (high_unit or 1) > 2 * low * (low_unit or 1):
        raise ValueError(_TWO_AMOUNTS)
    figures[0].ends = [ends[0], ends[-1]]
    figures[0].about = True
    return figures[0]


def _meaning(figure: Figure, context: Context) -> _Row:
    if figure.is_negative:
        raise ValueError(_NEGATIVE)
    if all(value == 0 for value, _ in figure.ends):
        raise ValueError(_ZERO)
    currency = _currency(figure.currency, context.currency)
    is_weak = currency in _WEAK_CURRENCIES or get_currency_precision(currency) == 0
    amounts = [_amount(value, unit, context.multiplier) for value, unit in figure.ends]
    low, high = amounts[0], amounts[-1]
    if low > high:
        raise ValueError(_DOWNWARDS)
    if high > (_LARGEST * 1000 if is_weak else _LARGEST):
        raise ValueError(_TOO_LARGE)
    qualifier = "about" if figure.about or (figure.bound and low < high) else "exact"
    return low, high, currency, qualifier if low < high else figure.bound or qualifier, None


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


def _amount(value: float, unit: float | None, multiplier: float | None) -> float:
    """Return a value in full units, to the cent."""
    if unit is None and multiplier:
        if value * multiplier > _LARGEST_INFERRED:
            raise ValueError(_UNIT_TWICE)
        unit = multiplier
    if unit is None and value < _FULL_AMOUNT:
        raise ValueError(_NO_UNIT)
    return round(value * (unit or 1), 2)
