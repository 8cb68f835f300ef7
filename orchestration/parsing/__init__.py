"""Parsing: pure functions from the distinct texts of a column to their meaning.

Only the assembly is here: which parser serves which `parse` type of `_landing__sources.yml`, and
the columns it adds. A parser takes distinct, non-empty texts and the context that their file
proves; it never raises on a text, and gives one array a suffix, each as long as the texts.
"""

from collections.abc import Callable, Mapping, Sequence

from orchestration.parsing import (
    countries,
    dates,
    model_names,
    money,
    names,
    numbers,
    openness,
    round_labels,
    sites,
    text,
)
from orchestration.parsing.text import Columns, Context, Fields, word_key

__all__ = ["FIELDS", "PARSERS", "Columns", "Context", "Fields", "Parser", "word_key"]

Parser = Callable[[Sequence[str], Context], Columns]

_TYPES: Mapping[str, tuple[Fields, Parser]] = {
    "text": ({}, lambda texts, context: {}),  # noqa: ARG005 - the text is the value
    "word": (text.WORD_FIELDS, text.parse_words),
    "name": (names.NAME_FIELDS, names.parse_names),
    "names": (names.NAMES_FIELDS, names.parse_lists_of_names),
    "date": (dates.DATE_FIELDS, dates.parse_dates),
    "money": (money.MONEY_FIELDS, money.parse_money),
    "number": (numbers.NUMBER_FIELDS, numbers.parse_numbers),
    "size": (numbers.SIZE_FIELDS, numbers.parse_sizes),
    "model": (model_names.MODEL_FIELDS, model_names.parse_model_names),
    "makers": (model_names.MAKER_FIELDS, model_names.parse_makers),
    "access": (text.WORD_FIELDS, openness.parse_access),
    "licence": (openness.LICENCE_FIELDS, openness.parse_licences),
    "site": (sites.SITE_FIELDS, sites.parse_sites),
    "country": (countries.COUNTRY_FIELDS, countries.parse_countries),
    "round_label": (round_labels.ROUND_LABEL_FIELDS, round_labels.parse_round_labels),
}
FIELDS = {type_: fields for type_, (fields, _) in _TYPES.items()}
PARSERS = {type_: parser for type_, (_, parser) in _TYPES.items()}
