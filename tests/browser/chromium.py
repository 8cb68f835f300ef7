"""Opening a page in headless Chromium, as a reader without a network would.

Chromium must be installed: a page that nobody opened is not tested.
"""

from __future__ import annotations

import contextlib
import html
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

PATIENCE_MILLISECONDS = 180_000  # a busy machine is no fault of the page


class Opened(NamedTuple):
    """A page after its scripts ran, and what the browser's console said."""

    dom: str
    console: list[str]


def _chromium() -> str:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))))


def browse(path: Path, width: int = 1280, fragment: str = "") -> Opened:
    """Open a file, at the address `fragment` within it, in headless Chromium without a network."""
    finished = subprocess.run(
        [
            _chromium(),
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
    return Opened(finished.stdout, console)


def with_script(html: str, script: str, path: Path) -> Path:
    """Write the page with a script that runs once its own are done."""
    body, end, rest = html.rpartition("</body>")
    later = f"<script>setTimeout(() => {{ {script} }}, 5000);</script>"
    path.write_text(body + later + end + rest, encoding="utf-8")
    return path


def open_pages() -> Iterator[Browser]:
    """Yield a headless Chromium to open pages in."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


class OpenedPage:
    """The report as a reader has it open; `console` is what the browser said of it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.console: list[str] = []
        self.most_elements = 0
        page.on("console", lambda message: self.console.append(message.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))

    @classmethod
    @contextlib.contextmanager
    def open(
        cls,
        browser: Browser,
        path: Path,
        fragment: str = "",
        *,
        width: int = 1280,
        scheme: Literal["light", "dark"] = "light",
        scripts: bool = True,
    ) -> Iterator[OpenedPage]:
        """Open a report without a network."""
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
            offline=True,
        )
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        opened = cls(context.new_page())
        opened.page.goto(path.as_uri() + fragment)
        yield opened
        context.close()

    def evaluate(self, expression: str) -> Any:
        """Return what an expression is in the page."""
        return self.page.evaluate(expression)

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true in the page, whose policy forbids Playwright's own."""
        for _ in range(800):
            if self.evaluate(expression):
                return
            self.page.wait_for_timeout(100)
        raise TimeoutError(expression)

    def title(self, figure: str) -> str:
        """Return a figure's title once it follows what was chosen."""
        self.wait_for("!unshown.length")
        return self.page.inner_text(f"#{figure} h3")

    def drawn(self) -> dict[str, str]:
        """Return the picture of each figure once all are drawn."""
        self.wait_for("!unshown.length && !busy && !waiting.length")
        pictures: dict[str, str] = self.evaluate("Object.fromEntries(drawn)")
        return pictures

    def tips(self, figure: str) -> list[str]:
        """Return what the marks of a figure say."""
        return [html.unescape(tip) for tip in _TIP.findall(self.drawn()[figure])]

    def slide_to(self, position: int) -> None:
        """Move the slider of months as a finger does."""
        self.page.locator("#month").fill(str(position))

    def take(self, figure: str, what: str) -> Path:
        """Press one of a figure's buttons and return what is downloaded."""
        with self.page.expect_download() as download:
            self.page.click(f"#{figure} button[data-take={what}]")
        return download.value.path()

    def scroll_through(self) -> None:
        """Scroll to the end, counting the most elements that there are at once."""
        self.drawn()
        for top in range(0, self.evaluate("document.documentElement.scrollHeight"), 700):
            self.evaluate(f"scrollTo(0, {top})")
            self.page.wait_for_timeout(150)
            count = self.evaluate("document.getElementsByTagName('*').length")
            self.most_elements = max(self.most_elements, count)

    @classmethod
    def heaviest_task(cls, browser: Browser, path: Path) -> float:
        """Return the most that one task of reading a report takes of a processor, in milliseconds.

        Of the time by the clock, a busy machine would take its part.
        """
        browser.start_tracing(categories=["toplevel", "devtools.timeline"])
        with cls.open(browser, path) as at:
            at.scroll_through()
        events = json.loads(browser.stop_tracing())["traceEvents"]
        (process,) = {e["pid"] for e in events if path.as_uri() in str(e.get("args"))}
        # A process's first thread has its number: there the page runs, its worker in another.
        tasks = [e for e in events if e["tid"] == process and e["name"].endswith("RunTask")]
        return max(float(task.get("tdur", 0)) for task in tasks) / 1000


_TIP = re.compile(r'aria-label="([^"]*: [^"]*)"')
