"""The words of money: currencies, units, and what a column's header says of both.

Currency codes, symbols and names come from Babel (CLDR); only the spellings of deal lists that it
lacks are written here. What an amount means is decided in `money`.
"""

import re
from collections.abc import Sequence
from datetime import date

from babel import Locale
from babel.numbers import get_currency_name, get_currency_symbol, get_territory_currencies

from orchestration.parsing.text import words

# Signs that several currencies share: the one meant where the file proves no other, and the others.
SHARED_SIGNS: dict[str, tuple[str, frozenset[str]]] = {
    "$": ("USD", words("AUD CAD HKD MXN NZD SGD TWD")),
    "¥": ("JPY", frozenset({"CNY"})),
    "rs": ("INR", words("LKR MUR NPR PKR")),
    "kr": ("", words("DKK ISK NOK SEK")),
}

_CODES = {
    code
    for territory in map(str, Locale("en").territories)
    for code in get_territory_currencies(territory, date(2000, 1, 1), date(2026, 1, 1))
}
# Codes read in small letters too; others could be words (all, top, try).
CODES_IN_WORDS = words(
    "aed aud cad chf czk dkk eur gbp hkd idr inr jpy krw myr nok nzd pln sek sgd thb usd zar"
)
_SPELLINGS = {
    "USD": "us$ $us usd$ $usd 美元 美金",
    "AUD": "a$ au$ aud$ $au $aud",
    "CAD": "c$ ca$ cad$ $ca $cad",
    "NZD": "nz$ nzd$ $nz $nzd",
    "SGD": "s$ sg$ sgd$ $sg $sgd",
    "HKD": "hk$ hkd$ $hk $hkd",
    "CNY": "rmb cn¥ yuan renminbi 元 人民币",
    "IDR": "rp",
    "SEK": "kronor",
    "TRY": "tl lirası",  # noqa: RUF001
    "BRL": "reais",
    "PLN": "zł złotych",
    "RUB": "руб рубль рубля рублей",  # noqa: RUF001
    "UAH": "грн гривень",
    "EUR": "euro euros евро євро ευρώ 유로 ユーロ 欧元",
    "GBP": "pound pounds sterling",
    "JPY": "yen 円",
    "KRW": "won 원",
    "$": "$ dollar dollars долл доллар доллара долларов долар долари доларів dólar dólares dolar"
    " dolarów dollari 달러 ドル",
    "¥": "¥",
    "rs": "rs rupee rupees",
    "kr": "kr kroner",
}
# English words too: a currency only behind a figure.
ONLY_BEHIND = words("won pound pounds yen sterling dollar")


def _currencies() -> dict[str, str]:
    """Return every spelling, in small letters, with its ISO code or shared sign."""
    spellings = {code.lower(): code for code in _CODES}
    for code in sorted(_CODES):
        symbol = get_currency_symbol(code, locale="en").lower()
        if not symbol.isalpha() and " " not in symbol:
            spellings[symbol] = code
        for count in (1, 2):
            spellings[get_currency_name(code, count, locale="en").lower()] = code
    for code, spelled in _SPELLINGS.items():
        spellings |= dict.fromkeys(spelled.split(), code)
    return spellings


_CURRENCIES = _currencies()
_FIRST_WORDS = {spelling.split()[0] for spelling in _CURRENCIES}
_LONGEST_NAME = 3  # South Korean won
_SHOUTED = {code.lower() for code in _CODES} - CODES_IN_WORDS

