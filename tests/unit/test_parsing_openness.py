"""Whether a model's weights are open: words of every kind, and what a licence says."""

import pytest

from orchestration.parsing import PARSERS, Context, word_key
from orchestration.parsing.openness import licence_key, openness


@pytest.mark.parametrize(
    "text",
    [
        *("Closed source", "closed (API)", "Proprietary", "proprietary licence", "private"),
        *("API", "API only", "commercial API", "Hosted access (no API)", "paid subscription"),
        *("not released", "Not yet publicly available", "unreleased", "weights unavailable"),
        *("Weights not available", "weights were never published", "no weights", "not open source"),
        *("non-public", "internal use", "All rights reserved"),
    ],
)
def test_words_for_closed(text: str) -> None:
    assert openness(text) == "closed"


@pytest.mark.parametrize(
    "text",
    [
        *("open", "Open source", "open-weights", "Open weights (non-commercial)", "Open access"),
        *("Open weights, API", "weights available", "public weights", "publicly available"),
        *("Weights released", "downloadable", "no restrictions, open weights"),
    ],
)
def test_words_for_open(text: str) -> None:
    assert openness(text) == "open"


@pytest.mark.parametrize(
    "text",
    ["limited", "Partially open", "gated", "weights on request", "unclear", "openai", "7B", ""],
)
def test_words_that_say_neither(text: str) -> None:
    assert openness(text) is None


def test_a_lists_own_words_go_first() -> None:
    values = {word_key("API"): "open", word_key("closed"): "closed", word_key("true"): "open"}
    texts = ["API", "API only", "TRUE", "n/a", "beta"]
    columns = PARSERS["access"](texts, Context(values=values))
    assert columns["_value"].to_pylist() == ["open", "closed", "open", None, "beta"]


@pytest.mark.parametrize(
    ("spellings", "key"),
    [
        (("apache-2.0", "Apache 2.0", "Apache License, Version 2.0", "Apache 2"), "apache 2.0"),
        (("MIT", "MIT License", "The MIT licence"), "mit"),
        (("BSD-3-Clause", "BSD 3-Clause"), "bsd 3 clause"),
        (("llama2", "Llama 2 Community License"), "llama 2.0"),
        (("GPLv3", "gpl-3.0", "GPL 3"), "gpl 3.0"),
        (("CC BY-SA-4.0", "Creative Commons license (CC BY-SA-4.0)"), "cc by sa 4.0"),
    ],
)
def test_spellings_of_one_licence_share_its_key(spellings: tuple[str, ...], key: str) -> None:
    assert {licence_key(spelling) for spelling in spellings} == {key}


@pytest.mark.parametrize(
    ("text", "access"),
    [
        *(("apache-2.0", "open"), ("cc-by-nc-4.0", "open"), ("bigcode-openrail-m", "open")),
        *(("llama2", "open"), ("Gemma", "open"), ("GPLv3", "open"), ("cc0-1.0", "open")),
        *(("Proprietary", "closed"), ("closed", "closed"), ("weights not released", "closed")),
        *(("other", None), ("Custom", None), ("research only", None), ("unknown", None)),
    ],
)
def test_what_a_licence_says_of_the_weights(text: str, access: str | None) -> None:
    assert PARSERS["licence"]([text], Context())["_access"].to_pylist() == [access]
