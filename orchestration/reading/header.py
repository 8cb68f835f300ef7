"""Finding a sheet's header, of one row or two, and which of its columns is which of the kind's.

Belongs here: comparing header texts with canonical names, source.yml and synonyms. Doesn't:
taking the rows below (rows), several tables on a sheet (tables), or any file format.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from itertools import count, pairwise
from typing import NamedTuple

from orchestration.parsing.currencies import CODES_IN_WORDS
from orchestration.parsing.text import words
from orchestration.reading.sheet import ReadError, Sheet
from orchestration.sources.formats import Settings
from orchestration.sources.kinds import Column, Kind

_FEWEST_ROWS, _MOST_ROWS, _CELLS = 50, 1000, 200_000  # searched, however wide the sheet
_KNOWN_TEXTS = 100_000  # what is kept of them: more than a sheet has headers
_ESCAPES = re.compile(r"\\[nrt]|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}")
_CAMEL = re.compile("(?<=[a-z])(?=[A-Z])")
# Steps of a header such as data.properties.amount or author.name that say nothing of their own.
_CONTAINERS = words(
    "about attributes basics data details facts fields general info information item meta metadata"
    " item items node overview profile properties record relationships row summary"
)
_ITSELF = words("name title label value text")
_SEPARATOR = " | "  # between the two rows of a header, in its texts

Texts = tuple[str | None, ...]


class Header(NamedTuple):
    """A header: the position of its last row in the sheet's cells, and its texts.

    `rows` are its one or two rows as they stand there; `texts` join two as "Amount | USD";
    `columns` are the canonical names of those that it names, with their index.
    """

    position: int
    texts: Texts
    rows: tuple[Texts, ...]
    columns: Mapping[str, int]


class Wanted(NamedTuple):
    """What makes a row of a sheet a header of the kind.

    `accepted` are the headers of the columns that a file itself names, as `accepted_headers` lists
    them, and `required` the names of those that it must; `known` are the headers of all columns.
    """

    kind: Kind
    settings: Settings
    accepted: list[tuple[str, str]]
    required: frozenset[str]
    known: frozenset[str]

    def matched(
        self, texts: Sequence[str | None], numbers: Sequence[int | None] | None = None
    ) -> dict[str, int]:
        """Map canonical names to positions in a row of header texts."""
        return match_columns(texts, self.accepted, numbers)


def wanted_headers(kind: Kind, settings: Settings) -> Wanted:
    """List what a file's own header must and may name: not what is filled in otherwise."""
    unpivoted = (settings.unpivot.name, settings.unpivot.value) if settings.unpivot else ()
    given = {settings.sheet_name_is, *settings.constants, *unpivoted}
    columns = [column for column in kind.columns if column.name not in given]
    required = frozenset(column.name for column in columns if column.required)
    known = frozenset(header for _, header in accepted_headers(kind.columns, settings))
    return Wanted(kind, settings, accepted_headers(columns, settings), required, known)


def find_header(sheet: Sheet, wanted: Wanted) -> Header:
    """Find the first header that names all of the kind's required columns.

    Raises ReadError, without naming file or sheet, when none does.
    """
    rows, positions = _searched_rows(sheet, wanted.settings.header_row)
    if not wanted.required:  # a word among numbers or addresses is one of a record
        positions = [p for p in positions if _has_words(rows[p][1])] or positions
    weak = None  # one known header may be a word in a record
    for position in positions:
        header = header_at(rows, position, wanted)
        if header and len(header.columns) > 1:
            return header
        weak = weak or header
    if weak:
        return weak

    matched = {position: wanted.matched(rows[position][1]) for position in positions}
    # The first of equals.
    best = max(positions, key=lambda p: (len(wanted.required & matched[p].keys()), len(matched[p])))
    number, texts = rows[best]
    if not wanted.required:
        return Header(best, texts, (texts,), matched[best])
    raise ReadError(_missing_sentence(texts, number, matched[best], wanted), len(matched[best]))


def _has_words(texts: Texts) -> bool:
    filled = [text for text in texts if text]
    if any("://" in text for text in filled):
        return False
    return 2 * sum(any(map(str.isalpha, text)) for text in filled) >= len(filled)


def _searched_rows(
    sheet: Sheet, header_row: int | None
) -> tuple[list[tuple[int, Texts]], Sequence[int]]:
    """Return a sheet's first rows, and the positions among them at which its header may begin."""
    if sheet.cells.num_rows == 0:
        raise ReadError("there is nothing in it; fill it or remove it")
    if header_row is None and sheet.row_numbers[0].as_py() == 0:  # the format names the columns
        return top_rows(sheet, 1), [0]
    if header_row is None:
        most = _CELLS // sheet.cells.num_columns
        rows = top_rows(sheet, max(_FEWEST_ROWS, min(_MOST_ROWS, most)))
        return rows, range(len(rows))
    position = sheet.row_numbers.index(header_row).as_py()
    if position < 0:
        raise ReadError(
            f"row {header_row} is empty, though source.yml says it is the header; "
            "correct header_row"
        )
    return top_rows(sheet, position + 3), [position]


