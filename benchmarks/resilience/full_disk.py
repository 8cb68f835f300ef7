"""Builds on a disk that has less and less room, and what is served and said after each.

    python -m benchmarks.resilience.full_disk

A small file system in memory (needs the right to mount one) takes a copy of what was built last in
GENAI_LEDGER_HOME, and is left with a few megabytes for the next build.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.resilience.kills import check_served
from orchestration import config

MEGABYTE = 1 << 20
ROOM_MB = (0, 1, 2, 4, 8, 12, 16, 20, 24, 28, 32)
PLENTY_MB = 200


def build(home: Path) -> subprocess.CompletedProcess[str]:
    """Build and publish, whether or not something changed."""
    return subprocess.run(
        [Path(sys.executable).with_name("genai-ledger"), "build", "--force"],
        cwd=config.PROJECT,
        env=os.environ | {"GENAI_LEDGER_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def resize(disk: Path, megabytes: float) -> None:
    """Give the file system another size."""
    size = f"remount,size={int(megabytes * 1024)}k"
    subprocess.run(["mount", "-o", size, str(disk)], check=True)


def main() -> None:
    """Fill, check, go on; print what was said."""
    with tempfile.TemporaryDirectory() as folder:
        disk = Path(folder)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={PLENTY_MB}m", "none", str(disk)]
        subprocess.run(mount, check=True)
        try:
            home = Path(shutil.copytree(config.home().path, disk / "home"))
            told = 0
            for room in ROOM_MB:
                before = check_served(home)
                used = shutil.disk_usage(disk).used / MEGABYTE
                resize(disk, used + room)
                ended = build(home)
                after = check_served(home)
                if ended.returncode:
                    told += 1
                    assert len(ended.stderr.splitlines()) == 1, ended.stderr
                    assert "is full" in ended.stderr, ended.stderr
                said = ended.stderr.strip() or "enough"
                kept = "the same version" if after == before else "a new version"
                print(f"{room:>3} MB left: {said} Served, whole: {kept}.", flush=True)
                resize(disk, PLENTY_MB)
            ended = build(home)
            assert ended.returncode == 0, ended.stderr
            assert check_served(home) != before
        finally:
            subprocess.run(["umount", str(disk)], check=True)
    print(
        f"{len(ROOM_MB):,} builds on a filling disk: {told:,} said in a sentence that it is full; "
        "the served file was whole after each, and the build with room enough went through."
    )


if __name__ == "__main__":
    main()