UNITS: dict[str, float] = {
    **dict.fromkeys(words("k thousand thousands tsd тыс тысяч тис тисяч tys tusen"), 1e3),
    **dict.fromkeys(words("lakh lakhs lac lacs"), 1e5),
    **dict.fromkeys(words("m mm mn mln mil mill million millions mio millionen"), 1e6),
    **dict.fromkeys(words("млн миллион миллиона миллионов мільйон мільйони мільйонів"), 1e6),
    **dict.fromkeys(words("millón millones milhão milhões milione milioni miljoen miljon"), 1e6),
    **dict.fromkeys(words("miljoner millioner milion miliony milionów milyon millió"), 1e6),
    **dict.fromkeys(words("mi juta"), 1e6),
    **dict.fromkeys(words("bi miliar"), 1e9),
    **dict.fromkeys(words("cr crore crores"), 1e7),
    **dict.fromkeys(words("b bn bln bil billion billions md mrd mds mld milliard"), 1e9),
    **dict.fromkeys(words("milliards milliarde milliarden milliarder miliardo miliardi"), 1e9),
    **dict.fromkeys(words("млрд миллиард миллиарда миллиардов мільярд мільярди мільярдів"), 1e9),
    **dict.fromkeys(
        words("miljard miljarder miliard miliardy miliardów milyar bilhão bilhões"), 1e9
    ),
    **dict.fromkeys(words("t tn trn trillion trillions трлн"), 1e12),
    **dict.fromkeys("万萬만", 1e4),
    **dict.fromkeys("亿億억", 1e8),
    **dict.fromkeys("兆조", 1e12),
}
# Units of languages that write a decimal comma.
_ENGLISH_UNITS = words(
    "k thousand thousands lakh lakhs lac lacs m mm mn mln mil mill million millions cr crore crores"
    " b bn bln bil billion billions t tn trn trillion trillions"
)
COMMA_UNITS = frozenset(filter(str.isalpha, UNITS)) - _ENGLISH_UNITS - {*"万萬만亿億억兆조"}
# A unit and a currency in one word, as in MSEK, kEUR, USDm and T€, whose T is a German thousand.
_LETTERS = {"k": "thousand", "t": "thousand", "m": "million", "mn": "million"} | {
    "b": "billion",
    "bn": "billion",
}
_GLUED = re.compile(
    rf"(?<![^\W\d_])(?:([KkTtMmBb]|[Mm][Nn]|[Bb][Nn])"
    rf"({'|'.join(CODES_IN_WORDS).upper()}|(?<=T)€|(?<=[TtMm])kr)"
    rf"|({'|'.join(CODES_IN_WORDS).upper()})([KkMmBb]|[Mm][Nn]|[Bb][Nn]))(?![^\W\d_])"
)
# Words, and the signs of currencies with the letters that belong to them (US$, $US, CN¥).
WORD = (
    r"(?:(?<![A-Za-z])(?i:usd|aud|cad|nzd|sgd|hkd|us|au|ca|nz|hk|sg|mx|nt|ec|[acsr]))?\$"
    r"(?:(?:USD?|AUD?|CAD?|NZD?|HKD?|SGD?)(?![A-Za-z]))?"
    r"|(?:(?<![A-Za-z])CN)?¥"
    r"|[万萬만亿億억兆조元円원]|美元|美金|人民币"
    r"|[A-Za-z\u00c0-\u024f]+|[^\W\d_]+"
)
_HEADER_TOKEN = re.compile(rf"{WORD}|0+|[^\w\s]")
_CAMEL = re.compile("(?<=[a-z])(?=[A-Z])")  # AmountInUSD
_ENDS_IN_UNIT = re.compile(r"(?<!series)(?<!round)(?<!class)(?<!tranche) [KkMmb]$")
_HEADER_UNITS = UNITS | {"000": 1e3}  # USD '000
_CELL_UNITS = _HEADER_UNITS | dict.fromkeys(words("unit units one ones actual absolute full"), 1.0)


def unglued(text: str) -> str:
    """Return a text with the unit in front of a currency that it is written together with."""
    return _GLUED.sub(
        lambda glued: f"{_LETTERS[(glued[1] or glued[4]).lower()]} {glued[2] or glued[3]}", text
    )


def currency_at(tokens: Sequence[str], start: int) -> tuple[str, int]:
    """Return the currency or shared sign that begins at a token, and how many tokens it takes.

    ("", 0) when there is none.
    """
    word = tokens[start].lower() if start < len(tokens) else ""
    if word not in _FIRST_WORDS:
        return "", 0
    for length in range(_LONGEST_NAME, 1, -1):
        phrase = " ".join(tokens[start : start + length]).lower()
        if phrase in _CURRENCIES:
            return _CURRENCIES[phrase], length
    if word in _SHOUTED and not tokens[start].isupper():
        return "", 0
    return (_CURRENCIES[word], 1) if word in _CURRENCIES else ("", 0)


def units_of_cell(cell: str) -> tuple[str, float | None]:
    """Return the currency or shared sign, and the multiplier, that a cell beside an amount names.

    "EUR", "US dollars", "USD million", "thousands"; ("", None) when it names neither.
    """
    tokens = _HEADER_TOKEN.findall(cell)
    spelled = [token.lower() for token in tokens]
    code = cell.upper() if cell.upper() in _CODES else ""
    signs = [currency_at(tokens, index)[0] for index in range(len(tokens))]
    units = [_CELL_UNITS[word] for word in spelled if word in _CELL_UNITS]
    return code or next(filter(None, signs), ""), next(iter(units), None)


def units_of_header(header: str) -> tuple[str | None, float | None]:
    """Return the currency and the multiplier that a header states: "Amount (USD M)" -> USD, 1e6.

    A single letter is a unit only beside a currency, alone in brackets or at the end: round_size_m.
    """
    parted = _CAMEL.sub(" ", header.replace("_", " "))
    tokens = ["", *_HEADER_TOKEN.findall(parted), ""]
    spelled = [token.lower() for token in tokens]
    signs = [
        "" if word in ONLY_BEHIND or word in _SHOUTED else currency_at(tokens, index)[0]
        for index, word in enumerate(spelled)
    ]
    multipliers = [
        _HEADER_UNITS[word]
        for index, word in enumerate(spelled)
        if word in _HEADER_UNITS
        and (
            len(word) > 1
            or signs[index - 1]
            or signs[index + 1]
            or (spelled[index - 1], spelled[index + 1]) == ("(", ")")
            or (_ENDS_IN_UNIT.search(parted) and index == len(spelled) - 2)
        )
    ]
    sign = next(filter(None, signs), "")
    currency = SHARED_SIGNS[sign][0] if sign in SHARED_SIGNS else sign
    return currency or None, next(iter(multipliers), None)
