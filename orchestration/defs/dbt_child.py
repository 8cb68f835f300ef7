"""dbt as a process that ends with the one that started it.

    python -m orchestration.defs.dbt_child ARGUMENTS                  dbt, as `dbt ARGUMENTS`
    python -m orchestration.defs.dbt_child --parsed FILE ARGUMENTS    the same, without parsing
    python -m orchestration.defs.dbt_child --model MODEL              parse, then build one model

Of a build the last two write the results, not the project as compiled. Without this, a run that is
killed leaves a dbt that goes on writing, beside the next run's.
"""

import os
import sys
import threading
import time
from pathlib import Path

from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import cli, dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt.flags import get_flags
from dbt.parser.manifest import extended_mashumuro_decoder

from orchestration.config import collect_garbage_seldom

_LOOK_EVERY_SECONDS = 0.2


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_SECONDS)
    os._exit(1)


def _build_model(model: str) -> int:
    """Build what changed of a model, what it needs and what needs it; return 1 if it can't be.

    One process parses and builds: starting dbt and loading its manifest again take seconds.
    """
    from orchestration import config  # noqa: PLC0415 - the other commands need dbt alone
    from orchestration.defs.dbt_state import DbtState  # noqa: PLC0415

    home = config.home()
    parsed = dbtRunner().invoke(["--quiet", "parse", "--target", config.DBT_TARGET])
    if not isinstance(parsed.result, Manifest):
        return 1
    state = DbtState(home, {})
    unchanged = state.unchanged(model)
    folder = home.dbt_target / "dbt_build-model"
    paths = ["--target-path", str(folder), "--log-path", str(folder)]
    if unchanged != state.nodes.keys():
        with state.rebuilding(folder, anew=not unchanged):
            arguments = [*state.arguments(unchanged), *paths, "--target", config.DBT_TARGET]
            _run(parsed.result, arguments)
    return 0


def _read_parsed(file: Path) -> Manifest | None:
    """Return the project as `dbt parse` has left it in a file, if it stands there.

    dbt itself parses it again where a path or a variable is another, which takes seconds.
    """
    if not file.exists():
        return None
    read = Manifest.from_msgpack(file.read_bytes(), decoder=extended_mashumuro_decoder)
    read.build_flat_graph()  # type: ignore[no-untyped-call]
    return read


def _run(manifest: Manifest | None, arguments: list[str]) -> int:
    """Run dbt and write its results alone; return 1 if it fails.

    By itself dbt would also write the whole project as compiled: two seconds, and nobody reads it.
    """
    done = dbtRunner(manifest=manifest).invoke(["--no-write-json", *arguments])
    if isinstance(done.result, RunExecutionResult):
        target = get_flags().TARGET_PATH  # type: ignore[no-untyped-call]
        done.result.write(str(Path(target) / "run_results.json"))
    if done.exception:
        print(done.exception, file=sys.stderr)
    return 0 if done.success else 1


if __name__ == "__main__":
    collect_garbage_seldom()
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    if sys.argv[1] == "--model":
        sys.exit(_build_model(sys.argv[2]))
    if sys.argv[1] == "--parsed":
        sys.exit(_run(_read_parsed(Path(sys.argv[2])), sys.argv[3:]))
    cli()