def top_rows(sheet: Sheet, length: int) -> list[tuple[int, Texts]]:
    """Take a sheet's first rows, each with its number."""
    top = [column.slice(0, length).to_pylist() for column in sheet.cells.columns]
    numbers = sheet.row_numbers.slice(0, length).to_pylist()
    return list(zip(numbers, zip(*top, strict=True), strict=True))


def header_at(rows: Sequence[tuple[int, Texts]], position: int, wanted: Wanted) -> Header | None:
    """Read the header that begins with a row, if the row, alone or with the next, is one.

    Two rows are one header when the upper lacks something: a required column, or texts of its
    own for each column.
    """

    def named(texts: Texts) -> dict[str, int]:
        columns = wanted.matched(texts)
        return columns if wanted.required <= columns.keys() else {}

    number, upper = rows[position]
    alone = named(upper)
    below = rows[position + 1] if position + 1 < len(rows) else (0, ())
    lower = below[1] if below[0] == number + 1 else ()
    if lower:
        joined, next_alone = _joined(upper, lower), named(lower)
        if alone and len(next_alone) > len(alone):
            return None  # the next row is the better header
        if alone:  # a second row has records below it: the last row of all is one itself
            are_one = position + 2 < len(rows) and _is_second_row(upper, lower, wanted)
        else:  # a lower row that stands alone and repeats nothing needs none above it
            has_repeats = max(Counter(filter(None, lower)).values(), default=0) > 1
            are_one = _is_group_row(upper, lower) and (has_repeats or not next_alone)
        if are_one and (columns := named(joined)):
            return Header(position + 1, joined, (upper, lower), columns)
    return Header(position, upper, (upper,), alone) if alone else None


def _is_group_row(upper: Texts, lower: Texts) -> bool:
    """Whether the upper row may name groups of the lower one's columns; a title doesn't."""
    named = [index for index, text in enumerate(upper) if text]
    used = [index for index, text in enumerate(lower) if text]
    is_title = len({upper[index] for index in named}) == 1 and named[0] <= used[0]
    return len(used) > 1 and not is_title


def _is_second_row(upper: Texts, lower: Texts, wanted: Wanted) -> bool:
    """Whether the lower row only divides columns of the upper one, as "USD" and "EUR" do.

    It fills all columns of a group that the kind knows, and no other column.
    """
    repeats = Counter(filter(None, upper))
    divided, group = False, None
    for index, (above, text) in enumerate(zip(upper, lower, strict=True)):
        group = above or group
        following = upper[index + 1] if index + 1 < len(upper) else above
        is_divided = above is None or repeats[above] > 1
        is_group = is_divided or following is None
        if is_group and folded(group or "") in wanted.known:
            divided |= is_divided
            # A label has letters; a cell without any, or a gap, is of a record.
            if not text or not any(map(str.isalpha, text)) or any(map(str.isdigit, text)):
                return False
        elif is_divided or text not in (None, above):
            return False
    return divided


def _joined(upper: Texts, lower: Texts) -> Texts:
    """Join two rows; a group's text stands for the columns to its right until the next one."""
    were_merged = any(a and a == b for a, b in pairwise(upper))
    joined: list[str | None] = []
    group = None
    for above, text in zip(upper, lower, strict=True):
        group = above or (None if were_merged else group)
        if text is None:
            joined.append(above)
        else:
            joined.append(text if group in (None, text) else f"{group}{_SEPARATOR}{text}")
    return tuple(joined)


def accepted_headers(columns: Sequence[Column], settings: Settings) -> list[tuple[str, str]]:
    """List (canonical name, folded header that it accepts), the most trusted first.

    What source.yml says goes first, then canonical names, then synonyms in their order.
    """
    required_first = sorted(columns, key=lambda column: not column.required)
    said = [(c.name, header) for c in columns for header in settings.columns.get(c.name, ())]
    own = [(column.name, column.name) for column in columns]
    synonyms = [(column.name, synonym) for column in required_first for synonym in column.synonyms]
    return [(name, folded(header) or header) for name, header in (*said, *own, *synonyms)]


