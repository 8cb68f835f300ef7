"""The kinds of raw files: which columns each has, and what its headers and words may be.

Belongs here: reading them from where dbt defines them. Doesn't: which sources there are of a kind
(registry), or comparing a file's headers with a kind (reading.header).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from orchestration.config import KINDS_FILE, LedgerError


class Column(NamedTuple):
    """A column of a kind; `parse` names its parser, `synonyms` are headers it accepts.

    `words` is its vocabulary: each word with the other words known for it. `currency_in` and
    `unit_in` name the columns that complete an amount.
    """

    name: str
    parse: str
    required: bool
    synonyms: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]] = {}
    currency_in: str | None = None
    unit_in: str | None = None


class Kind(NamedTuple):
    """A table of the dbt source `landing`."""

    name: str
    description: str
    columns: tuple[Column, ...]


def read_kinds(dbt_sources_yml: Path = KINDS_FILE) -> dict[str, Kind]:
    """Read the kinds, by name, from the definition of the dbt source `landing`."""
    # The loader in C, where there is one: the other takes a third of a second for each process.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load(dbt_sources_yml.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    tables = [t for s in document["sources"] if s["name"] == "landing" for t in s["tables"]]
    return {table["name"]: _kind(table, dbt_sources_yml) for table in tables}


def columns_by_name(kinds: Iterable[Kind]) -> dict[str, Column]:
    """Return the columns of some kinds by their names."""
    return {column.name: column for kind in kinds for column in kind.columns}


def _kind(table: Mapping[str, Any], path: Path) -> Kind:
    columns = []
    for column in table["columns"]:
        try:
            meta = column["config"]["meta"]
            parse, required = meta["parse"], meta["required"]
        except KeyError as error:
            raise LedgerError(
                f"{path.name}: column {column['name']} of {table['name']} lacks {error}; "
                "give it config.meta with parse and required"
            ) from error
        columns.append(
            Column(
                column["name"],
                parse,
                required,
                synonyms=tuple(meta.get("synonyms", ())),
                words={word: tuple(others) for word, others in meta.get("words", {}).items()},
                currency_in=meta.get("currency_in"),
                unit_in=meta.get("unit_in"),
            )
        )
    return Kind(table["name"], table.get("description", "").strip(), tuple(columns))
