"""Parsing: pure functions from the distinct texts of a column to their meaning.

Only the assembly is here: which parser serves which `parse` type of `_landing__sources.yml`, and
the columns it adds. A parser takes distinct, non-empty texts and the context that their file
proves; it never raises on a text, and gives one array a suffix, each as long as the texts.
"""

from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from orchestration.parsing.dates import parse_dates
from orchestration.parsing.money import parse_money
from orchestration.parsing.names import parse_lists_of_names, parse_names
from orchestration.parsing.numbers import parse_numbers, parse_sizes
from orchestration.parsing.text import Context

__all__ = ["FIELDS", "PARSERS", "VERSION", "Context", "Parser"]

VERSION = "1"  # raise it whenever a text changes its meaning: what was landed before lands again

Parser = Callable[[Sequence[str], Context], Mapping[str, pa.Array]]


def parse_text(texts: Sequence[str], context: Context) -> Mapping[str, pa.Array]:
    """Add no meaning: the text is the value."""
    del texts, context
    return {}


PARSERS: Mapping[str, Parser] = {
    "text": parse_text,
    "name": parse_names,
    "names": parse_lists_of_names,
    "date": parse_dates,
    "money": parse_money,
    "number": parse_numbers,
    "size": parse_sizes,
}

_STRING, _DOUBLE = pa.string(), pa.float64()

FIELDS: Mapping[str, Mapping[str, pa.DataType]] = {
    "text": {},
    "name": {"_key": _STRING},
    "names": {"_names": _STRING, "_keys": _STRING},
    "date": {"_day": pa.date32(), "_precision": _STRING, "_problem": _STRING},
    "money": {
        "_low": _DOUBLE,
        "_high": _DOUBLE,
        "_currency": _STRING,
        "_qualifier": _STRING,
        "_problem": _STRING,
    },
    "number": {"_number": _DOUBLE, "_problem": _STRING},
    "size": {"_min_bn": _DOUBLE, "_max_bn": _DOUBLE, "_problem": _STRING},
}