def match_columns(
    texts: Sequence[str | None],
    accepted: Sequence[tuple[str, str]],
    numbers: Sequence[int | None] | None = None,
) -> dict[str, int]:
    """Map canonical names to positions in a row of header texts, of columns that have `numbers`.

    A header serves one column; of two that fit the same column, the better fit is taken, which
    is the first of equals, and one without a remark in brackets. Of a header in two rows, the
    lower row alone fits before the upper alone. A column without a header is "column 1", one of
    several with the same "note (column 6)"; a header of signs alone, "$" or "??", is itself.
    """
    headers = [(text, position) for position, text in enumerate(texts) if text]
    counts = Counter(texts)
    positions = {
        folded(f"{text or ''} column {number}"): position
        for position, (text, number) in enumerate(zip(texts, numbers or count(1), strict=False))
        if not text or counts[text] > 1
    }
    for key in (
        _contained,
        _without_currency,
        _group,
        _member,
        _without_brackets,
        folded,
    ):  # the most trusted last
        positions |= {key(text): position for text, position in reversed(headers)}
    positions |= {text: position for text, position in reversed(headers) if not folded(text)}
    positions.pop("", None)
    matched: dict[str, int] = {}
    for name, header in accepted:
        position = positions.get(header)
        if position is not None and name not in matched and position not in matched.values():
            matched[name] = position
    return matched


def _missing_sentence(texts: Texts, row: int, matched: Mapping[str, int], wanted: Wanted) -> str:
    kind, said_of = wanted.kind, wanted.settings.columns
    missing = [c for c in kind.columns if c.name in wanted.required and c.name not in matched]
    names = " and ".join(f"`{column.name}`" for column in missing)
    said = [header for column in missing for header in said_of.get(column.name, ())]
    if said:
        names += f" (source.yml says {' or '.join(map(repr, said))})"
    if not matched:
        return f"no header was found; {kind.name} needs one for {names}"
    free = {folded(t): t for i, t in enumerate(texts) if t and i not in matched.values()}
    accepted = [folded(name) for column in missing for name in (column.name, *column.synonyms)]
    near = [free[match] for name in accepted for match in get_close_matches(name, free, n=1)]
    nearest = list(dict.fromkeys(near))[:3]
    lacks = f"no header for {names}, which {kind.name} needs, in row {row}"
    if not near and all("unknown" in column.words for column in missing):
        unknown = ", ".join(f"{column.name}: unknown" for column in missing)
        return f"{lacks}; if the list has none, write `constants: {{{unknown}}}` in source.yml"
    if not near:
        return (
            f"{lacks}, and none is near: say under `columns:` in source.yml which of "
            f"{', '.join(map(repr, free.values())) or 'its headers'} is meant, or add the column"
        )
    first = nearest[0] if nearest[0].isprintable() else json.dumps(nearest[0])
    example = f"[{', '.join([*said, first])}]" if said else first
    return (
        f"{lacks}; the nearest there are "
        f"{', '.join(map(repr, nearest))}: say which is meant under `columns:` in source.yml, "
        f"such as `{missing[0].name}: {example}`"
    )


@lru_cache(maxsize=_KNOWN_TEXTS)
def folded(text: str) -> str:
    r"""Fold case, punctuation and spaces: "Deal-Date(s)" and "dealDate s" are "deal date s".

    Symbols such as emoji, and escape sequences such as a literal `\n`, count as spaces.
    """
    parted = _CAMEL.sub(" ", _ESCAPES.sub(" ", text))
    plain = unicodedata.normalize("NFKC", parted).casefold()
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


@lru_cache(maxsize=_KNOWN_TEXTS)
def _without_brackets(text: str) -> str:
    return folded(re.sub(r"[(\[{].*?[)\]}]", " ", text, flags=re.DOTALL))


@lru_cache(maxsize=_KNOWN_TEXTS)
def _without_currency(text: str) -> str:
    """Return a header without the currency, other than dollars, that it ends with: amount_eur."""
    first, _, last = folded(text).rpartition(" ")
    return first.removesuffix(" in") if last in CODES_IN_WORDS - {"usd"} else ""


def _contained(text: str) -> str:
    """Return what a header of several steps names: `about.yearFounded`, `author.name`."""
    steps = [folded(step) for step in text.split(".")]
    inner = [step for step in steps[:-1] if step not in _CONTAINERS] + steps[-1:]
    named = inner[:-1] if len(inner) > 1 and inner[-1] in _ITSELF else inner
    return " ".join(named) if len(named) < len(steps) else ""


def _group(text: str) -> str:
    group, separator, _ = text.partition(_SEPARATOR)
    return folded(group) if separator else ""


def _member(text: str) -> str:
    return _without_brackets(text.rpartition(_SEPARATOR)[2])
