"""Round labels: which round of a company's series a label names, and what sort of money.

`_stage` is what two labels must share to name one round: "series a", "seed"; several are joined by
semicolons; None where the label is a general one ("Venture round"). `_part` tells a part of a stage
from the whole: "extension", "final close", "2". `_kind` is the word of the column's vocabulary
whose phrase the label holds, the first in the vocabulary's order.
"""

import re
from collections.abc import Sequence

import pyarrow as pa

from orchestration.parsing.text import Columns, Context, Fields, as_columns, tidy, word_key

ROUND_LABEL_FIELDS: Fields = {"_stage": pa.string(), "_part": pa.string(), "_kind": pa.string()}

_SEPARATORS = re.compile(r"[\s_,;:()\[\]]+|-(?=[^\d]|$)|(?<=[a-z])-(?=\d)")
_LETTER = r"([a-l])(?: ?-?([1-9]|i{1,3}|iv)(?!\w)|(\+))?(?!\w)"
_SERIES = re.compile(
    rf"(pre )?(?:series|serie|round) {_LETTER}((?: ?(?:/|and|&|\+|plus) ?[a-l]\b)*)"
)
_BARE_LETTER = re.compile(
    rf"(pre )?(?:(?:seed|venture|equity|(?:early|late|later) stage vc) )?{_LETTER}(?: round)?"
)
_SEED = re.compile(r"(pre )?seed(?: ?(\+|[2-9]))?(?!\w)|(angel)\b")
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
_PARTS = (
    ("first close", re.compile(r"\b(?:first|1st|initial) (?:clos|tranche)|\btranche 1\b")),
    ("second close", re.compile(r"\b(?:second|2nd) (?:clos|tranche)|\btranche 2\b")),
    ("final close", re.compile(r"\b(?:final|third|3rd) (?:clos|tranche)|\bcompletion\b")),
    ("extension", re.compile(r"\b(?:extension|extended|ext|top up|follow on|add on|tranche)\b")),
    ("bridge", re.compile(r"\bbridge\b")),
)
# "Series C (incl. debt)" is a round of shares with a loan beside them, and "Pre-IPO" is no IPO.
_NO_KIND = re.compile(r"\b(?:incl|including|includes|with) (?:some |part )?debt\b|\bpre ipo\b")


def parse_round_labels(texts: Sequence[str], context: Context) -> Columns:
    """Parse labels of rounds to stage, part and kind of money."""
    kinds = {f" {phrase} ": kind for phrase, kind in context.values.items()}
    return as_columns(
        ((*_stage_and_part(folded), _kind(folded, kinds)) for folded in map(_fold, texts)),
        ROUND_LABEL_FIELDS,
    )


def _fold(text: str) -> str:
    """Return the label in small letters, its words apart; signs of parts (+, -1) stay."""
    return " ".join(_SEPARATORS.sub(" ", tidy(text).casefold().replace(".", " ")).split())


def _stage_and_part(folded: str) -> tuple[str | None, str | None]:
    stages, parts = [], []
    found = [*_SERIES.finditer(folded)]
    if not found and (bare := _BARE_LETTER.fullmatch(folded)):
        found = [bare]
    for match in found:
        pre, letter, number, plus = match.group(1, 2, 3, 4)
        also = re.findall(r"\b[a-l]\b", match[5]) if match.re is _SERIES and match[5] else []
        stages += [f"{'pre-' if pre else ''}series {one}" for one in (letter, *also)]
        parts += [_ROMAN.get(part, part) for part in (number, plus) if part]
    for pre, plus, angel in _SEED.findall(folded):
        stages.append("angel" if angel else f"{'pre-' if pre else ''}seed")
        parts += [plus] * bool(plus)
    parts += [part for part, pattern in _PARTS if pattern.search(folded)][:1]
    return ";".join(sorted(set(stages))) or None, " ".join(parts) or None


def _kind(folded: str, kinds: dict[str, str]) -> str | None:
    plain = f" {word_key(_NO_KIND.sub(' ', folded))} "
    ranks = {kind: rank for rank, kind in enumerate(dict.fromkeys(kinds.values()))}
    found = {kind for phrase, kind in kinds.items() if phrase in plain}
    return min(found, key=ranks.__getitem__, default=None)
