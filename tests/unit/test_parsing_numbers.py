"""Plain numbers and model sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.parsing import FIELDS, PARSERS, Context
from orchestration.parsing.text import words


def parse(kind: str, text: str, *others: str) -> tuple[object, ...]:
    columns = PARSERS[kind]([text, *others], Context())
    return tuple(columns[suffix][0].as_py() for suffix in FIELDS[kind])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2013", 2013),
        ("2013.0", 2013),
        ("~2019", 2019),
        ("about 2019", 2019),
        ("2013 (or 2014)", 2013),
        ("0.7", 0.7),
        ("70%", 0.7),
        ("12.5 %", 0.125),
        ("70 percent", 0.7),
        ("1,234", 1234),
        ("1,234,567.8", 1_234_567.8),
        ("1.234.567", 1_234_567),
        ("1 234 567", 1_234_567),
        ("12,5", 12.5),
        ("1.5E7", 15_000_000),
        ("-0.80", -0.8),
        ("\u22125", -5),
        ("+3", 3),
        (".5", 0.5),
        ("0", 0),
    ],
)
def test_a_number_is_understood(text: str, number: float) -> None:
    assert parse("number", text) == (pytest.approx(number), None)


@pytest.mark.parametrize("text", ["n/a", "-", "?", "unknown"])
def test_a_missing_number_is_no_problem(text: str) -> None:
    assert parse("number", text) == (None, None)


@pytest.mark.parametrize("text", ["12-15", ">50", "twelve", "2013-05-04", "1e999", "12 bn", "5 10"])
def test_what_is_no_number_has_a_problem(text: str) -> None:
    number, problem = parse("number", text)
    assert number is None
    assert "not a single number" in str(problem)


@pytest.mark.parametrize("text", ["1,2,3", "1.2.3", "1,234.5E7"])
def test_digits_that_are_no_figure_have_a_problem(text: str) -> None:
    assert "not grouped" in str(parse("number", text)[1])


@pytest.mark.parametrize(
    ("others", "number"), [((), 1234), (("0.7",), 1234), (("0,7",), 1.234), (("0,7", "0.7"), None)]
)
def test_the_column_proves_the_decimal_sign(others: tuple[str, ...], number: float | None) -> None:
    parsed, problem = parse("number", "1,234", *others)
    assert parsed == number
    assert (problem is None) == (number is not None)


@pytest.mark.parametrize(
    ("text", "smallest", "largest"),
    [
        ("7b", 7, 7),
        ("13B", 13, 13),
        ("15.5b", 15.5, 15.5),
        ("176b", 176, 176),
        ("~7B", 7, 7),
        ("1.1", 1.1, 1.1),
        ("125m", 0.125, 0.125),
        ("1,300M", 1.3, 1.3),
        ("7 billion parameters", 7, 7),
        ("1T", 1000, 1000),
        ("8x7B", 56, 56),
        ("8x22B (141B)", 176, 176),
        ("0.06 - 11", 0.06, 11),
        ("60M - 11B", 0.06, 11),
        ("100M - 14B", 0.1, 14),
        ("7B-40B", 7, 40),
        ("7\u201340B", 7, 40),
        ("1.1-15", 1.1, 15),
        ("180, 40, 7", 7, 180),
        ("1,7", 1, 7),
        ("0.27, 0.45, 1.1, 3", 0.27, 3),
        ("1.5b/3b/7b", 1.5, 7),
        ("3B, 7B, 12B", 3, 12),
        ("7B and 13B", 7, 13),
        ("1.5B-110B", 1.5, 110),
        ("7B x 8 (MoE)", 56, 56),
        ("175000000000", 175, 175),
        ("175,000,000,000", 175, 175),
        ("1.75e+11", 175, 175),
        ("4M-21", 0.004, 0.021),
        ("7B/13", 7, 13),
        ("1K", 1e-6, 1e-6),
        ("2.6K", 2.6e-6, 2.6e-6),
        ("174T", 174_000, 174_000),
    ],
)
def test_a_size_is_understood(text: str, smallest: float, largest: float) -> None:
    assert parse("size", text) == (pytest.approx(smallest), pytest.approx(largest), None)


@pytest.mark.parametrize(
    ("texts", "context", "largest"),
    [
        (["350"], Context(header="Parameters (M)"), [0.35]),
        (["7"], Context(header="Parameters \n(B)"), [7]),
        (["650"], Context(multiplier=1), [6.5e-7]),
        (["350", "7B"], Context(multiplier=1e6), [0.35, 7]),
        (["60", "7B"], Context(header="参数\uff08亿\uff09"), [6, 7]),
        (["350"], Context(header="パラメータ数(百万)"), [0.35]),
        (["1.6e+12", "650.0", "7000000000.0"], Context(), [1600, 6.5e-7, 7]),
        (["1600000000", "7", "13"], Context(), [1.6, 7, 13]),
        (["40", "7B", "13B"], Context(), [40, 7, 13]),
        (["40", "7", "800M"], Context(), [40, 7, 0.8]),
        (["40", "7B", "800M"], Context(multiplier=1), [4e-8, 7, 0.8]),
    ],
)
def test_what_a_bare_size_counts(texts: list[str], context: Context, largest: list[float]) -> None:
    columns = PARSERS["size"](texts, context)
    assert columns["_max_bn"].to_pylist() == pytest.approx(largest)


@pytest.mark.parametrize("others", [("7B", "800M"), ("1K", "1.2T", "7B")])
def test_a_bare_size_among_different_units_is_none(others: tuple[str, ...]) -> None:
    assert "no unit" in str(parse("size", "40", *others)[-1])


@pytest.mark.parametrize("text", ["?", "n/a", "-"])
def test_a_missing_size_is_no_problem(text: str) -> None:
    assert parse("size", text) == (None, None, None)


@pytest.mark.parametrize(
    "text", ["84k (ALiBi)", "large", "0", "7B-Instruct", "500T", "-7B", "7B -"]
)
def test_what_is_no_size_has_a_problem(text: str) -> None:
    smallest, largest, problem = parse("size", text)
    assert (smallest, largest) == (None, None)
    assert "model size" in str(problem)


@given(number=st.floats(-1e9, 1e9).map(lambda number: round(number, 4)))
def test_a_printed_number_is_read_back(number: float) -> None:
    assert parse("number", f"{number:.4f}")[0] == pytest.approx(number)
    assert parse("number", f"{number:,.4f}")[0] == pytest.approx(number)
    assert parse("number", f"{number}")[0] == pytest.approx(number)


@given(sizes=st.lists(st.integers(1, 9_999), min_size=1, max_size=5))
def test_a_printed_family_of_sizes_is_read_back(sizes: list[int]) -> None:
    assert parse("size", ", ".join(f"{size}b" for size in sizes))[:2] == (min(sizes), max(sizes))


SIZE_WORDS = words("7 13 1.5 b B M T x , / - to ( ) ~ %") | {" "}
SIZE_TEXTS = st.lists(st.sampled_from(sorted(SIZE_WORDS)), max_size=7).map("".join)


@given(text=st.text() | SIZE_TEXTS)
def test_any_text_has_either_a_meaning_or_none(text: str) -> None:
    number, problem = parse("number", text)
    assert number is None or problem is None
    smallest, largest, problem = parse("size", text)
    assert (smallest is None) == (largest is None)
    if isinstance(smallest, float) and isinstance(largest, float):
        assert 0 < smallest <= largest
        assert problem is None
