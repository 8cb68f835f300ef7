"""Countries: the ISO 3166 code of a country, however it is named in English.

"San Francisco, United States" has the country of its last part; a two-letter code counts only
alone, as the last part of "San Francisco, CA" is no Canada.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import pyarrow as pa
from babel import Locale

from orchestration.parsing.text import Columns, Context, Fields, as_columns, tidy, word_key

COUNTRY_FIELDS: Fields = {"_code": pa.string()}

_CODE = re.compile("[A-Za-z]{2}")
_OTHER_NAMES = {
    **dict.fromkeys(("usa", "u s a", "u s", "united states of america", "america"), "US"),
    **dict.fromkeys(("uk", "u k", "great britain", "britain"), "GB"),
    **dict.fromkeys(("england", "scotland", "wales", "northern ireland"), "GB"),
    **dict.fromkeys(("uae", "emirates"), "AE"),
    **dict.fromkeys(("korea", "republic of korea"), "KR"),
    **dict.fromkeys(("turkey", "turkiye"), "TR"),
    **dict.fromkeys(("holland", "the netherlands"), "NL"),
    **{"hong kong": "HK", "macau": "MO", "mainland china": "CN", "viet nam": "VN"},
    **{"czech republic": "CZ", "russian federation": "RU", "ivory coast": "CI"},
}


def parse_countries(texts: Sequence[str], context: Context) -> Columns:
    """Parse countries, alone or behind a place, to their codes; None for what is no country."""
    del context
    return as_columns(((_code(tidy(text)),) for text in texts), COUNTRY_FIELDS)


def _code(text: str) -> str | None:
    is_code = _CODE.fullmatch(text)
    if is_code and text.upper() in _codes().values():
        return text.upper()
    name = word_key(text.rpartition(",")[2])
    return _codes().get(name) if is_code or not _CODE.fullmatch(name) else None


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Return the codes by the names, these without case and punctuation."""
    territories = Locale("en").territories.items()
    named = {word_key(name): code for code, name in territories if _CODE.fullmatch(code)}
    return named | _OTHER_NAMES
