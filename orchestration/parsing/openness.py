"""What texts say of whether anyone can download a model's weights, and the licences they name.

Belongs here: words for open and closed of every kind, and the spellings of licences. Doesn't:
which listing counts as an open model; that is a rule of dbt staging.
"""

import re
from collections.abc import Sequence

import pyarrow as pa

from orchestration.parsing.text import (
    WORD_FIELDS,
    Columns,
    Context,
    Fields,
    as_columns,
    is_missing,
    parse_words,
    tidy,
    word_key,
)

LICENCE_FIELDS: Fields = {"_key": pa.string(), "_access": pa.string()}

_CLOSED = re.compile(
    r"\b(?:closed|proprietary|private|internal|withheld|all rights reserved|trade secret)\b"
    r"|\b(?:un|(?:not|never|non|no|without) ?(?:(?:yet|been|be|fully|freely|publicly|any) )*)"
    r"(?:open|opened|public|published|released|available|downloadable|shared|weights)\b"
)
_SERVED = re.compile(
    r"\b(?:apis?|hosted|saas|subscription|paid|waitlist|web interface|demo only)\b"
)
_OPEN = re.compile(
    r"\bopen\b|\bopen ?(?:weights?|sourced?|access|models?|checkpoints?)\b|\bdownloadable\b"
    r"|\b(?:public|published|released|available) (?:weights|checkpoints?)\b"
    r"|\b(?:weights?|checkpoints?) (?:\w+ )?(?:public|published|released|available|downloadable)\b"
    r"|\bpublicly available\b"
)
_PARTLY = re.compile(
    r"\b(?:partial|partially|partly|semi|limited|gated|restricted access|(?:up)?on request)\b"
)

_LICENCE_WORDS = re.compile(r"\b(?:the|licen[cs]e[ds]?|version|terms|agreement|community)\b")
_GLUED_VERSION = re.compile(r"v(?=\d)|(?<=[a-z])(?=\d)")
_IN_BRACKETS = re.compile(r"\(([^()]*)\)")
_WHOLE_VERSION = re.compile(r"(?<![\d.])(\d+)$")
# The families whose licences let anyone download what they cover.
_OPEN_LICENCE = re.compile(
    r"\b(?:apache|mit|x11|isc|bsd|zlib|unlicen[cs]e|wtfpl|afl|artistic|bsl|epl|eupl|ecl|ms pl|osl"
    r"|[al]?gpl(?:v\d)?|gfdl|mpl|cddl|cc ?0|cc by|creative commons|odc|pddl|public domain"
    r"|(?:\w+ )?(?:open ?)?rail(?: \w)?|llama ?\d?|gemma|falcon llm|qwen|deepseek"
    r"|mistral ai research|open (?:source|weights?|model|data)|community)\b"
)


def openness(text: str) -> str | None:
    """Return "open" or "closed" as a text says of a model's weights; None when it says neither.

    A model that is only served is closed. What is said to be not open is closed, whatever is
    said to be not so ("weights not released"); what is partly open is neither.
    """
    words = word_key(text)
    if _CLOSED.search(words):
        return "closed"
    if _PARTLY.search(words):
        return None
    if _OPEN.search(words):
        return "open"
    return "closed" if _SERVED.search(words) else None


def licence_key(text: str) -> str | None:
    """Return a licence's name under which its spellings meet: "Apache License 2.0", "apache-2.0".

    Of a name in words with its code in brackets the code counts.
    """
    plain = tidy(text).casefold()
    if is_missing(plain):
        return None
    coded = _IN_BRACKETS.search(plain)
    if coded and re.search(r"\d", coded[1]):
        plain = coded[1]
    plain = re.sub(r"[^\w.+]+|_", " ", plain)
    plain = _GLUED_VERSION.sub(" ", _LICENCE_WORDS.sub(" ", plain))
    plain = " ".join(plain.split()).strip(" .")
    return _WHOLE_VERSION.sub(r"\1.0", plain) or None


def parse_access(texts: Sequence[str], context: Context) -> Columns:
    """Parse words for access to open and closed: known words first, then words of their kind."""
    said = parse_words(texts, context)["_value"].to_pylist()
    known = {*context.values.values()}
    values = (
        value if value is None or value in known else openness(text) or value
        for text, value in zip(texts, said, strict=True)
    )
    return as_columns(((value,) for value in values), WORD_FIELDS)


def parse_licences(texts: Sequence[str], context: Context) -> Columns:
    """Parse licences to a key, and to whether they say that the weights are open or closed."""
    del context
    return as_columns(
        ((licence_key(text), _licence_access(text)) for text in texts), LICENCE_FIELDS
    )


def _licence_access(text: str) -> str | None:
    if said := openness(text):
        return said
    return "open" if _OPEN_LICENCE.search(word_key(text)) else None
