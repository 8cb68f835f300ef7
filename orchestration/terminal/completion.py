"""What a shell completes: names of sources, reports, companies, models, universes, versions.

Belongs here: where names are found, for click's completion. Never raises: who presses Tab before
there is anything to complete from gets nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable

import click

from orchestration import config
from orchestration.lineage import row_selection
from orchestration.publication import versions
from orchestration.publication.contents import open_database
from orchestration.sources.kinds import read_kinds
from orchestration.sources.registry import find_sources

Completer = Callable[[click.Context, click.Parameter, str], list[str]]

_REPORTS = "select table_name from duckdb_tables() where table_name like 'rpt#_%' escape '#'"
_NAMES = {
    "company": "select company from marts.dim_companies",
    "model": "select model from marts.dim_models",
    "round": "select round_id from marts.fct_funding_rounds",
    "universe": "select universe from marts.dim_universes",
    "layer": "select layer from marts.dim_layers",
    "month": "select strftime(as_of_month, '%Y-%m') from marts.dim_months",
}


def completes(names: Callable[[click.Context], Iterable[str]]) -> Completer:
    """Return what completes a word by names, whatever its case; by none that can't be found."""

    def complete(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
        begun = incomplete.casefold()
        with contextlib.suppress(Exception):
            return sorted(name for name in names(context) if name.casefold().startswith(begun))
        return []

    return complete


def of_option(option: str) -> Completer | None:
    """Return what completes an option of `trace`; None for one that has no list of names."""
    return completes(lambda _: _served(_NAMES[option])) if option in _NAMES else None


def _served(query: str) -> list[str]:
    with open_database(config.home().served) as connection:
        return [name for (name,) in connection.execute(query).fetchall()]


traceable = completes(lambda _: [*row_selection.ENTITIES, *_served(_REPORTS)])
traceable_names = completes(lambda context: _served(_NAMES[context.params["what"]]))
version_ids = completes(lambda _: [version["id"] for version in versions.kept(config.home())])
kinds = completes(lambda _: read_kinds())
sources = completes(
    lambda _: [
        name
        for source in find_sources(config.raw_dir(), read_kinds()).sources
        for name in (source.name, f"{source.kind}/{source.name}")
    ]
)
models = completes(lambda _: [path.stem for path in config.DBT_PROJECT.glob("models/**/*.sql")])
