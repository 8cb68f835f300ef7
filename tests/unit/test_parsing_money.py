"""Amounts of money: what each way of printing them means, and what has no meaning."""

import csv
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.parsing import FIELDS, PARSERS, Context
from orchestration.parsing.currencies import units_of_header
from orchestration.parsing.text import words

NOTHING = Context()
USD = Context(currency="USD")
M, BN = 1e6, 1e9


def parse(text: str, context: Context = NOTHING, *others: str) -> tuple[object, ...]:
    columns = PARSERS["money"]([text, *others], context)
    return tuple(columns[suffix][0].as_py() for suffix in FIELDS["money"])


SINGLE = [
    ("10 млн $", 10 * M, "USD", "exact"),
    ("1,2 млрд руб.", 1.2 * BN, "RUB", "exact"),  # noqa: RUF001
    ("10 mil millones €", 10 * BN, "EUR", "exact"),
    ("R$ 20 milhões", 20 * M, "BRL", "exact"),
    ("150 miljoner kronor", 150 * M, "SEK", "exact"),
    ("3兆円", 3e12, "JPY", "exact"),
    ("100 MSEK", 100 * M, "SEK", "exact"),
    ("MSEK 100", 100 * M, "SEK", "exact"),
    ("2.5 BUSD", 2.5 * BN, "USD", "exact"),
    ("SEKm 100", 100 * M, "SEK", "exact"),
    ("100 EURm", 100 * M, "EUR", "exact"),
    ("500 TEUR", 500_000, "EUR", "exact"),
    ("500 T€", 500_000, "EUR", "exact"),
    ("USD million 5", 5 * M, "USD", "exact"),
    ("100 EUR million", 100 * M, "EUR", "exact"),
    ("$270MM", 270 * M, "USD", "exact"),
    ("$500K", 500_000, "USD", "exact"),
    ("$2.1M", 2.1 * M, "USD", "exact"),
    ("$14,342,000", 14_342_000, "USD", "exact"),
    ("$14 342 000", 14_342_000, "USD", "exact"),
    ("CHF 14'342'000", 14_342_000, "CHF", "exact"),
    ("$US40 billion", 40 * BN, "USD", "exact"),
    ("US$20m", 20 * M, "USD", "exact"),
    ("US $20m", 20 * M, "USD", "exact"),
    ("USD 46.8 million", 46.8 * M, "USD", "exact"),
    ("usd 46.8 million", 46.8 * M, "USD", "exact"),
    ("USD $5M", 5 * M, "USD", "exact"),
    ("$5M CAD", 5 * M, "CAD", "exact"),
    ("A$19.8 million", 19.8 * M, "AUD", "exact"),
    ("A$250,000 (Blackbird cheque)", 250_000, "AUD", "exact"),
    ("CA$19M", 19 * M, "CAD", "exact"),
    ("C$19M", 19 * M, "CAD", "exact"),
    ("NZ$3m", 3 * M, "NZD", "exact"),
    ("HK$3m", 3 * M, "HKD", "exact"),
    ("S$3m", 3 * M, "SGD", "exact"),
    ("R$3m", 3 * M, "BRL", "exact"),
    ("EUR 105M", 105 * M, "EUR", "exact"),
    ("5M€", 5 * M, "EUR", "exact"),
    ("€ 20 Mio.", 20 * M, "EUR", "exact"),
    ("1,2 Mrd EUR", 1.2 * BN, "EUR", "exact"),
    ("20.000.000 EUR", 20 * M, "EUR", "exact"),
    ("£4.5m", 4.5 * M, "GBP", "exact"),
    ("CHF 2m", 2 * M, "CHF", "exact"),
    ("¥300M", 300 * M, "JPY", "exact"),
    ("CN¥300M", 300 * M, "CNY", "exact"),
    ("KRW 31.6Bn", 31.6 * BN, "KRW", "exact"),
    ("KRW 4 billion", 4 * BN, "KRW", "exact"),
    ("5 billion won", 5 * BN, "KRW", "exact"),
    ("3 million Canadian dollars", 3 * M, "CAD", "exact"),
    ("RMB 20.37M of intellectual property", 20.37 * M, "CNY", "exact"),
    ("5亿美元", 500 * M, "USD", "exact"),
    ("₹20,00,00,000", 200 * M, "INR", "exact"),
    ("Rs 5 crore", 50 * M, "INR", "exact"),
    ("Rs. 5 lakh", 500_000, "INR", "exact"),
    (r"\xc2\xa0USD 600000", 600_000, "USD", "exact"),
    (r"\\xc2\\xa0USD 6,00,000", 600_000, "USD", "exact"),
    ("$20-million", 20 * M, "USD", "exact"),
    ("$1½M", 1.5 * M, "USD", "exact"),
    ("\u00a0$\u00a020\u00a0million\u200b", 20 * M, "USD", "exact"),
    ("$5M[1]", 5 * M, "USD", "exact"),
    ("$5M (27.04.2023)", 5 * M, "USD", "exact"),
    ("$5M for 10%", 5 * M, "USD", "exact"),
    ("$20M from 5 investors in 2023", 20 * M, "USD", "exact"),
    ("$1Bn pledged", 1 * BN, "USD", "exact"),
    ("$5Bn of debt", 5 * BN, "USD", "exact"),
    ("~$6.6Bn", 6.6 * BN, "USD", "about"),
    ("c. $5M", 5 * M, "USD", "about"),
    ("nearly RMB 100M", 100 * M, "CNY", "about"),
    ("near $5Bn", 5 * BN, "USD", "about"),
    ("around EUR 6Bn", 6 * BN, "EUR", "about"),
    ("reportedly $10Bn over multiple years", 10 * BN, "USD", "about"),
    ("$1.75B (reported)", 1.75 * BN, "USD", "about"),
    ("at least $10MM", 10 * M, "USD", "over"),
    ("more than $40Bn", 40 * BN, "USD", "over"),
    ("over $200M after the round", 200 * M, "USD", "over"),
    ("over a billion dollars", 1 * BN, "USD", "over"),
    (">$3M", 3 * M, "USD", "over"),
    ("$1.1bn+", 1.1 * BN, "USD", "over"),
    ("$5M or more", 5 * M, "USD", "over"),
    ("less than $25MM", 25 * M, "USD", "up_to"),
    ("up to $4Bn", 4 * BN, "USD", "up_to"),
]

