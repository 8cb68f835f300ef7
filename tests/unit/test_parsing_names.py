"""Names: which spellings share a key, and how lists of names come apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.parsing import FIELDS, PARSERS, Context
from orchestration.parsing.names import name_key, parse_lists_of_names, parse_names, split_names
from orchestration.parsing.text import words


def names_and_keys(text: str) -> tuple[object, ...]:
    columns = PARSERS["names"]([text], Context())
    return tuple(columns[suffix][0].as_py() for suffix in FIELDS["names"])


@pytest.mark.parametrize(
    ("spellings", "key"),
    [
        (("Character.AI", "Character AI", "character.ai, Inc.", "CHARACTER AI INC"), "characterai"),
        (("Hugging Face", "HuggingFace", "Hugging-Face SAS"), "huggingface"),
        (("L'Oréal", "L\u2019OREAL S.A.", "L'Ore\u0301al SA"), "loreal"),
        (("Aleph Alpha", "Aleph Alpha GmbH"), "alephalpha"),
        (("Foo", "Foo GmbH & Co. KG", "Foo B.V.", "Foo Pty Ltd", "Foo Co., Ltd."), "foo"),
        (("Weights & Biases", "Weights and Biases", "Weights &amp; Biases"), "weightsandbiases"),
        (("Run:ai", "run ai", "RUN.AI"), "runai"),
        (("01.AI", "01 AI"), "01ai"),
        (("falcon-40b", "[falcon-40b](https://example.com/falcon)"), "falcon40b"),
        (("GPT-3.5", "<b>GPT-3.5</b>", "**gpt 3.5**"), "gpt3.5"),
        (("Ørsted", "orsted"), "orsted"),
        (("\uff23\uff4f\uff48\uff45re", "Cohere"), "cohere"),
        (("Straße", "STRASSE"), "strasse"),
        (("零一万物", "零一 万物"), "零一万物"),
        (("Яндекс", "ЯНДЕКС"), "яндекс"),
        (("हिन्दी",), "हिन्दी"),
        (("Inc",), "inc"),
        (("H Company",), "hcompany"),
        (("Moonshot AI Co., Ltd.",), "moonshotai"),
        (
            ("Acme Robotics", "/organization/acme-robotics", "/ORGANIZATION/ACME-ROBOTICS"),
            "acmerobotics",
        ),
        (("Acme", "Acme Funding Round", "Pre Seed Round - Acme", "Series A - Acme, Inc."), "acme"),
        (("Safe Intelligence Lab", "Safe Intelligence Lab (SIL)"), "safeintelligencelab"),
    ],
)
def test_spellings_of_one_name_share_its_key(spellings: tuple[str, ...], key: str) -> None:
    assert {name_key(spelling) for spelling in spellings} == {key}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Scale AI", "Scale"),
        ("Dolly 2.0", "Dolly 20"),
        ("LLaMA 2 7B", "LLaMA 27B"),
        ("LLaMA 2 7B", "LLaMA 2.7B"),
        ("dlite-v2-1_5b", "dlite-v2-15b"),
        ("Command R", "Command R+"),
        ("ガス", "カス"),
        ("Together", "Together AI"),
        ("Augment", "Augment (logistics)"),  # no abbreviation, but what tells it from another
        ("Sequoia", "Sequoia (GV)"),
        ("Studios", "Angel Studios"),  # no name of a round, which would have a dash
        ("Acme", "Seed Round"),
    ],
)
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize("text", ["undisclosed", "Unknown", "n/a", "-", "???", "  "])
def test_what_is_no_name_has_no_key(text: str) -> None:
    assert name_key(text) is None


@pytest.mark.parametrize(
    ("text", "names", "keys"),
    [
        ("Index Ventures; Sequoia", "Index Ventures;Sequoia", "indexventures;sequoia"),
        ("a16z;undisclosed", "a16z", "a16z"),
        ("A, B; C", "A, B;C", "ab;c"),
        ("Nvidia\nSalesforce, Inc.\n", "Nvidia;Salesforce, Inc.", "nvidia;salesforce"),
        ("Nvidia, Intel and AMD", "Nvidia;Intel;AMD", "nvidia;intel;amd"),
        ("Nvidia, Intel, and AMD", "Nvidia;Intel;AMD", "nvidia;intel;amd"),
        ("Salesforce, Inc., Nvidia", "Salesforce, Inc.;Nvidia", "salesforce;nvidia"),
        ("Foo, S.A., Bar B.V. and Baz", "Foo, S.A.;Bar B.V.;Baz", "foo;bar;baz"),
        ("Khosla, AS Capital", "Khosla;AS Capital", "khosla;ascapital"),
        ("X (a; b), Y", "X (a, b);Y", "xab;y"),
        ("Bain and Company", "Bain and Company", "bainandcompany"),
        ("Khosla (X, Y and Z), Index", "Khosla (X, Y and Z);Index", "khoslaxyandz;index"),
        ("A (x; y); B", "A (x, y);B", "axy;b"),
        ("Weights & Biases", "Weights & Biases", "weightsandbiases"),
        ("Weights &amp; Biases", "Weights & Biases", "weightsandbiases"),
        ("GV; gv ;G.V.", "GV", "gv"),
        ("Tiger Global, and others", "Tiger Global", "tigerglobal"),
        ('["Fund A", "Fund B, Inc."]', "Fund A;Fund B, Inc.", "funda;fundb"),
        ("['Fund A', 'Fund B']", "Fund A;Fund B", "funda;fundb"),
        ('[{"role": "lead", "value": "Fund A"}, {"name": "B; C"}]', "Fund A;B, C", "funda;bc"),
        ("[Fund A], Fund B", "[Fund A];Fund B", "funda;fundb"),
        ("undisclosed", None, None),
        ("undisclosed investors", None, None),
        (";;", None, None),
    ],
)
def test_a_list_of_names_comes_apart(text: str, names: str | None, keys: str | None) -> None:
    assert names_and_keys(text) == (names, keys)


def test_each_name_has_its_key() -> None:
    assert PARSERS["name"](["A.I.", "n/a"], Context())["_key"].to_pylist() == ["ai", None]


@pytest.mark.parametrize(
    ("names", "core"),
    [
        (("Acme", "Acme AI", "acme.ai", "Acme Labs, Inc.", "The Acme Company", "ACME"), "acme"),
        (("Acme Health", "/organization/acme-health"), "acmehealth"),
        (("OpenAI",), "openai"),  # one word: what it would be without its end, nobody knows
        (("AI",), "ai"),
        (("H Company",), "h"),
    ],
)
def test_a_core_forgets_general_words(names: tuple[str, ...], core: str) -> None:
    assert set(PARSERS["name"](names, Context())["_core"].to_pylist()) == {core}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Acme AI", "Acme AI"),
        ("/ORGANIZATION/ACME-ROBOTICS", "Acme Robotics"),
        ("/organization/0-6-com", "0 6 Com"),
        (r"\xc2\xa0CloudBerry", "CloudBerry"),
        ("<a href='x'>Acme &amp; Sons</a>", "Acme & Sons"),
        ("[Acme](https://acme.com)", "Acme"),
        ("Debt Financing - Acme-Lab", "Acme-Lab"),
        ("Acme Lab Funding Round", "Acme Lab"),
    ],
)
def test_a_name_is_shown_as_a_reader_sees_it(text: str, name: str) -> None:
    assert PARSERS["name"]([text], Context())["_name"].to_pylist() == [name]


NAMES = st.text() | st.lists(
    st.sampled_from(
        sorted(words("Scale AI Inc. é É 2.0 20 _ - & + . , ( ) and İ ß ﬁ Ⅳ GmbH 零 हि"))
    ),
    max_size=8,
).map(" ".join)


@given(name=NAMES)
def test_the_key_of_a_key_is_the_key(name: str) -> None:
    key = name_key(name)
    assert key is None or name_key(key) == key


@given(name=st.text(st.characters(codec="ascii", exclude_characters="&;<[]"), max_size=20))
def test_a_key_ignores_case_and_outer_space(name: str) -> None:
    assert name_key(name.upper()) == name_key(name.lower()) == name_key(f"  {name} ")


@given(parts=st.lists(st.text("xyzXYZ", min_size=1), min_size=1, max_size=4))
def test_a_key_ignores_what_separates_words(parts: list[str]) -> None:
    spellings = [separator.join(["q", *parts]) for separator in (" ", "-", "_", ".", "  ")]
    assert len({name_key(spelling) for spelling in spellings}) == 1


@given(text=NAMES)
def test_names_and_keys_are_aligned(text: str) -> None:
    names, keys = names_and_keys(text)
    if names is None:
        assert keys is None
    else:
        assert [name_key(name) for name in str(names).split(";")] == str(keys).split(";")


_NAMES = (
    "Acme|acme|x|Beta Inc.|Inc|Ltd.|and Gamma|Delta and Sons|others|undisclosed|A (B|C)|& Co"
    "|[x](y)|E; F|| G |\\xc2\\xa0|/company/h"
)
NAMES = st.sampled_from(_NAMES.split("|"))


@given(lists=st.lists(st.lists(NAMES, min_size=1, max_size=5), min_size=1, max_size=9))
def test_a_list_has_the_names_that_splitting_it_gives(lists: list[list[str]]) -> None:
    texts = list(dict.fromkeys(filter(str.strip, map(", ".join, lists))))
    # Lists of plain names are taken apart as a column; that mustn't show.
    texts += ["Acme, Beta", "Beta, Acme", "Acme, Beta, Acme"]
    names, keys = [], []
    for text in texts:
        by_key: dict[str, str] = {}
        for name in split_names(text):
            if key := name_key(name):
                by_key.setdefault(key, name)
        names.append(";".join(by_key.values()) or None)
        keys.append(";".join(by_key) or None)
    columns = parse_lists_of_names(texts, Context())
    assert columns["_names"].to_pylist() == names
    assert columns["_keys"].to_pylist() == keys


_WORDS = "Acme|funding|Round|2|7B|Inc|ltd|and|A/S|GmbH|co|others|N|n/a|Ünal|x.ai|unknown||i\u0307"
WORDS = st.sampled_from(_WORDS.split("|"))


@given(
    names=st.lists(
        st.lists(WORDS, min_size=1, max_size=4).map(" ".join).filter(str.strip),
        max_size=9,
        unique=True,
    )
)
def test_a_column_of_names_has_the_keys_of_its_names(names: list[str]) -> None:
    column = parse_names(names, Context())["_key"]
    assert column.to_pylist() == [name_key(name) for name in names]
