"""Which kind a file is of, and which of its headers a column of the kind could be.

Belongs here: comparing headers and cells with the kinds. Doesn't: exact matches of headers
(reading.header), which need no guess.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from orchestration import parsing
from orchestration.parsing.text import words
from orchestration.reading.header import accepted_headers, folded, match_columns
from orchestration.sources.formats import Settings
from orchestration.sources.kinds import Column, Kind

_NEAR_HEADER, _MOSTLY, _HALF = 0.8, 0.8, 0.5
UNKNOWN = "unknown"  # the word of columns that may be so in every row
_ANY_YEAR = 2000
_LONGEST_NAME, _CODE = 60, re.compile(r"(?=.*\d)[0-9a-fA-F-]{8,}|true|false", re.IGNORECASE)
_CLEARLY_BETTER, _FEWEST_WIDE = 0.15, 2  # columns of a wide table, names of a list
_FEW_KINDS = 1  # others that may know a header, too, if it is to tell the kind
_NAMES = ("name", "model")
_ALL_WORDS = {"names", "name", "makers", "model", "text"}
# A date of one of these, such as when a unicorn joined a list, is none of a round or a release.
_OTHER_EVENTS = words(
    "joined founded birth incorporated updated modified created added crawled scraped retrieved"
    " accessed checked cutoff deprecated retired retires expiry expires start end last"
)
# A number of one of these is none that a model has achieved.
_NO_SCORE = words("rank ranking position place no nr index id votes year count")
_OF_ANYTHING = ("key", "identifier")  # a header that holds these, such as deal_key, is near to none
_WORDS_INSIDE = 0.85  # closeness of "Date dd/mm/yyyy" to "date"
_CELLS = {"date": "dates", "money": "amounts of money", "number": "numbers", "size": "numbers"}

Samples = Mapping[str, Sequence[str]]  # header -> distinct texts of its first cells


class SheetSurvey(NamedTuple):
    """A sheet before its kind is known; `filled` are columns that no header stands for.

    One that `is_inner` lies inside the rows of the one before it, which is read in its place.
    """

    sheet: str
    samples: Samples
    filled: frozenset[str]
    is_inner: bool = False


class Fit(NamedTuple):
    """How well a sheet fits a kind: columns that its headers name, required ones that it lacks.

    `telling` is how many of its headers tell a kind, as `name` and `url` don't, `against` of how
    many the cells are something else.
    """

    kind: Kind
    sheet: SheetSurvey
    found: frozenset[str]
    missing: tuple[str, ...]
    telling: int = 0
    against: int = 0

    def describe(self) -> str:
        """Say how far the kind fits, as part of a sentence."""
        if not self.missing:
            return f"{self.kind.name} (by {', '.join(sorted(self.found))})"
        return f"{self.kind.name} lacks {' and '.join(f'`{name}`' for name in self.missing)}"


class Suggestion(NamedTuple):
    """A header that could be a column, and the evidence; `score` is 0 to 1."""

    score: float
    column: str
    header: str
    because: str


def every_column(kinds: Iterable[Kind]) -> Kind:
    """Make a kind of all kinds' columns as plain text, under which any of them can be read."""
    synonyms: dict[str, list[str]] = {}
    for kind in kinds:
        for column in kind.columns:
            synonyms.setdefault(column.name, []).extend(column.synonyms)
    columns = [Column(name, "text", False, tuple(others)) for name, others in synonyms.items()]
    return Kind("any kind", "", tuple(columns))


def rank_kinds(
    kinds: Collection[Kind], surveys: Sequence[SheetSurvey], settings: Settings
) -> list[Fit]:
    """List the kinds with the sheet that fits each best, the best fit first."""
    headers = {kind.name: accepted_headers(kind.columns, settings) for kind in kinds}
    best = (_best_fit([_fit(kind, s, headers) for s in surveys]) for kind in kinds)
    return sorted(best, key=_rank, reverse=True)


def _best_fit(fits: Sequence[Fit]) -> Fit:
    """Return the fit of the sheet that would be read: of those inside rows the first."""
    first = (fit for fit in fits if not fit.missing)
    is_nested = any(fit.sheet.is_inner for fit in fits)
    return next(first, max(fits, key=_rank)) if is_nested else max(fits, key=_rank)


def _rank(fit: Fit) -> tuple[int, bool]:
    return len(fit.found) - len(fit.missing), not fit.missing


