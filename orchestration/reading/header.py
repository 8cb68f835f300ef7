"""Finding a sheet's header row, and which of its columns is which of the kind's.

Belongs here: comparing header texts with canonical names, source.yml and synonyms. Doesn't:
taking the rows below (rows), or anything about a file format.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

from orchestration.reading.sheet import ReadError, Settings, Sheet
from orchestration.registry import Column, Kind

_SEARCHED_ROWS = 50


class Header(NamedTuple):
    """A header row: its position in the sheet's cells, and its texts (None where empty)."""

    position: int
    texts: tuple[str | None, ...]


def find_header(sheet: Sheet, kind: Kind, settings: Settings) -> Header:
    """Find the row that names most of the kind's columns, the required ones first.

    Raises ReadError, without naming file or sheet, when no row names all required ones.
    """
    candidates = _candidates(sheet, settings.header_row)
    columns = [column for column in kind.columns if column.name not in _filled_otherwise(settings)]
    required = {column.name for column in columns if column.required}
    accepted = accepted_headers(columns, settings)

    def rank(header: Header) -> tuple[int, int]:
        matched = match_columns(header.texts, accepted)
        return len(required & matched.keys()), len(matched)

    best = max(candidates, key=rank)  # the first of equals
    found = match_columns(best.texts, accepted)
    missing = [column for column in columns if column.required and column.name not in found]
    if missing:
        row = sheet.row_numbers[best.position].as_py()
        sentence = _missing_sentence(best.texts, row, found.values(), kind, missing)
        raise ReadError(sentence, columns_found=len(found))
    return best


def accepted_headers(columns: Sequence[Column], settings: Settings) -> list[tuple[str, str]]:
    """List (canonical name, folded header that it accepts), the most trusted first.

    What source.yml says goes first, then canonical names, then synonyms in their order.
    """
    required_first = sorted(columns, key=lambda column: not column.required)
    said = [(c.name, settings.columns[c.name]) for c in columns if c.name in settings.columns]
    own = [(column.name, column.name) for column in columns]
    synonyms = [(column.name, synonym) for column in required_first for synonym in column.synonyms]
    return [(name, folded(header)) for name, header in (*said, *own, *synonyms)]


def match_columns(
    texts: Sequence[str | None], accepted: Sequence[tuple[str, str]]
) -> dict[str, int]:
    """Map canonical names to positions in a row of header texts.

    A header serves one column; of two that fit the same column, the better fit is taken, which
    is the first of equals and one without a remark in brackets.
    """
    headers = [(text, position) for position, text in enumerate(texts) if text]
    places = {_without_brackets(text): position for text, position in reversed(headers)}
    places |= {folded(text): position for text, position in reversed(headers)}
    matched: dict[str, int] = {}
    for name, header in accepted:
        place = places.get(header)
        if place is not None and name not in matched and place not in matched.values():
            matched[name] = place
    return matched


def _filled_otherwise(settings: Settings) -> set[str]:
    """Columns that no header stands for: the sheet's name, constants and what is unpivoted."""
    unpivoted = (settings.unpivot.name, settings.unpivot.value) if settings.unpivot else ()
    return {name for name in (settings.sheet_name_is, *settings.constants, *unpivoted) if name}


def _candidates(sheet: Sheet, header_row: int | None) -> list[Header]:
    if sheet.cells.num_rows == 0:
        raise ReadError("there is nothing in it; fill it or remove it")
    first, length = 0, _SEARCHED_ROWS
    if header_row is not None:
        first, length = sheet.row_numbers.index(header_row).as_py(), 1
        if first < 0:
            raise ReadError(
                f"row {header_row} is empty, though source.yml says it is the header; "
                "correct header_row"
            )
    top = [column.slice(first, length).to_pylist() for column in sheet.cells.columns]
    return [Header(position, texts) for position, texts in enumerate(zip(*top, strict=True), first)]


def _missing_sentence(
    texts: Sequence[str | None], row: int, found: Collection[int], kind: Kind, missing: list[Column]
) -> str:
    names = " and ".join(f"`{column.name}`" for column in missing)
    if not found:
        return f"no header was found; {kind.name} needs one for {names}"
    free = {folded(text): text for i, text in enumerate(texts) if text and i not in found}
    accepted = [folded(name) for column in missing for name in (column.name, *column.synonyms)]
    near = [free[match] for name in accepted for match in get_close_matches(name, free, n=1)]
    shown = list(dict.fromkeys(near or free.values()))[:3]
    if not shown:
        return f"no header for {names}, which {kind.name} needs, in row {row}; add the column"
    return (
        f"no header for {names}, which {kind.name} needs, in row {row}; the nearest there are "
        f"{', '.join(map(repr, shown))}: say which is meant under `columns:` in source.yml, "
        f"such as `{missing[0].name}: {shown[0]}`"
    )


@lru_cache(maxsize=10_000)
def folded(text: str) -> str:
    """Fold case, punctuation and spaces: "Lead-Investor(s)" and "lead investor s" are one."""
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


@lru_cache(maxsize=10_000)
def _without_brackets(text: str) -> str:
    return folded(re.sub(r"[(\[{].*?[)\]}]", " ", text))