RANGES = [
    ("~$2.1-$2.2Bn", 2.1 * BN, 2.2 * BN, "USD", "about"),
    ("$2.1-2.2Bn", 2.1 * BN, 2.2 * BN, "USD", "exact"),
    ("$27\u201329Bn", 27 * BN, 29 * BN, "USD", "exact"),
    ("$500K-$1M", 500_000, 1 * M, "USD", "exact"),
    ("US$5 to 10 million", 5 * M, 10 * M, "USD", "exact"),
    ("between $5M and $10M", 5 * M, 10 * M, "USD", "exact"),
    ("5~10M USD", 5 * M, 10 * M, "USD", "about"),
    ("$2.1Bn to ~$2.2Bn", 2.1 * BN, 2.2 * BN, "USD", "about"),
    ("5-10 million euros", 5 * M, 10 * M, "EUR", "exact"),
    (
        "Dealroom estimate $191M-$286M (Business Insider 2023-04-27)",
        *(191 * M, 286 * M, "USD", "about"),
    ),
    (
        "$4.1Bn (Mar 2023, The Information) to nearly $5Bn (Reuters)",
        *(4.1 * BN, 5 * BN, "USD", "about"),
    ),
    ("$10Bn (FT) to $12Bn (Reuters)", 10 * BN, 12 * BN, "USD", "exact"),
    ("$15Bn (NYT); $18.4Bn reported elsewhere", 15 * BN, 18.4 * BN, "USD", "about"),
    ("more than $5B ($5.1B)", 5 * BN, 5.1 * BN, "USD", "about"),
]

