"""Type a query into Harlequin, run it and keep a picture of the screen.

Usage: harlequin_session.py FILE QUERY PICTURE.svg; run by Harlequin's own environment.
"""

import asyncio
import sys
from pathlib import Path

from harlequin import Harlequin
from harlequin_duckdb import DuckDbAdapter


async def session(file: str, query: str, picture: str) -> None:
    """Use the program as a person would, on a screen of 120 by 40 characters."""
    app = Harlequin(DuckDbAdapter((file,), read_only=True))
    async with app.run_test(size=(120, 40)) as pilot:
        while app.editor is None or app.connection is None:
            await pilot.pause(0.1)
        app.editor.text = query
        await pilot.press("ctrl+j")
        for _ in range(100):
            await pilot.pause(0.1)
            if app.results_viewer.tab_count:
                break
        await pilot.pause(1)
        Path(picture).write_text(app.export_screenshot(), encoding="utf-8")


asyncio.run(session(*sys.argv[1:]))