def _fit(kind: Kind, sheet: SheetSurvey, headers: Mapping[str, Sequence[tuple[str, str]]]) -> Fit:
    names = list(sheet.samples)
    matched = match_columns(names, headers[kind.name])
    columns = {column.name: column for column in kind.columns}
    found = (sheet.filled & columns.keys()) | {
        name for name, at in matched.items() if _may_be(columns[name], sheet.samples, names[at])
    }
    missing = [
        c.name for c in kind.columns if c.required and c.name not in sheet.filled | matched.keys()
    ]
    others = [accepted for name, accepted in headers.items() if name != kind.name]
    telling = [
        name
        for name in found & matched.keys()
        if sum(bool(match_columns([names[matched[name]]], accepted)) for accepted in others)
        <= _FEW_KINDS
    ]
    against = len(matched.keys() - found)
    return Fit(kind, sheet, frozenset(found), tuple(missing), len(telling), against)


def _may_be(column: Column, samples: Samples, header: str) -> bool:
    """Whether a header's cells don't contradict it: the `size` of a job list is none of a model."""
    texts = samples[header]
    if column.required and column.parse in _NAMES:  # years, as keys of an object, name nothing
        return not texts or any(map(str.isalpha, "".join(texts)))
    if column.required or not texts:
        return True
    if column.words and column.parse == "word":
        known = {parsing.word_key(w) for word, more in column.words.items() for w in (word, *more)}
        return sum(parsing.word_key(text) in known for text in texts) >= _HALF * len(texts)
    if column.parse not in ("date", "number", "size"):
        return True
    return (_content(column, header, texts) or 0) >= _HALF


def free_headers(fit: Fit, settings: Settings) -> list[str]:
    """List the headers of a fit's sheet that no column of its kind was found for."""
    headers = list(fit.sheet.samples)
    matched = match_columns(headers, accepted_headers(fit.kind.columns, settings)).values()
    return [header for position, header in enumerate(headers) if position not in matched]


def assume_columns(fit: Fit, settings: Settings, *, by_cells: bool) -> dict[str, Suggestion]:
    """Find a header for each required column that a fit lacks; empty unless each has a clear one.

    `by_cells` allows cells alone to decide; else the header must be near too.
    """
    free = free_headers(fit, settings)
    columns = [column for column in fit.kind.columns if column.name in fit.missing]
    taken: dict[str, Suggestion] = {}
    for column in columns:
        others = [header for header in free if header not in {s.header for s in taken.values()}]
        options = _options(column, others, fit.sheet.samples, by_cells=True)
        if not by_cells:
            options = [s for s in options if _closeness(column, s.header) >= _NEAR_HEADER]
        best = [s for s in options if options[0].score - s.score < _CLEARLY_BETTER]
        if len(best) != 1:
            return {}
        taken[column.name] = best[0]
    return taken


def likeliest_header(column: Column, fit: Fit, free: Sequence[str]) -> str | None:
    """Return the free header of a fit that a column may best be; None where no cells speak for one.

    Nearness and cells tell; a name is, for want of both, the first short text that differs by row.
    """
    samples = fit.sheet.samples
    if options := _options(column, free, samples, by_cells=True):
        return options[0].header
    if column.parse in _CELLS:
        numbers = [h for h in free if _share("number", h, samples[h]) >= _MOSTLY]
        return numbers[0] if column.parse != "date" and len(numbers) == 1 else None
    if column.parse not in _NAMES:
        return None
    return next((header for header in free if _may_name(header, samples[header])), None)


def _may_name(header: str, texts: Sequence[str]) -> bool:
    """Whether texts could be names: several, short, of letters, no addresses, dates or codes."""
    if len(texts) < _FEWEST_WIDE or max(map(len, texts)) > _LONGEST_NAME:
        return False
    if any(text.startswith(("http", "[", "{")) or _CODE.fullmatch(text) for text in texts):
        return False
    has_letters = sum(any(map(str.isalpha, text)) for text in texts) >= _MOSTLY * len(texts)
    return has_letters and _share("date", header, texts) < _HALF


def suggest_columns(
    columns: Iterable[Column], free: Collection[str], samples: Samples
) -> list[Suggestion]:
    """Suggest, for headers near to columns that none was found for, the likeliest of these."""
    options = [
        option for column in columns for option in _options(column, free, samples, by_cells=False)
    ]
    best: dict[str, Suggestion] = {}
    for option in sorted(options, reverse=True):
        if option.header not in best and option.column not in {s.column for s in best.values()}:
            best[option.header] = option
    return list(best.values())