# Several figures, one of which counts: the rule is in the head of the module.
CHOSEN = [
    ("GBP 8m (USD 10.87m)", 10.87 * M, "USD", "exact"),
    ("EUR 105M ($113MM)", 113 * M, "USD", "exact"),
    ("EUR 300M (about $327 million)", 327 * M, "USD", "about"),
    ("EUR 11.7Bn ($13.8Bn)", 13.8 * BN, "USD", "exact"),
    ("EUR 240M ($260MM) post-money", 260 * M, "USD", "exact"),
    ("€5M = $5.5M", 5.5 * M, "USD", "exact"),
    ("EUR 10M / $11M", 11 * M, "USD", "exact"),
    ("$5.5M (EUR 5M)", 5.5 * M, "USD", "exact"),
    ("over $1B (EUR 1B)", 1 * BN, "USD", "over"),
    ("GBP 8m ($10m, EUR 9m)", 10 * M, "USD", "exact"),
    ("EUR 5M (GBP 4.4M)", 5 * M, "EUR", "exact"),
    ("EUR 600M, part debt; $502.6 million equity per Crunchbase", 502.6 * M, "USD", "exact"),
    ("$100M equity and $50M debt", 100 * M, "USD", "exact"),
    ("$50M Series A and $20M of debt", 50 * M, "USD", "exact"),
    ("$150M ($100M equity, $50M debt)", 100 * M, "USD", "exact"),
    ("$52.3M (of a $60M offering)", 52.3 * M, "USD", "exact"),
    ("$25M (first reported as $20-25M)", 25 * M, "USD", "exact"),
    ("$5M (up to $10M)", 5 * M, "USD", "exact"),
    ("$50MM from Khosla Ventures; rest undisclosed", 50 * M, "USD", "over"),
    (
        "over $500MM announced (EUR 470M: EUR 110M equity, EUR 300M research, EUR 60M orders)",
        *(500 * M, "USD", "over"),
    ),
    ("$1.6B pre-money; $1.7B post-money", 1.7 * BN, "USD", "exact"),
    ("$2B (reported pre-money)", 2 * BN, "USD", "about"),
    ("$200MM (asked); $170MM post-money", 170 * M, "USD", "exact"),
    ("post-money $2.10B (MarketScreener); press reported about $2.8B", 2.1 * BN, "USD", "exact"),
    ("over $1.2Bn ($1.157Bn post-money in the prospectus)", 1.157 * BN, "USD", "exact"),
    ("undisclosed (over $5M)", 5 * M, "USD", "over"),
    ("a million euros ($1.1M)", 1.1 * M, "USD", "exact"),
    ("a billion dollars (27%)", 1 * BN, "USD", "exact"),
]

UNDISCLOSED = [
    *("0", "$0", "USD 0.00", "0 EUR"),
    *(
        "undisclosed",
        "Undisclosed",
        "N/A",
        "n.a.",
        "-",
        "—",
        "unknown",
        "TBD",
        "?",
        "Not disclosed",
    ),
    *("undisclosed amount", "Undisclosed seed", "Amount not disclosed"),
]

PROBLEMS = [
    ("10 billion", "no currency"),
    ("5 lakh", "no currency"),
    ("14,342,000+", "no currency"),
    ("$50", "lost its unit"),
    ("€ 7.5", "lost its unit"),
    ("$5-10", "lost its unit"),
    ("$5M-10", "lost its unit"),
    ("several hundred million RMB", "no amount in figures"),
    ('"triple-digit millions"', "no amount in figures"),
    ("half a billion dollars", "no amount in figures"),
    ("数亿元人民币", "no amount in figures"),
    ("Google took ~10%", "no amount in figures"),
    ("see note", "no amount in figures"),
    ("-$5M", "negative"),
    ("$-5M", "negative"),
    ("($5M)", "negative"),
    ("5m USD or EUR", "several currencies"),
    ("USD/EUR 5m", "several currencies"),
    ("#DIV/0!", 'write empty_values: ["#DIV/0!"] under reader:'),
    ("#n/a", "A formula of the spreadsheet failed (#N/A)"),
    ("$900 trillion", "too large"),
    ("$1e300", "too large"),
    ("$1,2,3", "not grouped"),
    ("$5-2M", "downwards"),
    ("$10M, $12M", "several amounts"),
    ("$5m seed; $20M Series A", "several amounts"),
    ("$60M ($15M)", "several amounts"),
    ("$5M-$10M-$15M", "several amounts"),
    ("Round 2 - $20M", "clear whether this is a range"),
    ("EUR 10M and $5M", "several currencies"),
    ("EUR $5M", "several currencies"),
    ("kr 5M", "shared by several currencies"),
    ("30 Mkr", "such as `units: {amount: {currency: SEK}}`"),
]


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("3 millions d'euros", 3e6, "EUR"),
        ("3 millions d\u2019euros", 3e6, "EUR"),
        ("12,5 millones de euros", 12.5e6, "EUR"),
        ("12,5 milioni di euro", 12.5e6, "EUR"),
        ("2 mil millones de dólares", 2e9, "USD"),
        ("1,5 bilhão de reais", 1.5e9, "BRL"),
        ("12,5 milyon TL", 12.5e6, "TRY"),
        ("5 million of US dollars", 5e6, "USD"),
    ],
)
def test_a_word_may_stand_between_unit_and_currency(
    text: str, amount: float, currency: str
) -> None:
    assert parse(text)[1:3] == (amount, currency)


