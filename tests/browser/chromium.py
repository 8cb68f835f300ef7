"""Opening a page in headless Chromium, as a reader without a network would.

Chromium must be installed: a page that nobody opened is not tested.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

# Vega-Lite says this of every chart whose height follows its rows.
HARMLESS = 'WARN Dropping "fit-y" because spec has discrete height'


class Opened(NamedTuple):
    """A page after its scripts ran, and what the browser's console said."""

    dom: str
    console: list[str]


def browse(path: Path, width: int = 1280, fragment: str = "") -> Opened:
    """Open a file, at the address `fragment` within it, in headless Chromium without a network."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))))
    finished = subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={path.parent / 'profile'}",
            f"--window-size={width},900",
            "--virtual-time-budget=20000",
            "--enable-logging=stderr",
            "--v=0",
            "--dump-dom",
            path.as_uri() + fragment,
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=180,
    )
    console = [line for line in finished.stderr.splitlines() if "CONSOLE" in line]
    return Opened(finished.stdout, [line for line in console if HARMLESS not in line])


def with_script(html: str, script: str, path: Path) -> Path:
    """Write the page with a script that runs once its own are done."""
    body, end, rest = html.rpartition("</body>")
    later = f"<script>setTimeout(() => {{ {script} }}, 5000);</script>"
    path.write_text(body + later + end + rest, encoding="utf-8")
    return path
