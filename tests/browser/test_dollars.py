"""What a chart prints of dollars is what its caption and table print."""

from __future__ import annotations

import json
import re
from pathlib import Path

from chromium import browse

from orchestration.report import formats

SCRIPT = Path(formats.__file__).with_name("assets") / "printing.js"


def test_charts_and_texts_print_dollars_alike(tmp_path: Path) -> None:
    amounts = [
        sign * round(figures * 10**power, 2)
        for figures in (1, 1.125, 2.125, 9.88, 9.994, 9.995, 9.996, 12.25, 999.4, 999.5, 999.6)
        for power in range(-1, 12)
        for sign in (1, -1)
    ]
    function = re.search(r"^function dollars.*?^}", SCRIPT.read_text("utf-8"), re.M | re.S)
    assert function
    page = tmp_path / "dollars.html"
    page.write_text(
        f"<pre></pre><script>const NO_VALUE = '-'; {function[0]}; "
        f"document.querySelector('pre').textContent = "
        f"{json.dumps([None, 0, *amounts])}.map(dollars).join('\\n');</script>",
        encoding="utf-8",
    )
    printed = re.search(r"<pre>(.*?)</pre>", browse(page).dom, re.S)
    assert printed
    assert printed[1].split("\n") == [formats.dollars(a) for a in (None, 0, *amounts)]
