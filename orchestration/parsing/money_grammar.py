"""Figures of money: the tokens of a text read into figures, with the words that qualify each.

Which figure of several counts, and what it amounts to, is decided in `money`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from orchestration.parsing.currencies import (
    COMMA_UNITS,
    ONLY_BEHIND,
    SHARED_SIGNS,
    UNITS,
    WORD,
    currency_at,
)
from orchestration.parsing.numbers import FIGURE, to_float
from orchestration.parsing.text import words

_TOKEN = re.compile(rf"{FIGURE}|{WORD}|\S")
_BOUNDS = {
    **dict.fromkeys(words("over above exceeding exceeds least more excess north > ≥"), "over"),
    **dict.fromkeys(words("minimum min über mehr"), "over"),
    **dict.fromkeys(words("under below less fewer most much up maximum max bis < ≤"), "up_to"),
}
_ABOUT = words(
    "about around approximately approx roughly nearly almost near close circa ca some rund etwa"
    " environ ~ ≈"
)
_HEARSAY = words("reported reportedly estimate estimated est rumored rumoured ?")
_STANDING = {"post": 1, "equity": 1, "pre": -1, "debt": -1, "loan": -1, "loans": -1}
# Words that may stand between a qualifier and its figure, and say nothing by themselves.
_FILLERS = words("a an the than as at just is was zu")
_OF = words("de d ' di do of von")  # 3 millions d'euros
_BREAKS = words("; , / : and und")
_ALTERNATIVES = words("; or / =")
_RANGES = ({"-"}, {"~"}, {"to"}, {"bis"})
_LINKS = words("- ~ to bis or =")
_IGNORED = _FILLERS | words(". ' \" ! * +")
_PERCENT = words("% percent pct")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_ONE_TO_TEN = "one two three four five six seven eight nine ten"
_COUNTS = {"a": 1.0} | {word: float(count) for count, word in enumerate(_ONE_TO_TEN.split(), 1)}
_WORD_UNITS = {unit for unit in UNITS if len(unit) > len("bln")}  # not "a k", "one b"
_FRACTIONS = words("half quarter quarters third thirds fifth tenth")

FULL_AMOUNT = 1000  # from here on, a figure without a unit is taken at its word
TWO_CURRENCIES = "The text names amounts in several currencies: keep the one that counts."
_YEARS = frozenset(map(float, range(1950, 2101)))
_HALF_A_RANGE = "It isn't clear whether this is a range: print currency and unit at both its ends."


@dataclass(slots=True)
class Figure:
    """A figure or a range as printed."""

    ends: list[tuple[float, float | None]]  # value and unit, of one figure or of a range's two
    currency: str  # an ISO code, a sign that several currencies share, or ""
    bound: str = ""  # over, up_to or ""
    about: bool = False
    standing: int = 0  # above 0 for a post-money or equity figure, below for pre-money or debt
    is_alternative: bool = False  # to the figure before it
    is_negative: bool = False
    has_comma_unit: bool = False  # as in "1,2 Mrd": the decimal sign is a comma
    problem: str | None = None  # why its digits are no number
    restatements: list["Figure"] = field(default_factory=list)  # "($113MM, GBP 90M)" behind it
    details: list["Figure"] = field(default_factory=list)  # "(of a $60M offering)" behind it

    @property
    def is_bare(self) -> bool:
        """Whether neither a currency nor a unit shows that this is money."""
        return not self.currency and all(unit is None for _, unit in self.ends)

    @property
    def is_year(self) -> bool:
        """Whether this is as likely a year as an amount."""
        return self.is_bare and len(self.ends) == 1 and self.ends[0][0] in _YEARS


def read_figures(text: str, sign: str) -> list[Figure]:
    """Return the figures outside brackets, or those inside when there are no others.

    `sign` is the decimal sign of figures that don't prove their own; what can't be read as a
    number comes with its problem, as it may be no more than a date in a remark. ValueError says
    that a figure is printed with two currencies.
    """
    outer, groups = _levels(_TOKEN.findall(text))
    reader = _Reader(outer, groups, sign)
    if outer == ["("]:  # how accountants print what is below zero
        for figure in reader.loose:
            figure.is_negative = True
    return reader.figures or reader.loose


def _levels(tokens: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Return the tokens outside brackets, "(" standing for a bracket, and those of each bracket."""
    outer: list[str] = []
    groups: list[list[str]] = []
    depth = 0
    for token in tokens:
        if token in _OPENING:
            depth += 1
            if depth == 1:
                outer.append("(")
                groups.append([])
        elif token in _CLOSING:
            depth = max(0, depth - 1)
        elif depth:
            groups[-1].append(token)
        else:
            outer.append(token)
    return outer, groups


