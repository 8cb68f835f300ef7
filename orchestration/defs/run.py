"""What a run was asked for, what it found when it began, and its sole right to write the home.

Belongs here: the resource `run` that the assets share. Not here: what they do with it (`assets`).
"""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import dagster as dg

from orchestration.config import Home
from orchestration.publication import lock, provenance
from orchestration.publication.publish import BuildRequest
from orchestration.sources.kinds import Kind
from orchestration.sources.registry import Inventory, find_sources


class Run(NamedTuple):
    """What the stages of one run build from: nothing of it is read before the lock is held."""

    found: Inventory
    request: BuildRequest


def run_resource(home: Home, raw_dir: Path, kinds: Mapping[str, Kind]) -> dg.ResourceDefinition:
    """Return the resource that waits for other writers, and is a `Run` while no other writes."""

    @dg.resource(
        description="What a run builds.",
        config_schema={
            "as_of": dg.Field(
                str, default_value="", description="The last day the marts speak of, or empty."
            ),
            "known_by": dg.Field(
                str, default_value="", description="The day after which snapshots don't count."
            ),
            "force": dg.Field(
                bool, default_value=False, description="Publish even when nothing changed."
            ),
        },
    )
    def run(context: dg.InitResourceContext) -> Iterator[Run]:
        given = context.resource_config
        variables = {name: given[name] for name in ("as_of", "known_by") if given[name]}
        with lock.sole_writer(home, context.log.info if context.log else print):
            request = BuildRequest(
                # Before any is read: a file that changes meanwhile is read by the next build.
                provenance.inputs(raw_dir, variables),
                variables,
                force=given["force"],
                started=time.monotonic(),
            )
            yield Run(find_sources(raw_dir, kinds), request)

    return run
