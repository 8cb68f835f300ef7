"""Parsing: pure functions from the distinct texts of a column to their meaning.

Only the assembly is here: which parser serves which `parse` type of `_landing__sources.yml`, and
the columns it adds. A parser takes distinct, non-empty texts and the context that their file
proves; it never raises on a text, and gives one array a suffix, each as long as the texts.
"""

from collections.abc import Callable, Mapping, Sequence

from orchestration.parsing.countries import COUNTRY_FIELDS, parse_countries
from orchestration.parsing.dates import DATE_FIELDS, parse_dates
from orchestration.parsing.model_names import (
    MAKER_FIELDS,
    MODEL_FIELDS,
    parse_makers,
    parse_model_names,
)
from orchestration.parsing.money import MONEY_FIELDS, parse_money
from orchestration.parsing.names import NAME_FIELDS, NAMES_FIELDS, parse_lists_of_names, parse_names
from orchestration.parsing.numbers import NUMBER_FIELDS, SIZE_FIELDS, parse_numbers, parse_sizes
from orchestration.parsing.openness import LICENCE_FIELDS, parse_access, parse_licences
from orchestration.parsing.round_labels import ROUND_LABEL_FIELDS, parse_round_labels
from orchestration.parsing.sites import SITE_FIELDS, parse_sites
from orchestration.parsing.text import (
    WORD_FIELDS,
    Columns,
    Context,
    Fields,
    parse_text,
    parse_words,
    word_key,
)

__all__ = ["FIELDS", "PARSERS", "Columns", "Context", "Fields", "Parser", "word_key"]

Parser = Callable[[Sequence[str], Context], Columns]

PARSERS: Mapping[str, Parser] = {
    "text": parse_text,
    "word": parse_words,
    "name": parse_names,
    "names": parse_lists_of_names,
    "date": parse_dates,
    "money": parse_money,
    "number": parse_numbers,
    "size": parse_sizes,
    "model": parse_model_names,
    "makers": parse_makers,
    "access": parse_access,
    "licence": parse_licences,
    "site": parse_sites,
    "country": parse_countries,
    "round_label": parse_round_labels,
}

FIELDS: Mapping[str, Fields] = {
    "text": {},
    "word": WORD_FIELDS,
    "name": NAME_FIELDS,
    "names": NAMES_FIELDS,
    "date": DATE_FIELDS,
    "money": MONEY_FIELDS,
    "number": NUMBER_FIELDS,
    "size": SIZE_FIELDS,
    "model": MODEL_FIELDS,
    "makers": MAKER_FIELDS,
    "access": WORD_FIELDS,
    "licence": LICENCE_FIELDS,
    "site": SITE_FIELDS,
    "country": COUNTRY_FIELDS,
    "round_label": ROUND_LABEL_FIELDS,
}
