"""Builds that are killed at random moments, and what is served after each.

    python -m benchmarks.resilience.kills --kills 100

Half of the kills fall anywhere in a build, half soon after a stage has begun, since the shortest
stages matter most. One in five hits the command alone and leaves dbt behind, the others its whole
process group. Run again with the same --home, it goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb

from orchestration import config
from orchestration.defs.progress import STAGES
from orchestration.publication import versions
from orchestration.publication.contents import contents

WHOLE_BUILD_EVERY = 10
SHORT_SECONDS = 2.0


class Build(NamedTuple):
    """A build that is going on, and the lines it prints as they come; None at its end."""

    process: subprocess.Popen[str]
    lines: queue.Queue[str | None]


def start(home: Path) -> Build:
    """Start a build that publishes, in a process group of its own."""
    process = subprocess.Popen(
        [Path(sys.executable).with_name("genai-ledger"), "build", "--force"],
        cwd=config.PROJECT,
        env=os.environ | {"GENAI_LEDGER_HOME": str(home), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return Build(process, lines)


def whole_build(home: Path) -> float:
    """Build to the end and check what is served; return the seconds it took."""
    before = versions.served(config.Home(home)).get("id")
    began = time.monotonic()
    build = start(home)
    said = list(iter(build.lines.get, None))
    assert build.process.wait() == 0, "".join(said)
    assert check_served(home) != before, "the build published nothing"
    return time.monotonic() - began


def check_served(home: Path) -> str:
    """Check that the served file holds what its version says; return the version's id."""
    place = config.Home(home)
    version = versions.served(place)
    assert version, "what is served is no version that is kept"
    with duckdb.connect(str(place.served), read_only=True) as connection:
        found = contents(connection)
    assert found == version["tables"], f"{version['id']} is damaged"
    return str(version["id"])


def stages(build: Build) -> Iterator[str]:
    """Yield each stage as it begins."""
    titles = {f"{title} ...": stage for stage, title in STAGES.items()}
    for line in iter(build.lines.get, None):
        if line.strip() in titles:
            yield titles[line.strip()]


def kill_once(home: Path, number: int, seconds: float) -> tuple[str, str]:
    """Start a build and kill it; return the stage it was in and what was killed."""
    chance = random.Random(number)  # noqa: S311 - not for secrets
    build = start(home)
    reached = ["start"]
    if number % 2:
        wanted = chance.choice(list(STAGES))
        for stage in stages(build):
            reached.append(stage)
            if stage == wanted:
                break
        time.sleep(chance.uniform(0, SHORT_SECONDS))
    else:
        time.sleep(chance.uniform(0, seconds))
    is_alone = number % 5 == 0
    if build.process.poll() is not None:
        reached.append("end")
    elif is_alone:
        build.process.kill()
    else:
        os.killpg(build.process.pid, signal.SIGKILL)
    build.process.wait()
    reached += stages(build)
    return reached[-1], "command alone" if is_alone else "process group"


def main() -> None:
    """Read the arguments, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--home", type=Path, help="a folder to go on in; one for now without it")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure((asked.home or Path(folder)).resolve(), asked.kills)


def measure(home: Path, kills: int) -> None:
    """Kill builds in `home` until there were so many kills, and print the counts."""
    home.mkdir(parents=True, exist_ok=True)
    record = home / "kills.json"
    done: list[list[str]] = json.loads(record.read_text()) if record.exists() else []
    print(f"Building once before the kills ({len(done):,} done before) ...", flush=True)
    seconds = whole_build(home)
    rebuilt = 1
    while len(done) < kills:
        stage, what = kill_once(home, len(done), seconds)
        served = check_served(home)
        done.append([stage, what])
        record.write_text(json.dumps(done))
        print(f"kill {len(done):>3} of {kills}: {what} in {stage:<10} {served}", flush=True)
        if len(done) % WHOLE_BUILD_EVERY == 0 or len(done) == kills:
            seconds = whole_build(home)
            rebuilt += 1
            print(f"  the next build went through in {seconds:,.0f} s", flush=True)
    by_stage = ", ".join(f"{n:,} in {s}" for s, n in Counter(s for s, _ in done).most_common())
    print(
        f"{len(done):,} kills ({by_stage}): the served file was whole after each; "
        f"{rebuilt:,} of {rebuilt:,} whole builds went through."
    )


if __name__ == "__main__":
    main()