def test_a_column_that_lost_its_unit_has_lost_it_in_its_larger_figures_too() -> None:
    column = PARSERS["money"](["50", "700", "180", "1730", "$2,000,000"], Context(currency="USD"))
    assert column["_low"].to_pylist() == [None, None, None, None, 2e6]
    assert "lost its unit" in column["_problem"][3].as_py()
    assert PARSERS["money"](["$900", "$1,730", "$2,980"], Context())["_low"].to_pylist()[1:] == [
        1730,
        2980,
    ]


@pytest.mark.parametrize(("text", "amount", "currency", "qualifier"), [*SINGLE, *CHOSEN])
def test_one_amount_is_understood(text: str, amount: float, currency: str, qualifier: str) -> None:
    low, high, *rest = parse(text)
    assert low == high == pytest.approx(amount, abs=0.01)
    assert rest == [currency, qualifier, None]


@pytest.mark.parametrize(("text", "low", "high", "currency", "qualifier"), RANGES)
def test_a_range_has_two_ends(
    text: str, low: float, high: float, currency: str, qualifier: str
) -> None:
    parsed_low, parsed_high, *rest = parse(text)
    assert (parsed_low, parsed_high) == pytest.approx((low, high), abs=0.01)
    assert rest == [currency, qualifier, None]


@pytest.mark.parametrize("text", UNDISCLOSED)
def test_an_undisclosed_amount_is_no_problem(text: str) -> None:
    assert parse(text) == (None, None, None, "undisclosed", None)


@pytest.mark.parametrize(("text", "problem"), PROBLEMS)
def test_what_cannot_be_understood_has_a_problem_and_no_meaning(text: str, problem: str) -> None:
    *meaning, explanation = parse(text)
    assert meaning == [None] * 4
    assert problem in str(explanation)


@pytest.mark.parametrize(
    ("text", "context", "amount", "currency"),
    [
        ("14,342,000+", USD, 14_342_000, "USD"),
        ("20000000.0", USD, 20 * M, "USD"),
        ("1.5E7", USD, 15 * M, "USD"),
        ("10 billion", USD, 10 * BN, "USD"),
        ("1500", USD, 1500, "USD"),
        ("1.5 crore", Context(currency="INR"), 15 * M, "INR"),
        ("€3M", USD, 3 * M, "EUR"),
        ("$3M", Context(currency="CAD"), 3 * M, "CAD"),
        ("¥3M", Context(currency="CNY"), 3 * M, "CNY"),
        ("kr 5M", Context(currency="SEK"), 5 * M, "SEK"),
        ("50", Context("USD", 1e6), 50 * M, "USD"),
        ("$50", Context(multiplier=1e6), 50 * M, "USD"),
        ("$50K", Context(multiplier=1e6), 50_000, "USD"),
        ("0.75", Context(header="Amount (USD M)"), 750_000, "USD"),
        ("12", Context(header="Funding (in crores INR)"), 120 * M, "INR"),
        ("12", Context("EUR", None, "Amount (USD M)"), 12 * M, "EUR"),
    ],
)
def test_the_file_proves_what_a_bare_figure_lacks(
    text: str, context: Context, amount: float, currency: str
) -> None:
    low, high, code, _, problem = parse(text, context)
    assert (low, high, code, problem) == (amount, amount, currency, None)


@pytest.mark.parametrize(
    ("text", "context", "problem"),
    [
        ("50", USD, "lost its unit"),
        ("5,000,000", Context("USD", 1e6), "reads as a full one"),
        ("50", Context(multiplier=1e6), "no currency"),
    ],
)
def test_a_bare_figure_is_never_guessed(text: str, context: Context, problem: str) -> None:
    assert problem in str(parse(text, context)[-1])


