"""What tells companies and rounds apart: websites, countries and the labels of rounds."""

import pytest

from orchestration import config
from orchestration.parsing import PARSERS, Context, word_key
from orchestration.sources import kinds


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("acme.ai", "acme.ai"),
        ("https://www.Acme.com/about?x=1", "acme.com"),
        ("http://acme.co.uk:8080", "acme.co.uk"),
        ("[Acme](https://acme.com/)", "acme.com"),
        (
            "https://www.linkedin.com/company/acme",
            None,
        ),  # a page of a network is no site of its own
        ("https://www.crunchbase.com/organization/acme", None),
        ("Acme", None),
        ("n/a", None),
    ],
)
def test_a_website_is_its_host(text: str, host: str | None) -> None:
    assert PARSERS["site"]([text], Context())["_host"].to_pylist() == [host]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("US", "US"),
        ("us", "US"),
        ("United States", "US"),
        ("San Francisco, California, United States", "US"),
        ("San Francisco, CA", None),  # California, not Canada
        ("UK", "GB"),
        ("Scotland", "GB"),
        ("South Korea", "KR"),
        ("Czech Republic", "CZ"),
        ("Europe", None),
        ("XX", None),
    ],
)
def test_a_country_is_its_code(text: str, code: str | None) -> None:
    assert PARSERS["country"]([text], Context())["_code"].to_pylist() == [code]


def label(text: str) -> tuple[str | None, str | None, str | None]:
    columns = kinds.read_kinds(config.KINDS_FILE)["funding_rounds"].columns
    words = next(column.words for column in columns if column.name == "round_label")
    values = {word_key(o): word for word, others in words.items() for o in (word, *others)}
    parsed = PARSERS["round_label"]([text], Context(values=values))
    stage, part, kind = (parsed[suffix][0].as_py() for suffix in ("_stage", "_part", "_kind"))
    return stage, part, kind


@pytest.mark.parametrize(
    ("text", "stage", "part"),
    [
        ("Series A", "series a", None),
        ("SERIES-A", "series a", None),
        ("Venture - Series A", "series a", None),
        ("A", "series a", None),
        ("venture A", "series a", None),
        ("Round B", "series b", None),
        ("Series A1", "series a", "1"),
        ("Series B-2", "series b", "2"),
        ("Series E-II", "series e", "2"),
        ("Series A+", "series a", "+"),
        ("Series C extension", "series c", "extension"),
        ("Series L, final close", "series l", "final close"),
        ("Series B (2nd tranche)", "series b", "second close"),
        ("Seed", "seed", None),
        ("seed_round", "seed", None),
        ("Pre-Seed", "pre-seed", None),
        ("pre seed", "pre-seed", None),
        ("Pre-Series A", "pre-series a", None),
        ("Seed & Series A", "seed;series a", None),
        ("Series C/D growth round", "series c;series d", None),
        ("Venture round", None, None),
        ("Series unknown", None, None),
        ("Growth", None, None),
    ],
)
def test_a_label_names_a_stage_and_a_part(text: str, stage: str | None, part: str | None) -> None:
    assert label(text)[:2] == (stage, part)


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("debt", "Venture Debt|debt_financing|DEBT|Term loan|Bridge note|Convertible Note"),
        ("debt", "Private placement of bonds|Revolving credit facility|Post-IPO Debt|Mezzanine"),
        ("debt", "Equity + Debt|Line of credit|post_ipo_debt|Debt - General"),
        ("public_offering", "IPO|Ipo|post_ipo_equity|Post-IPO Equity|Initial Public Offering|PIPE"),
        ("other", "Non-equity Assistance|non_equity_assistance|Product Crowdfunding"),
        ("other", "Initial Coin Offering|Acquisition by Foo|Merger/Acquisition|Leveraged Buyout"),
        ("secondary", "Secondary sale|Secondary Market|post_ipo_secondary|Share Sale"),
        ("tender", "Tender offer|Employee tender-offer"),
        ("grant", "Research grant|Grant|Founding donation"),
        (None, "Series C (incl. debt)|Series A|SAFE|Venture round|Pre-IPO round|Nipot|Debtor Ltd"),
        (None, "equity_crowdfunding|Private Equity"),  # equity, as a label without such a word
    ],
)
def test_a_label_names_a_kind_of_money_however_it_is_spelt(kind: str | None, texts: str) -> None:
    assert {text: label(text)[2] for text in texts.split("|")} == dict.fromkeys(
        texts.split("|"), kind
    )
