"""Names of models and their makers: accounts, marks of a copy, spellings of one maker."""

import pytest

from orchestration.parsing import PARSERS, Context
from orchestration.parsing.model_names import maker_key, model_name


@pytest.mark.parametrize(
    ("text", "account", "key"),
    [
        ("acme/Openmodel-7B", "acme", "openmodel7b"),
        ("Openmodel-7B", None, "openmodel7b"),
        ("https://huggingface.co/acme/Openmodel-7B", "acme", "openmodel7b"),
        ("[acme/Openmodel-7B](https://example.org/x)", "acme", "openmodel7b"),
        ("Openmodel-7B/tree/main", None, "openmodel7b"),
        ("Openmodel-7B/", None, "openmodel7b"),
        ("Openmodel-7B/13B", None, "openmodel7b13b"),
        ("Openmodel / Other", None, "openmodelother"),
        ("Openmodel 2 7B", None, "openmodel2-7b"),
        ("Openmodel-27B", None, "openmodel27b"),
        ("acme/Openmodel-7b-hf", "acme", "openmodel7b"),
        ("Openmodel-7b-hf-transformers-4.29", None, "openmodel7b"),
        ("Openmodel+", None, "openmodelplus"),
    ],
)
def test_an_account_in_front_and_a_hubs_format_are_no_part_of_a_name(
    text: str, account: str | None, key: str
) -> None:
    name = model_name(text)
    assert (name.account, name.key) == (account, key)


@pytest.mark.parametrize(
    ("text", "form", "stem", "family"),
    [
        ("Openmodel-7B", None, "openmodel7b", "openmodel"),
        ("Openmodel-7B-GPTQ", "quantised", "openmodel7b", "openmodel"),
        ("openmodel-7b-GPTQ-4bit-128g.no-act-order", "quantised", "openmodel7b", "openmodel"),
        ("ggml-openmodel-7b-1.1-q4_0", "quantised", "openmodel7b1.1", "openmodel"),
        ("Openmodel-7B-4-bit", "quantised", "openmodel7b", "openmodel"),
        ("Openmodel-7B-Q4_K_M-GGUF", "quantised", "openmodel7b", "openmodel"),
        ("Openmodel-7B-FP8", "quantised", "openmodel7b", "openmodel"),
        ("Openmodel-7B-W4A16", "quantised", "openmodel7b", "openmodel"),
        ("Openmodel-7B-fp16", "converted", "openmodel7b", "openmodel"),
        ("openmodel-7b-sharded", "converted", "openmodel7b", "openmodel"),
        ("openmodel-7b-hf", "repackaged", "openmodel7b", "openmodel"),
        ("Openmodel-7b-Merged", "repackaged", "openmodel7b", "openmodel"),
        ("openmodel-7b-delta", None, "openmodel7b", "openmodel"),
        ("openmodel-lora-7b", "adapter", "openmodellora7b", "openmodellora"),
        ("Openmodel-RolePlayLora", "adapter", "openmodelroleplaylora", "openmodelroleplaylora"),
        ("openmodel-lora-7b-ggml", "quantised", "openmodellora7b", "openmodellora"),
        ("openmodel-lora-7b-merged", "repackaged", "openmodellora7b", "openmodellora"),
        ("Openmodel7B-chat", None, "openmodel7bchat", "openmodelchat"),
        ("Flora-7B", None, "flora7b", "flora"),
        ("LoRA", None, "lora", "lora"),
        ("Openmodel 2.5", None, "openmodel2.5", "openmodel"),
    ],
)
def test_marks_of_a_copy(text: str, form: str | None, stem: str, family: str) -> None:
    name = model_name(text)
    assert (name.form, name.stem_key, name.family_key) == (form, stem, family)


@pytest.mark.parametrize("text", ["Openmodel-7B", "openmodel7b", "Openmodel 8x7B", "Open-1.5b-it"])
def test_a_name_that_states_a_size(text: str) -> None:
    assert model_name(text).names_size


@pytest.mark.parametrize("text", ["Openmodel 7", "Openmodel v2", "Openmodel-4bit", "B7"])
def test_a_name_that_states_none(text: str) -> None:
    assert not model_name(text).names_size


@pytest.mark.parametrize(
    "spellings",
    [
        ("Acme AI", "acme-ai", "AcmeAI", "Acme", "Acme Labs", "Acme AI Research", "acme.ai"),
        ("Someville University", "University of Someville", "Someville"),
        ("01.AI", "01-ai", "01AI"),
    ],
)
def test_spellings_of_one_maker_share_its_key(spellings: tuple[str, ...]) -> None:
    assert len({maker_key(spelling) for spelling in spellings}) == 1


def test_different_makers_have_different_keys() -> None:
    names = ["Acme", "Acne", "The University", "xAI", "Ai2", "AI"]
    assert len({maker_key(name) for name in names}) == len(names)


def test_several_makers_and_their_initials() -> None:
    text = "Some Learning Institute (Acme), University of Somewhere/Otherlab & Acme"
    columns = PARSERS["makers"]([text], Context())
    assert columns["_keys"].to_pylist() == [
        "somelearninginstitute;somelearninginstitute;acme;universityofsomewhere;otherlab"
    ]
    assert columns["_makers"].to_pylist() == ["somelearning;sli;acme;somewhere;other"]


def test_no_maker_has_no_keys() -> None:
    columns = PARSERS["makers"](["undisclosed", "-"], Context())
    assert columns["_keys"].to_pylist() == [None, None]
