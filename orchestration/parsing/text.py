"""What every parser shares: its context, the tidying of a text, and the columns it returns.

Nothing here knows what a text means; that belongs to the module of its type.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import pyarrow as pa

Fields: TypeAlias = Mapping[str, pa.DataType]  # suffix -> type, in the order of a row
Columns: TypeAlias = "Mapping[str, pa.Array[Any]]"  # one array a suffix, as long as the texts


WORD_FIELDS: Fields = {"_value": pa.string()}


class Context(NamedTuple):
    """What the file proves about a column besides its cells.

    `currency` is the ISO code of amounts printed without one, `multiplier` the unit of amounts
    printed without one (1e6 for a column in millions), `header` the column's header as printed:
    "Amount (USD M)" proves both, and gives way to the two when they are set. `values`
    gives the words of a vocabulary by the keys of words for them. `date_order` is "dmy" or "mdy"
    and `year` that of dates without one, where source.yml states it. `stated_currency` and
    `stated_unit` are the texts of the cells beside ("EUR", "million"): an amount may not contradict
    them.
    """

    currency: str | None = None
    multiplier: float | None = None
    header: str = ""
    values: Mapping[str, str] = {}
    date_order: str = ""
    year: int | None = None
    stated_currency: str = ""
    stated_unit: str = ""


# Applied before NFKC, which would turn "1½" into 11 and a footnote's "5¹" into 51.
_REWRITTEN = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc\u00b4", "'"),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff\u00ad¹²³⁰⁴⁵⁶⁷⁸⁹"),
        "½": ".5",
        "¼": ".25",
        "¾": ".75",
    }
)


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set, for word lists that read as text."""
    return frozenset(text.split())


_MISSING = words(
    "n/a n.a. n.a na nil none null nan - -- --- . ? ?? tbd tba tbc k.a. н/д"
    " unbekannt inconnu inconnue desconocido desconhecido sconosciuto onbekend"
    " неизвестно нераскрыто 未披露 未公开 未公開 未知 不明 非公開 비공개 미공개"
) | {
    "not available",
    "no data",
    "no information",
    "keine angabe",
    "keine angaben",
    "не раскрыта",
    "не раскрыто",
}
_DENIED = re.compile(
    r"(?:not|un)[ -]?(?:yet |been )*(?:publicly |officially )?(?:disclosed|announced|known|stated"
    r"|reported|specified|applicable|provided|given|determined|confirmed)"
    r"(?: (?:publicly|yet|by .{1,30}))?"
    r"|(?:non|no|não|nicht|niet|ikke|inte) (?:communiqué|divulgué|précisé|connu|divulgado|revelado"
    r"|divulgato|comunicato|noto|informado|bekannt|genannt|bekend|bekendgemaakt|oplyst|känt)e?s?"
)
_CELL_ERROR = re.compile(
    r"#(?:N/A|DIV/0!|NULL!|NUM!|REF!|VALUE!|NAME\?|GETTING_DATA|SPILL!|CALC!|FIELD!)", re.IGNORECASE
)
# What programs write for a byte that they could not print: \xc2\xa0 is a no-break space.
_ESCAPED_BYTES = re.compile(r"(?:\\+x[0-9a-fA-F]{2})+")
LINK = re.compile(r"\[([^\[\]]*)\]\(\s*([^()\s]*)[^()]*\)")
_PICTURES = re.compile("[\u2500-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
_NO_WORD = re.compile(r"[\W_]+")
_REMARK = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])$")


def unescaped(text: str) -> str:
    """Return the text with escape sequences that stand for UTF-8 as the letters they stand for."""
    return _ESCAPED_BYTES.sub(_letters, text) if "\\x" in text else text


def _letters(escaped: re.Match[str]) -> str:
    try:
        return bytes.fromhex(escaped[0].replace("\\", "").replace("x", "")).decode()
    except UnicodeDecodeError:
        return escaped[0]


def tidy(text: str) -> str:
    """Return the text with one kind of dash, quote, digit and space, a link as its words."""
    text = unescaped(text)
    if "](" in text:
        text = LINK.sub(r"\1", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_REWRITTEN))
    return " ".join(text.split())


def is_missing(tidied: str) -> bool:
    """Whether a tidied text only says that there is no value, such as "n/a" or "-"."""
    folded = tidied.casefold()
    return folded in _MISSING or not tidied or bool(_DENIED.fullmatch(folded))


def is_cell_error(text: str) -> bool:
    """Whether a text is what a spreadsheet shows for a formula that failed."""
    return text[:1] == "#" and bool(_CELL_ERROR.fullmatch(text.strip()))


def refuse_cell_error(tidied: str) -> None:
    """Raise ValueError, which says what to do, for the error of a formula."""
    if is_cell_error(tidied):
        tidied = tidied.upper()
        raise ValueError(
            f"A formula of the spreadsheet failed ({tidied}): correct it, or, if nothing is known,"
            f' write empty_values: ["{tidied}"] under reader: in source.yml.'
        )


def without_remark(tidied: str) -> str:
    """Return a tidied text without a remark in brackets at its end: "2013 (or 2014)" -> "2013"."""
    return _REMARK.sub("", tidied) if tidied[-1:] in {")", "]"} else tidied


def without_pictures(tidied: str) -> str:
    """Return a tidied text without emoji and such beside its words: "🟩 Mar 2025" -> "Mar 2025"."""
    if tidied.isascii():
        return tidied
    return " ".join(_PICTURES.sub(" ", tidied).split())


def word_key(text: str) -> str:
    """Return the text without case and punctuation: "Model-Platform " and "model_platform" meet.

    Signs stay when there is nothing else, as an emoji may be all that a cell says.
    """
    plain = tidy(text).casefold()
    return " ".join(_NO_WORD.sub(" ", plain).split()) or plain


def as_columns(rows: Iterable[Sequence[Any]], fields: Fields) -> Columns:
    """Return rows, each with a value for every field, as one array a field."""
    kept = list(rows)
    return {
        suffix: pa.array([row[index] for row in kept], dtype)
        for index, (suffix, dtype) in enumerate(fields.items())
    }


def parse_words(texts: Sequence[str], context: Context) -> Columns:
    """Parse words of a vocabulary to the word meant; one that isn't in it stands for itself."""
    return as_columns(((_word(tidy(text), context.values),) for text in texts), WORD_FIELDS)


def _word(text: str, values: Mapping[str, str]) -> str | None:
    if word := values.get(word_key(text)):
        return word
    return None if is_missing(text) else values.get("*", text.casefold())
