"""The source.yml of a list of rounds, which tests of what happens to a source put beside a file."""

from __future__ import annotations

_FACTS = """\
title: Rounds
producer: Somebody
url: https://example.com
licence: CC0-1.0
accessed_on: 2026-01-01
contents: Rounds.
"""
FROZEN = f"{_FACTS}cadence: frozen\nfrozen_because: A test.\n"
WEEKLY = f"{_FACTS}cadence: 7d\n"