@pytest.mark.parametrize(
    ("header", "currency", "multiplier"),
    [
        ("Amount (USD M)", "USD", 1e6),
        ("Raised ($MM)", "USD", 1e6),
        ("Amount in USD", "USD", None),
        ("Funding (in crores INR)", "INR", 1e7),
        ("amount_usd_m", "USD", 1e6),
        ("Deal size (€m)", "EUR", 1e6),
        ("Amount (USD '000)", "USD", 1e3),
        ("Funding Amount (in US dollars)", "USD", None),
        ("Amount in millions", None, 1e6),
        ("Amount (M)", None, 1e6),
        ("Series B amount", None, None),
        ("round_size_m", None, 1e6),
        ("raised k", None, 1e3),
        ("raised_series_b", None, None),
        ("All amounts won", None, None),
        ("Amount", None, None),
    ],
)
def test_a_header_states_currency_and_unit(
    header: str, currency: str | None, multiplier: float | None
) -> None:
    assert units_of_header(header) == (currency, multiplier)


@pytest.mark.parametrize(
    ("text", "others", "amount"),
    [
        ("1.157 M EUR", (), 1.157 * M),
        ("1.157 M EUR", ("2,5 M EUR",), 1157 * M),
        ("1.157 M EUR", ("1.234.567 EUR",), 1157 * M),
        ("1.157 M EUR", ("2.5 M EUR", "1,2 Mrd EUR"), 1.157 * M),
        ("1.157 Mio EUR", ("2.5 M EUR",), 1157 * M),
        ("1,157 M EUR", ("2.5 M EUR",), 1157 * M),
        ("1.157 M EUR", ("2,5 M EUR", "2.5 M EUR"), None),
    ],
)
def test_the_column_proves_the_decimal_sign(
    text: str, others: tuple[str, ...], amount: float | None
) -> None:
    assert parse(text, NOTHING, *others)[0] == (amount and pytest.approx(amount))


@pytest.mark.parametrize(
    ("text", "currency", "unit", "amount", "code"),
    [
        ("5000000", "EUR", "", 5 * M, "EUR"),
        ("5000000", "US Dollar", "", 5 * M, "USD"),
        ("5000000", "INR (₹)", "", 5 * M, "INR"),
        ("5000000", "BRL", "", 5 * M, "BRL"),
        ("$5M", "CAD", "", 5 * M, "CAD"),
        ("€5M", "EUR", "", 5 * M, "EUR"),
        ("5", "INR", "Crore", 50 * M, "INR"),
        ("5", "$", "M", 5 * M, "USD"),
        ("5", "", "USD million", 5 * M, "USD"),
        ("5", "GBP", "units", 5, "GBP"),
        ("5K", "GBP", "Millions", 5000, "GBP"),
        ("5000", "n/a", "", 5000, "SEK"),
    ],
)
def test_the_cells_beside_complete_an_amount(
    text: str, currency: str, unit: str, amount: float, code: str
) -> None:
    context = Context("SEK", stated_currency=currency, stated_unit=unit)
    low, high, parsed, _, problem = parse(text, context)
    assert (low, high, parsed, problem) == (amount, amount, code, None)


@pytest.mark.parametrize(
    ("text", "context", "problem"),
    [
        ("$5M", Context(stated_currency="EUR"), "different currencies"),
        ("€5M", Context(stated_currency="USD"), "different currencies"),
        ("5000", Context(header="Amount (USD)", stated_currency="EUR"), "different currencies"),
        ("5000", Context(stated_currency="galleons"), "no known currency"),
        ("5000", Context("USD", stated_unit="heaps"), "no known unit"),
    ],
)
def test_cells_beside_that_contradict_or_say_nothing_are_a_problem(
    text: str, context: Context, problem: str
) -> None:
    assert problem in str(parse(text, context)[-1])
    assert parse("undisclosed", context) == (None, None, None, "undisclosed", None)


AMOUNTS = st.integers(min_value=1, max_value=999_999).map(lambda cents: cents * 10_000)
STYLES: list[Callable[[int], str]] = [
    lambda amount: f"${amount / 1e6:.2f}M",
    lambda amount: f"US${amount / 1e6:.2f} million",
    lambda amount: f"USD {amount / 1e6:.2f}MM",
    lambda amount: f"{amount / 1e6:.2f}m dollars",
    lambda amount: f"${amount / 1e9:.5f}Bn",
    lambda amount: f"${amount:,}",
    lambda amount: f"USD {amount}.00",
    lambda amount: f"$ {amount:,}".replace(",", "\u202f"),
    lambda amount: f"{amount / 1e6:.2f}".replace(".", ",") + " Mio. US$",
    lambda amount: f"about ${amount / 1e6:.2f}m (reported in May 2023)",
]


