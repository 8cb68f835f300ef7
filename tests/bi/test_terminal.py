"""Harlequin, a client for the terminal, lists the marts and answers as the mart does."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tools import SCREENSHOTS, SHARES, program, two_versions

if TYPE_CHECKING:
    from conftest import Warehouse


def test_harlequin_shows_the_shares_of_the_mart(warehouse: Warehouse, tmp_path: Path) -> None:
    served = two_versions(warehouse, tmp_path)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    picture = SCREENSHOTS / "harlequin.svg"
    script = Path(__file__).with_name("harlequin_session.py")
    finished = subprocess.run(
        [program("terminal", "python"), script, served.path, SHARES, picture],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert finished.returncode == 0, finished.stderr
    shown = picture.read_text(encoding="utf-8")
    for layer, share in served.shares().items():
        assert layer in shown
        assert str(share)[:5] in shown
