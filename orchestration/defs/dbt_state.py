"""What of the dbt project stands as it was built, and what has to be built again.

    build/work.duckdb, candidate.duckdb   what dbt built last: the next build changes it in part
    dbt/audit_results.json                each node's last result, and the key that it is of
    work.duckdb, candidate.duckdb         copies for dbt by hand, which nothing here reads

Belongs here: keys of models, seeds and tests, and the files that a build leaves. Not here: running
dbt (`dbt_project`). Without its results nothing stands: a stopped build is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from orchestration import files
from orchestration.config import DBT_PROJECT, Home, engine
from orchestration.publication import provenance
from orchestration.publication.publish import PASSED

# What dbt says of a node that has no part in its result.
_NO_INPUT = {"created_at", "root_path", "build_path", "compiled_path", "docs"}

Results = dict[str, dict[str, Any]]  # by unique_id, as dbt writes them, with "key"


class DbtState:
    """The parsed project beside what was built of it; made before dbt runs."""

    def __init__(self, home: Home, variables: Mapping[str, str]) -> None:
        """Read the manifest and the results of the last build."""
        manifest = json.loads(home.manifest.read_text())
        self.home = home
        self.variables = variables
        self.nodes: dict[str, dict[str, Any]] = {
            unique_id: node
            for unique_id, node in manifest["nodes"].items()
            if node["resource_type"] in ("model", "seed", "test")
        }
        self._parents = {
            name: sorted(self.nodes.keys() & node["depends_on"].get("nodes", []))
            for name, node in self.nodes.items()
        }
        # Each node after all that it is made of.
        self._order = list(TopologicalSorter(self._parents).static_order())
        self.marts_key = provenance.marts_key(home, variables)
        self._shared = provenance.key(
            "marts",
            provenance.landed(home),
            provenance.dbt_project_hash("macros", "tests/generic"),
            {name: _told(source) for name, source in manifest["sources"].items()},
            variables,
            engine(),
        )
        self._last = self._read_results()

    @cached_property
    def keys(self) -> dict[str, str]:
        """The key of each node as it is to be built now."""
        return self._keys(self.nodes, {})

    def unchanged(self, model: str = "") -> set[str]:
        """Return the nodes that stand as they are; none of them, and all is to be made anew.

        Named a model, only what changed of it and of what it needs is to be built, and what is made
        of these: all else counts as it stands.
        """
        built = {name: r["key"] for name, r in self._last.items() if r["status"] in PASSED}
        built_in = [self.home.work, self.home.candidate]
        has_files = all(map(Path.exists, [self.home.spark] if engine() == "spark" else built_in))
        # Nothing drops the table of a model that is gone: all is made anew without it.
        gone = [name for name in self._last.keys() - self.nodes.keys() if "test." not in name]
        if gone or not has_files:
            return set()
        stale = {name for name, key in self.keys.items() if built.get(name) != key}
        if model:
            needed = {f"model.genai_ledger.{model}"}
            for name in reversed(self._order):
                needed |= set(self._parents[name]) if name in needed else set()
            touched = stale & needed
            for name in self._order:
                touched |= {name} if touched.intersection(self._parents[name]) else set()
            stale &= touched
        return set(self.nodes) - stale

    def status(self, name: str) -> str:
        """Return how a node ended when it was built last, in dbt's word."""
        return str(self._last[name]["status"])

    def in_order(self, names: Collection[str]) -> list[str]:
        """Return nodes in an order in which each stands after all that it is made of."""
        return [name for name in self._order if name in names]

    def arguments(self, unchanged: Collection[str]) -> list[str]:
        """Return the arguments with which dbt builds all nodes that don't stand."""
        # Unit tests judge the models, not the data: `make test` runs them.
        arguments = ["build", "--exclude-resource-type", "unit_test"]
        if unchanged:
            names = " ".join(sorted(self.nodes[name]["name"] for name in unchanged))
            # Tests are named too: one that touches a changed model may touch others as well.
            arguments += ["--indirect-selection", "empty", "--exclude", names]
        if self.variables:
            arguments += ["--vars", json.dumps(self.variables)]
        return arguments

    @contextlib.contextmanager
    def rebuilding(self, target: Path, *, anew: bool) -> Iterator[None]:
        """Keep what dbt, which writes to the folder `target` meanwhile, says of what it builds.

        What stood before is forgotten first; with `anew` all that was ever built is removed.
        """
        provenance.record(self.home, marts=None, dictionary=None)
        for old in (self.home.audit_results, self.home.dbt_log):
            old.unlink(missing_ok=True)
        if anew:
            self._last = {}
            shutil.rmtree(self.home.spark, ignore_errors=True)
            for path in (self.home.work, self.home.candidate):
                path.unlink(missing_ok=True)
                path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
        try:
            yield
        finally:
            if (target / "dbt.log").exists():
                self.home.dbt_log.parent.mkdir(exist_ok=True)
                (target / "dbt.log").replace(self.home.dbt_log)
            if (target / "run_results.json").exists():
                self._keep(json.loads((target / "run_results.json").read_text())["results"])
                self._copy_for_hand()
            shutil.rmtree(target, ignore_errors=True)

    def _keep(self, said: Iterable[dict[str, Any]]) -> None:
        """Keep what dbt said of its nodes beside what it said of those left alone."""
        new = {result["unique_id"]: result for result in said if result["unique_id"] in self.nodes}
        known = {name: result for name, result in self._last.items() if name in self.nodes}
        results = {**known, **new}
        keys = self._keys(new, {name: result["key"] for name, result in known.items()})
        for name, result in results.items():
            result["key"] = keys[name]
        with files.replacing(self.home.audit_results) as partial:
            partial.write_text(json.dumps({"results": list(results.values())}))
        # A build of a part is a state of its own, so that the next whole one isn't skipped.
        is_whole = keys == self.keys and all(r["status"] in PASSED for r in results.values())
        made = self.marts_key if is_whole else provenance.key("marts", keys)
        provenance.record(self.home, marts=made)

    def _copy_for_hand(self) -> None:
        if not self.variables:
            for path in filter(Path.exists, (self.home.work, self.home.candidate)):
                with files.replacing(self.home.path / path.name) as partial:
                    shutil.copyfile(path, partial)

    def _read_results(self) -> Results:
        if not self.home.audit_results.exists():
            return {}
        results = json.loads(self.home.audit_results.read_text())["results"]
        return {result["unique_id"]: result for result in results if "key" in result}

    def _keys(self, rebuilt: Collection[str], known: Mapping[str, str]) -> dict[str, str]:
        """Return the keys of nodes that are rebuilt of what their parents are, and all `known`."""
        keys = {name: key for name, key in known.items() if name not in rebuilt}
        for name in (name for name in self._order if name in rebuilt):
            parents = [keys.get(parent, "not built") for parent in self._parents[name]]
            own = json.dumps([self._shared, _told(self.nodes[name]), parents], sort_keys=True)
            keys[name] = hashlib.sha256(own.encode()).hexdigest()
        return keys


def _told(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return what decides a node's result; of a large seed dbt knows the path alone."""
    told = {name: value for name, value in node.items() if name not in _NO_INPUT}
    if node["resource_type"] == "seed":
        seed = (DBT_PROJECT / node["original_file_path"]).read_bytes()
        told["checksum"] = hashlib.sha256(seed).hexdigest()
    return told
