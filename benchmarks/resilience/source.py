"""The source.yml of a made-up list of rounds, for tests and measurements that need a source."""

from __future__ import annotations


def source_yml(cadence: str) -> str:
    """Return one of a list that is due every `cadence`, such as 7d."""
    return f"""\
title: Rounds
producer: Nobody
url: https://example.com
licence: CC0-1.0
accessed_on: 2026-01-01
contents: Made up.
cadence: {cadence}
"""


FROZEN = source_yml("frozen") + "frozen_because: Made up.\n"
WEEKLY = source_yml("7d")