def combined(one: str, other: str) -> str:
    """Return the currency of a figure marked twice: "US dollars", "$5M CAD", "USD $5M"."""
    if not one or not other or one == other:
        return one or other
    for sign, code in ((one, other), (other, one)):
        default, family = SHARED_SIGNS.get(sign, ("", frozenset()))
        if code == default or code in family:
            return code
    raise ValueError(TWO_CURRENCIES)


def value_of(printed: str, sign: str) -> tuple[float, str | None]:
    """Return the value of printed digits, or 0 and why they have none."""
    try:
        return to_float(printed, sign), None
    except ValueError as unclear:
        return 0.0, str(unclear)


class _Reader:
    """Reads the tokens of one bracket level, left to right, keeping what waits for a figure."""

    def __init__(self, tokens: list[str], groups: list[list[str]], sign: str) -> None:
        self.figures: list[Figure] = []
        self.loose: list[Figure] = []  # figures in brackets before any other
        self.is_plain = True  # nothing but figures and what belongs to them
        self.is_between = False  # "between $5M and $10M"
        self.link: set[str] = set()  # what stands between the last figure and the next
        self.sign = sign
        self.tokens = tokens
        self.words = [token.lower() for token in tokens]
        self.groups = iter(groups)
        self._start_clause()
        index = 0
        while index < len(tokens):
            index = self._read_at(index)
        if self.figures and self.currency and self.link <= {"or", "/"}:  # $5M or EUR
            combined(self.figures[-1].currency, self.currency)

    def _start_clause(self) -> None:
        """Forget what waits for a figure, and the figure that remarks belong to."""
        self.labelled: Figure | None = None
        self.currency, self.bound = "", ""
        self.about, self.is_negative = False, False
        self.standing = 0
        self.unit: float | None = None

    def _word(self, index: int) -> str:
        return self.words[index] if index < len(self.words) else ""

    def _read_at(self, index: int) -> int:
        """Read what begins at an index; return the index behind it."""
        word = self.words[index]
        if word[-1].isdigit() and word.isascii():
            sign = "," if self._word(index + 1) in COMMA_UNITS else self.sign
            return self._read_figure(*value_of(self.tokens[index], sign), index + 1)
        if word == "(":
            self._read_bracket(_Reader(next(self.groups), [], self.sign))
            return index + 1
        if word in _COUNTS and self._counts_a_unit(index):
            return self._read_figure(_COUNTS[word], None, index + 1)
        currency, length = currency_at(self.tokens, index)
        if currency and word not in ONLY_BEHIND:
            self.currency = combined(self.currency, currency)
            return index + length
        if word in _WORD_UNITS and (self.currency or currency_at(self.tokens, index + 1)[0]):
            self.unit = UNITS[word]  # million SEK 100, USD million 5
        else:
            self._read_word(word, index)
        return index + 1

    def _counts_a_unit(self, index: int) -> bool:
        """Whether a word counts, as in "a billion", and isn't part of "half a billion"."""
        unit = self._word(index + 1)
        before = self.words[max(0, index - 2) : index]
        return unit in _WORD_UNITS and _FRACTIONS.isdisjoint(before)

    def _read_figure(self, value: float, problem: str | None, index: int) -> int:
        """Take a value with the unit, the currency and the plus sign behind it."""
        if self._word(index) in _PERCENT:
            self._read_word("%", index)
            return index + 1
        if self._word(index) == "-" and self._word(index + 1) in _WORD_UNITS:
            index += 1  # $20-million
        has_currency_before = bool(self.currency)
        unit = UNITS.get(self._word(index))
        has_comma_unit = self._word(index) in COMMA_UNITS
        if unit:
            index += 2 if self._word(index + 1) == "." else 1
        if unit and self._word(index) in _WORD_UNITS:  # 10 mil millones, 2 thousand million
            unit = min(unit, FULL_AMOUNT) * UNITS[self._word(index)]
            index += 1
        index = self._read_currency_behind(index, has_unit=bool(unit))
        if not unit and self._word(index) in _WORD_UNITS:  # 100 EUR million
            unit = UNITS[self._word(index)]
            index += 1
        unit = unit or self.unit
        if self._word(index) == "+":
            self.bound, index = "over", index + 1
        elif (self._word(index), self._word(index + 1)) == ("or", "more"):
            self.bound, index = "over", index + 2
        self._add(
            Figure(
                [(value, unit)],
                self.currency,
                bound=self.bound,
                about=self.about,
                standing=self.standing,
                is_alternative=not _ALTERNATIVES.isdisjoint(self.link),
                is_negative=self.is_negative,
                has_comma_unit=has_comma_unit,
                problem=problem,
            ),
            has_currency_before,
        )
        return index

    def _read_currency_behind(self, index: int, *, has_unit: bool) -> int:
        start = index
        while has_unit and self._word(index) in _OF:
            index += 1
        currency, length = currency_at(self.tokens, index)
        if not currency or (self.currency and self._word(index + length)[:1].isdigit()):
            return start  # in "$5M EUR 4M" the second currency is the next figure's
        self.currency = combined(self.currency, currency)
        return index + length

    def _add(self, figure: Figure, has_currency_before: bool) -> None:
        """Keep a figure, as the end of a range where it is one."""
        if self._ends_a_range(figure):
            low = self.figures.pop()
            if low.is_bare and has_currency_before:  # "Round 2 - $20M" or "5 to $20M"
                figure.problem = figure.problem or _HALF_A_RANGE
            figure = _joined(low, figure)
        self.figures.append(figure)
        self._start_clause()
        self.labelled = figure
        self.link = set()

    def _ends_a_range(self, figure: Figure) -> bool:
        link = self.link - {"~"} or self.link  # in "$2.1Bn-~$2.2Bn" the tilde only says about
        is_linked = link in _RANGES or (self.is_between and link == {"and"})
        if not is_linked or not self.figures:
            return False
        last = self.figures[-1]
        if len(last.ends) > 1 or (last.currency and figure.currency not in {"", last.currency}):
            return False
        if last.is_year and not figure.is_bare:
            return False
        return not (figure.is_year and last.ends[0][1])

    def _read_bracket(self, inner: "_Reader") -> None:
        """Give the figures in a bracket, or its remark, to the figure before it."""
        figures = [figure for figure in inner.figures if not figure.is_bare]
        if not self.figures:
            self.loose += figures
        elif not figures:
            self.figures[-1].about |= not _HEARSAY.isdisjoint(inner.words)
            self.figures[-1].standing += sum(_STANDING.get(word, 0) for word in inner.words)
        elif inner.is_plain and len({figure.currency for figure in figures}) == len(figures):
            self.figures[-1].restatements += figures
        else:
            self.figures[-1].details += figures

    def _read_word(self, word: str, index: int) -> None:
        """Note what a word says of the figure before or behind it."""
        if word in _LINKS or word in _BREAKS:
            self.link.add(word)
            self.is_negative = word == "-" and (index == 0 or bool(self.currency))
        if word == "/" and self.currency:  # USD/EUR 5m
            combined(self.currency, currency_at(self.tokens, index + 1)[0])
        if word in _BREAKS:
            self._start_clause()
        elif word in _BOUNDS:
            self.bound = _BOUNDS[word]
        elif word in _ABOUT or (word == "c" and self._word(index + 1) == "."):
            self.about = True
        elif word in _HEARSAY:
            self._remark(about=True)
        elif word not in _LINKS and word not in _IGNORED:
            self._remark(standing=_STANDING.get(word, 0))
            self.is_between |= word == "between"
            self.is_plain = False
            self.link.add("word")
            self.currency, self.bound, self.is_negative = "", "", False

    def _remark(self, *, about: bool = False, standing: int = 0) -> None:
        """Give a remark to the figure it stands behind, else to the one that comes."""
        if self.labelled:
            self.labelled.about |= about
            self.labelled.standing += standing
        else:
            self.about |= about
            self.standing += standing


def _joined(low: Figure, high: Figure) -> Figure:
    """Return two figures as a range; "$27-29Bn" has its unit and currency only once."""
    (value, unit), (_, high_unit) = low.ends[0], high.ends[0]
    if unit is None and value < FULL_AMOUNT:
        unit = high_unit
    low.ends = [(value, unit), *high.ends]
    low.currency = low.currency or high.currency
    low.about |= high.about
    low.is_negative |= high.is_negative
    low.problem = low.problem or high.problem
    return low
