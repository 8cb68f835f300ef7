"""Words of a vocabulary: what a list's own words stand for."""

import pytest

from orchestration.parsing import PARSERS, Context, word_key

LAYERS = {
    word_key(other): word
    for other, word in {
        "model_platform": "model_platform",
        "Foundation models": "model_platform",
        "Tooling": "mlops",
        "\U0001f534": "closed",
    }.items()
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Foundation models", "model_platform"),
        (" foundation-MODELS ", "model_platform"),
        ("Model Platform", "model_platform"),
        ("tooling", "mlops"),
        ("\U0001f534", "closed"),
        ("Quantum", "quantum"),
        ("\U0001f7e2", "\U0001f7e2"),
        ("n/a", None),
    ],
)
def test_a_word_has_its_meaning_or_stands_for_itself(text: str, value: str | None) -> None:
    assert PARSERS["word"]([text], Context(values=LAYERS))["_value"].to_pylist() == [value]


def test_any_other_word_can_have_a_meaning() -> None:
    context = Context(values={**LAYERS, "*": "application"})
    texts = ["Quantum", "tooling", "n/a"]
    values = PARSERS["word"](texts, context)["_value"].to_pylist()
    assert values == ["application", "mlops", None]
