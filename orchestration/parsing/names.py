"""Names: a key under which spellings of one name meet, and lists of names taken apart.

Which names are the same company is decided later, from keys, websites, rounds and a commented alias
list; a key only forgets case, accents, spaces, punctuation, links, legal forms and an abbreviation
of the name itself. A core also forgets the general words that a name may come with or without.
"""

import ast
import html
import json
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.parsing.text import (
    LINK,
    Columns,
    Context,
    Fields,
    as_columns,
    is_cell_error,
    unescaped,
    words,
)

NAME_FIELDS: Fields = {"_key": pa.string(), "_core": pa.string(), "_name": pa.string()}
NAMES_FIELDS: Fields = {"_names": pa.string(), "_keys": pa.string()}

_LEGAL_FORMS = words(
    "inc incorporated corp corporation co ltd limited llc llp lp plc pbc pty pte pvt sdn bhd"
    " gmbh mbh ag kg kgaa ug se sa sas sasu sarl srl spa sl slu bv nv ab as a/s aps oy oyj asa"
    " ou uab kk"
)
_TRAILING = _LEGAL_FORMS | {"and"}  # which remains of "GmbH & Co. KG"
# What a company's name comes with in one list and without in another.
_GENERAL = words(
    "ai io com co dev app net org xyz tech technology technologies lab labs software systems group"
    " holding holdings company corporation solutions hq"
)
_NOBODY = words(
    "undisclosed undisclosedinvestor undisclosedinvestors notdisclosed unknown unnamed tbd tba"
    " others andothers amongothers etal"
)

_WORDS = "^[A-Za-z0-9]+(?: [A-Za-z0-9]+)*$"
_MORE_THAN_WORDS = (
    rf"\d \d|(?i:(?:^| )(?:{'|'.join(sorted(filter(str.isalnum, _TRAILING)))})$| funding round$)"
)
_AROUND_CORE = rf"^the | (?:{'|'.join(sorted(_GENERAL))})(?: (?:{'|'.join(sorted(_GENERAL))}))*$"

# How Crunchbase's dumps name a company: /organization/acme-robotics
_PERMALINK = re.compile(
    r"/(?:organization|company|person|financial-organization)/(.*)", re.IGNORECASE | re.DOTALL
)
# How Crunchbase names a round, where a list has no other name of its company: by the type, then the
# company, or the other way round.
_ROUND_OF = re.compile(
    r"^(?:(?:(?:pre[ -]?)?seed|angel|venture|corporate|private equity|funding) round|series [a-z]"
    r"|convertible note|debt financing|(?:equity|product) crowdfunding|grant|initial coin offering"
    r"|non[ -]equity assistance|post-ipo (?:equity|debt|secondary)|secondary market) - (?=\S)"
    r"|(?<=\S) funding round$",
    re.IGNORECASE,
)
_ABBREVIATION = re.compile(r"(.*\w)\s*\(([A-Z]{2,6})\)")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<!--[^<>]*-->")
# Letters that are no letter and accent to Unicode.
_FOLDED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "\u0131": "i", "þ": "th"}
    | {"&": " and ", "+": " plus "}
)
_ACCENTS = re.compile("[\u0300-\u036f]")
_ASCII_PUNCTUATION = re.compile(r"[^a-z0-9.]")
_MARK_BETWEEN_DIGITS = re.compile(r"(?<=\d)[ .]+(?=\d)")
_OTHER_MARK = re.compile(r" |(?<!\d)\.|\.(?!\d)")

_NAMED = ("name", "value", "title")  # facts that tell an object of a list from the others
_SPACES = re.compile(r"[^\S\n]+")
_BRACKET = re.compile(r"\([^()]*\)")
# Nothing separates names inside brackets: private characters stand in there for what would.
_HIDDEN = str.maketrans(";,\n ", "\ue000\ue001\ue002\ue003")
_SHOWN = str.maketrans("\ue000\ue001\ue002\ue003", ",,  ")
# What binds names together, or means something else than itself.
_MARKS_OF_LISTS = re.compile(r"[;\n()\[\]<>&/\\]")
_LEGAL_FORM = "|".join(r"\.?".join(map(re.escape, form)) for form in sorted(_LEGAL_FORMS))
_COMMA_OR_AND = re.compile(
    rf",(?! ?(?:{_LEGAL_FORM})\.? ?(?:,|$| and ))(?: ?and )?"
    r"| and (?!(?:company|co|sons|partners|associates|friends)\b)",
    re.IGNORECASE,
)


