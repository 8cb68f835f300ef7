"""The base of every error that is told to a person in one sentence, and words that they share."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches


class LedgerError(Exception):
    """What a person can mend; its text is one sentence: what is wrong, where, and what to do."""


def nearest(name: str, names: Collection[str]) -> str:
    """Say which of the names was probably meant."""
    close = get_close_matches(name, names, n=1)
    return f"did you mean `{close[0]}`?" if close else f"there are {', '.join(names)}"