@given(amount=AMOUNTS, style=st.sampled_from(STYLES))
def test_a_printed_amount_is_read_back(amount: int, style: Callable[[int], str]) -> None:
    low, high, currency, _, problem = parse(style(amount))
    assert (low, high, currency, problem) == (amount, amount, "USD", None)


MONEY_WORDS = words(
    "$ € USD EUR RMB 5 10 2.1 2,1 1,000 1.000 M Bn - to ; , ( ) / over about up % a billion 2023"
    " post-money equity debt undisclosed + between and or = 1e9"
)
MONEY_TEXTS = st.lists(st.sampled_from(sorted(MONEY_WORDS)), max_size=9).map(" ".join)


@given(text=st.text() | MONEY_TEXTS, currency=st.sampled_from([None, "USD", "KRW"]))
def test_any_text_has_either_a_meaning_or_a_problem(text: str, currency: str | None) -> None:
    low, high, code, qualifier, problem = parse(text, Context(currency))
    if problem:
        assert (low, high, code, qualifier) == (None,) * 4
        assert str(problem).endswith(".")
    elif qualifier == "undisclosed":
        assert (low, high, code) == (None,) * 3
    else:
        assert isinstance(low, float)
        assert isinstance(high, float)
        assert 0 <= low <= high < math.inf
        assert code is not None


@given(texts=st.lists(MONEY_TEXTS, unique=True, max_size=6))
def test_the_order_of_the_texts_does_not_matter(texts: list[str]) -> None:
    forwards = PARSERS["money"](texts, USD)
    backwards = PARSERS["money"](texts[::-1], USD)
    for suffix in FIELDS["money"]:
        assert forwards[suffix].to_pylist() == backwards[suffix].to_pylist()[::-1]


ROUNDS = Path(__file__).parents[3] / "shared" / "data" / "funding" / "rounds.csv"

# Where this parser and the facts beside the texts part, and why.
DISAGREEMENTS = {
    "CA$19M",  # the facts convert it
    "$1.6B pre-money; $1.7B post-money",  # the facts keep both ends, here post-money counts
    "$200MM (asked); $170MM post-money",
    "post-money $2.10B (MarketScreener); press reported about $2.8B",
    "over $1.2Bn ($1.157Bn post-money in the prospectus)",
    "$2.5Bn",  # one row's lower end comes from elsewhere
}


@pytest.mark.skipif(not ROUNDS.exists(), reason="the curated rounds are not beside the repository")
@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        ("amount_text", "amount_usd_m", "amount_usd_m"),
        ("valuation_text", "valuation_low_usd_m", "valuation_high_usd_m"),
    ],
)
def test_dollar_amounts_agree_with_curated_facts(column: str, low: str, high: str) -> None:
    with ROUNDS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row[column]]
    parsed = PARSERS["money"]([row[column] for row in rows], NOTHING)
    wrong = {
        row[column]
        for row, low_usd, high_usd, currency in zip(
            rows,
            *(parsed[suffix].to_pylist() for suffix in ("_low", "_high", "_currency")),
            strict=True,
        )
        for fact, amount in ((row[low], low_usd), (row[high], high_usd))
        if fact and (currency != "USD" or amount != pytest.approx(float(fact) * M))
    }
    assert wrong <= DISAGREEMENTS


@pytest.mark.parametrize(
    ("text", "low", "currency"),
    [
        ("R$ 10 mi", 1e7, "BRL"),
        ("R$ 1,5 bi", 1.5e9, "BRL"),
        ("Rp 50 miliar", 5e10, "IDR"),
        ("IDR 20 juta", 2e7, "IDR"),
    ],
)
def test_units_of_other_languages(text: str, low: float, currency: str) -> None:
    parsed = PARSERS["money"]([text], Context())
    assert (parsed["_low"][0].as_py(), parsed["_currency"][0].as_py()) == (low, currency)


@pytest.mark.parametrize("header", ["AmountInUSD", "raisedAmountUSD", "Amount_in_USD", "amountUsd"])
def test_a_header_without_spaces_names_its_currency(header: str) -> None:
    parsed = PARSERS["money"](["20,00,00,000"], Context(header=header))
    assert (parsed["_low"][0].as_py(), parsed["_currency"][0].as_py()) == (2e8, "USD")