# The names of a column of lists recur: a few hundred investors in thousands of lists.
@lru_cache(maxsize=65_536)
def name_key(name: str) -> str | None:
    """Return the key of a name, or None when it has no letter or digit or says "undisclosed".

    A separator between digits stays, as versions matter: "Dolly 2.0" is not "Dolly 20", and
    "Llama 2 7B" is not "Llama 27B". The key of a key is the key.
    """
    folded = _folded(name)
    marked = _spaced(_without_legal_form(folded))
    marked = _MARK_BETWEEN_DIGITS.sub(lambda match: "." if "." in match[0] else "-", marked)
    key = _OTHER_MARK.sub("", marked)
    is_nobody = key in _NOBODY or folded.strip() == "n/a" or is_cell_error(name)
    return None if not key or is_nobody else key


def core_key(name: str) -> str | None:
    """Return the key without general words around it: "The Acme Labs", "acme.ai" -> "acme".

    A name of nothing but general words keeps the first; None where there is no key.
    """
    key = name_key(name)
    folded = _folded(name)
    parts = _spaced(_without_legal_form(folded)).replace(".", " ").split()
    if key is None or not parts:
        return key
    if len(parts) > 1 and parts[0] == "the":
        del parts[0]
    while len(parts) > 1 and parts[-1] in _GENERAL:
        parts.pop()
    return "".join(parts)


def readable_name(name: str) -> str | None:
    """Return the name as a reader sees it: without markup, a permalink as its words.

    "/ORGANIZATION/ACME-ROBOTICS" and "Series A - Acme Robotics" -> "Acme Robotics"; None where
    nothing is left.
    """
    plain = _without_round(" ".join(without_markup(name).split()))
    if permalink := _PERMALINK.fullmatch(unescaped(name).strip()):
        slug = permalink[1].replace("-", " ").replace("/", " ").split()
        plain = " ".join(word.capitalize() if word.isalpha() else word.lower() for word in slug)
    return plain or None


def split_names(text: str) -> list[str]:
    """Return the names in a text: between semicolons, else on lines, else by commas and "and".

    A list as JSON and Python write it has a name an item: of an object the first of its _NAMED.
    """
    if text.startswith("[") and (items := _items(text)):
        return items
    text = _SPACES.sub(" ", without_markup(text)).strip()
    text = _BRACKET.sub(lambda bracket: bracket[0].translate(_HIDDEN), text)
    if ";" in text:
        parts = text.split(";")
    elif "\n" in text:
        parts = text.split("\n")
    else:
        parts = _COMMA_OR_AND.split(text)
    names = (" ".join(part.translate(_SHOWN).split()) for part in parts)
    return [name for name in names if name]


def _items(text: str) -> list[str]:
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        try:
            items = ast.literal_eval(text)  # as pandas writes a list: ['Fund A', 'Fund B']
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return []
    found = (
        next((item[key] for key in _NAMED if item.get(key)), None)
        if isinstance(item, dict)
        else item
        for item in (items if isinstance(items, list) else [])
    )
    names = (" ".join(name.split()).replace(";", ",") for name in found if isinstance(name, str))
    return [name for name in names if name]


def parse_names(texts: Sequence[str], context: Context) -> Columns:
    """Parse single names to their keys, the cores of these, and how a reader sees them."""
    del context  # a name means the same in every file
    column = pa.array(texts, pa.string())
    lowered = pc.ascii_lower(column)
    keys = pc.replace_substring(lowered, " ", "")
    cores = pc.replace_substring(pc.replace_substring_regex(lowered, _AROUND_CORE, ""), " ", "")
    # Most names are words whose key is themselves in a row, found in a tenth of the time.
    is_words = pc.match_substring_regex(column, _WORDS)
    is_more = pc.match_substring_regex(column, _MORE_THAN_WORDS)
    others = pc.or_(pc.or_(pc.invert(is_words), is_more), pc.is_in(keys, pa.array(sorted(_NOBODY))))
    printed = column.filter(others).to_pylist()
    return {
        "_key": pc.replace_with_mask(keys, others, pa.array(map(name_key, printed), pa.string())),
        "_core": pc.replace_with_mask(cores, others, pa.array(map(core_key, printed), pa.string())),
        "_name": pc.replace_with_mask(
            column, others, pa.array(map(readable_name, printed), pa.string())
        ),
    }