def _options(
    column: Column, headers: Iterable[str], samples: Samples, *, by_cells: bool
) -> list[Suggestion]:
    found = (_suggestion(column, h, samples.get(h, ()), by_cells=by_cells) for h in headers)
    # Of equals the first, as the file has them.
    return sorted((option for option in found if option), key=lambda s: s.score, reverse=True)


def _suggestion(
    column: Column, header: str, texts: Sequence[str], *, by_cells: bool
) -> Suggestion | None:
    """Return what a header's nearness and its cells tell; cells alone count only `by_cells`."""
    closeness, content = _closeness(column, header), _content(column, header, texts)
    near = closeness >= _NEAR_HEADER
    if near and column.parse == "money" and content is not None:  # or without a currency
        content = max(content, _share("number", header, texts))
    what = "addresses" if _is_address(column) else _CELLS.get(column.parse, "")
    if content is None:
        return Suggestion(closeness, column.name, header, "its header is near") if near else None
    score = (closeness + content) / 2
    if near and content >= _HALF:
        return Suggestion(score, column.name, header, f"its header is near, its cells are {what}")
    if by_cells and content >= _MOSTLY and what not in ("", "numbers"):
        return Suggestion(score, column.name, header, f"its cells are {what}")
    return None


def _closeness(column: Column, header: str) -> float:
    given = folded(header)
    known = [folded(name) for name in (column.name, *column.synonyms) if name not in _OF_ANYTHING]
    unknown_words = set(given.split()).difference(*map(str.split, known))
    if column.parse == "date" and _OTHER_EVENTS & unknown_words:
        return 0.0
    parts = set(given.split())
    if any(parts >= set(name.split()) for name in known):
        return _WORDS_INSIDE
    # "Raised" may be "total raised", if its cells are money.
    if parts and column.parse in _CELLS and any(parts <= set(name.split()) for name in known):
        return _WORDS_INSIDE
    return max(SequenceMatcher(None, name, given).ratio() for name in known)


def _is_address(column: Column) -> bool:
    return column.name.endswith("url") or column.name == "domain"


def _content(column: Column, header: str, texts: Sequence[str]) -> float | None:
    """Return the share of texts that could be the column's; None when any text could."""
    if not texts or sum(text.startswith(("[{", "{")) for text in texts) > _HALF * len(texts):
        return 0.0  # nothing, or objects of JSON
    addresses = sum(text.startswith(("http://", "https://", "www.")) for text in texts) / len(texts)
    if _is_address(column):
        return addresses
    if addresses > _HALF:
        return 0.0
    if column.parse in _ALL_WORDS and not any(map(str.isalpha, "".join(texts))):
        return 0.0  # a number of investors, not their names
    if column.parse not in _CELLS:
        return None
    return _share(column.parse, header, texts)


def _share(parse: str, header: str, texts: Sequence[str]) -> float:
    """Return the share of texts that a parser understands."""
    if not texts:
        return 0.0
    # A month without a year is a date too, once source.yml says the year.
    context = parsing.Context(header=header, year=_ANY_YEAR)
    meaning = next(iter(parsing.PARSERS[parse](texts, context).values()))
    return float((len(meaning) - meaning.null_count) / len(texts))


def free_words(fit: Fit, settings: Settings) -> list[str]:
    """List the free headers of a fit whose cells are no numbers."""
    samples, free = fit.sheet.samples, free_headers(fit, settings)
    return [header for header in free if _share("number", header, samples[header]) < _MOSTLY]


def unpivoted(fit: Fit, settings: Settings) -> dict[str, Any]:
    """Return the reader option for a wide table: a column of numbers for each missing name.

    Such as one for each benchmark. Empty when the fit's sheet is none.
    """
    names = [c.name for c in fit.kind.columns if c.name in fit.missing and c.parse == "text"]
    values = [c.name for c in fit.kind.columns if c.parse == "number" and c.name not in fit.found]
    words = free_words(fit, settings)
    numbers = [header for header in free_headers(fit, settings) if header not in words]
    wide = [header for header in numbers if _NO_SCORE.isdisjoint(folded(header).split())]
    if len(names) != 1 or not values or len(numbers) < _FEWEST_WIDE or not wide:
        return {}
    keep = [header for header in fit.sheet.samples if header not in wide]
    return {"unpivot": {"keep": keep, "name": names[0], "value": values[0]}}