def parse_lists_of_names(texts: Sequence[str], context: Context) -> Columns:
    """Parse lists of names to the names and their keys, aligned and joined by semicolons.

    A name comes once; what is no name ("undisclosed", "others") is left out.
    """
    del context
    column = pa.array(texts, pa.string())
    names, keys = _plain_lists(column)
    others = keys.is_null()
    parsed = as_columns(map(_names_and_keys, column.filter(others).to_pylist()), NAMES_FIELDS)
    return {
        "_names": pc.replace_with_mask(names, others, parsed["_names"]),
        "_keys": pc.replace_with_mask(keys, others, parsed["_keys"]),
    }


def _plain_lists(column: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Parse the lists of plain names as a column; the keys of the other lists are null.

    Nearly all lists are plain, and their names recur: this is ten times as fast as list by list.
    """
    lists = pc.split_pattern(column, ", ")
    pieces = lists.flatten().dictionary_encode()
    if 2 * len(pieces.dictionary) > len(pieces):  # names that hardly recur
        return column, pa.nulls(len(column), pa.string())
    name_keys = pa.array(map(_plain_key, pieces.dictionary.to_pylist()), pa.string())
    keys = pa.ListArray.from_arrays(lists.offsets, name_keys.take(pieces.indices))
    # A list that names somebody twice is none of the plain ones.
    numbers = (
        name_keys.dictionary_encode()
        .indices.fill_null(len(name_keys))
        .take(pieces.indices)
        .to_numpy()
    )
    owners = pc.list_parent_indices(lists).to_numpy()
    named = np.sort(owners * (len(name_keys) + 1) + numbers)
    is_once = np.ones(len(column), bool)
    is_once[named[1:][named[1:] == named[:-1]] // (len(name_keys) + 1)] = False
    joined = pc.if_else(pa.array(is_once), pc.binary_join(keys, ";"), None)
    return pc.replace_substring(column, ", ", ";"), joined


def _plain_key(text: str) -> str | None:
    """Return the key of a text that needs only commas around it to be a name of a list."""
    alone = not _MARKS_OF_LISTS.search(text) and split_names(f"x, {text}, x")[1:-1] == [text]
    return name_key(text) if alone else None


def _names_and_keys(text: str) -> tuple[str | None, str | None]:
    by_key: dict[str, str] = {}
    for name in split_names(text):
        if key := name_key(name):
            by_key.setdefault(key, name)
    return ";".join(by_key.values()) or None, ";".join(by_key) or None


def without_markup(text: str) -> str:
    """Return the text as a reader of its HTML or Markdown sees it, links as their words."""
    text = unescaped(text)
    if "&" in text and ";" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub("", text)
    if text.startswith("/"):
        text = _PERMALINK.sub(r"\1", text, count=1)
    return LINK.sub(r"\1", text) if "](" in text else text


def _folded(name: str) -> str:
    """Return the name alone, without what stands around it in lists, folded."""
    return _fold(_without_abbreviation(_without_round(without_markup(name))))


def _without_round(text: str) -> str:
    """Return the company of a round's name: "Series A - Acme" -> "Acme"."""
    return _ROUND_OF.sub("", text.strip(), count=1)


def _without_abbreviation(text: str) -> str:
    """Return the text without its own abbreviation: "Safe Superintelligence (SSI)"."""
    found = _ABBREVIATION.fullmatch(text.strip()) if text.rstrip().endswith(")") else None
    if not found:
        return text
    letters = iter(found[1].upper())
    is_of_name = found[2][0] == found[1][0].upper() and all(char in letters for char in found[2])
    return found[1] if is_of_name else text


def _without_legal_form(folded: str) -> str:
    parts = folded.replace(",", " ").split()
    while len(parts) > 1 and parts[-1].replace(".", "").strip("()") in _TRAILING:
        parts.pop()
    return " ".join(parts)


def _fold(text: str) -> str:
    """Return the text without case, accents and other ways to print one letter."""
    if text.isascii():
        return text.lower().translate(_FOLDED)
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = _ACCENTS.sub("", unicodedata.normalize("NFD", text)).translate(_FOLDED)
    return unicodedata.normalize("NFC", text)


def _spaced(text: str) -> str:
    """Return the text with a space for every character that is no letter, digit, mark or point."""
    if text.isascii():
        return _ASCII_PUNCTUATION.sub(" ", text)
    return "".join(
        char if char == "." or char.isalnum() or unicodedata.category(char)[0] == "M" else " "
        for char in text
    )
