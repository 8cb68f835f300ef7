"""Finding the header row and mapping its cells to the kind's columns."""

from collections.abc import Mapping, Sequence

import pytest
from sheets import KINDS

from orchestration.reading import ReadError, Sheet
from orchestration.reading.header import (
    accepted_headers,
    find_header,
    match_columns,
    wanted_headers,
)
from orchestration.reading.sheet import clean, from_rows
from orchestration.sources.formats import Settings, Unpivot

ROUNDS = KINDS["funding_rounds"]


def sheet_of(*rows: Sequence[str | None]) -> Sheet:
    return clean(from_rows("S", rows, range(1, len(rows) + 1)), ())


def mapped(
    headers: Sequence[str | None],
    kind: str = "funding_rounds",
    columns: Mapping[str, tuple[str, ...]] | None = None,
) -> dict[str, str | None]:
    accepted = accepted_headers(KINDS[kind].columns, Settings(columns=columns or {}))
    found = match_columns(headers, accepted)
    return {name: headers[position] for name, position in found.items()}


@pytest.mark.parametrize(
    "headers",
    [
        "Unternehmen;Datum;Betrag;Runde;Investoren",
        "Firmenname;Angekündigt am;Finanzierungssumme;Finanzierungsrunde;Geldgeber",
        "Entreprise;Date de l'annonce;Montant levé;Série;Investisseurs",
        "Nom de l'entreprise;Date de levée;Levée de fonds;Tour;Investisseur",
        "Empresa;Fecha;Importe;Ronda;Inversores",
        "Nombre;Fecha del anuncio;Monto recaudado;Serie;Inversionistas",
        "Azienda;Data dell'annuncio;Importo;Round;Investitori",
        "Empresa;Data do anúncio;Valor captado;Rodada;Investidores",
        "Bedrijf;Datum;Bedrag;Ronde;Investeerders",
        "Firma;Data;Kwota;Runda;Inwestorzy",
        "Företag;Datum;Belopp;Runda;Investerare",
        "Şirket;Tarih;Tutar;Tur;Yatırımcılar",  # noqa: RUF001
        "Компания;Дата;Сумма;Раунд;Инвесторы",
        "公司名称;融资时间;融资金额;轮次;投资方",
        "企業名;発表日;調達額;ラウンド;投資家",
        "기업명;날짜;투자금액;라운드;투자자",
    ],
)
def test_headers_of_other_languages(headers: str) -> None:
    columns = ["company", "announced", "amount", "round_label", "other_investors"]
    assert mapped(headers.split(";")) == dict(zip(columns, headers.split(";"), strict=True))


@pytest.mark.parametrize(
    "headers",
    [
        "Modell;Entwickler;Parameteranzahl;Lizenz;Veröffentlicht",
        "Modèle;Développeur;Nombre de paramètres;licence;Date de sortie",
        "模型名称;研发机构;参数量;开源协议;发布时间",
        "display_name;modelCreatorName;parameters_bn;license_type;releaseYear",
    ],
)
def test_headers_of_models_in_other_languages_and_spellings(headers: str) -> None:
    columns = ["model", "organisation", "parameters", "licence", "released"]
    found = mapped(headers.split(";"), "open_models")
    assert found == dict(zip(columns, headers.split(";"), strict=True))


def test_a_column_without_a_header_is_named_by_its_number() -> None:
    said = {"company": ("column 1",)}
    found = mapped([None, "Date", "Amount"], columns=said)
    assert found == {"company": None, "announced": "Date", "amount": "Amount"}
    assert "company" not in mapped([None, "Date", "Amount"])


def test_one_of_two_columns_of_one_name_is_named_with_its_number() -> None:
    said = Settings(columns={"company": ("Note (column 4)",)})
    accepted = accepted_headers(ROUNDS.columns, said)
    found = match_columns(["Note", "Date", "Amount", "Note"], accepted)
    assert found == {"company": 3, "announced": 1, "amount": 2, "note": 0}


def test_a_header_of_signs_alone_can_be_named() -> None:
    said = {"company": ("??",), "amount": ("$",)}
    found = mapped(["!", "??", "Date", "$"], columns=said)
    assert found == {"company": "??", "announced": "Date", "amount": "$"}
    assert "company" not in mapped(["??", "Date", "$"])


def test_the_header_is_found_below_a_title_and_blank_rows() -> None:
    sheet = sheet_of(
        ["Amounts raised by company", None, None],
        [None, None, None],
        ["as of", "2023-06-30", None],
        ["Company", "Date", "Amount (USD M)"],
        ["X", "2023-01-01", "5"],
    )
    header = find_header(sheet, wanted_headers(ROUNDS, Settings()))
    assert header.texts == ("Company", "Date", "Amount (USD M)")
    assert sheet.row_numbers[header.position].as_py() == 4


def test_a_row_with_more_of_the_columns_wins_over_an_earlier_one() -> None:
    sheet = sheet_of(
        ["company", "date", "amount", None],
        ["Company", "Date", "Amount", "Lead investor"],
    )
    assert find_header(sheet, wanted_headers(ROUNDS, Settings())).position == 1


def test_the_header_row_that_source_yml_names_is_taken() -> None:
    rows = [["company", "date", "amount"]] * 80
    header = find_header(sheet_of(*rows), wanted_headers(ROUNDS, Settings(header_row=70)))
    assert header.position == 69
    with pytest.raises(ReadError, match="row 90 is empty"):
        find_header(sheet_of(*rows), wanted_headers(ROUNDS, Settings(header_row=90)))


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("company", "company"),
        ("COMPANY_NAME", "company"),
        (" Portfolio   Company:", "company"),
        ("Amount (USD M)", "amount"),
        ("Amount raised [€]", "amount"),
        ("Post-money valuation", "valuation"),
        ("Lead investor(s)", "lead_investors"),
        ("Nothing of the kind", None),
    ],
)
def test_headers_are_compared_without_case_punctuation_and_units(
    header: str, column: str | None
) -> None:
    assert mapped([header]) == ({column: header} if column else {})


def test_brackets_count_when_a_synonym_has_them() -> None:
    assert mapped(["Name", "Params (B)"], kind="open_models")["parameters"] == "Params (B)"


def test_a_canonical_name_wins_over_a_synonym_and_the_first_synonym_over_the_next() -> None:
    assert mapped(["Startup", "company"])["company"] == "company"
    assert mapped(["Startup", "Company name"])["company"] == "Company name"


def test_the_header_without_a_bracket_wins_over_one_with() -> None:
    assert mapped(["Amount (EUR)", "Amount"])["amount"] == "Amount"


def test_source_yml_wins_over_every_other_rule() -> None:
    columns = {"amount": ("Amount (EUR)",), "announced": ("Closing",)}
    headers = ["Amount", "Amount (EUR)", "Date", "Closing"]
    assert mapped(headers, columns=columns) == {"amount": "Amount (EUR)", "announced": "Closing"}


def test_a_header_serves_one_column_only() -> None:
    found = mapped(["Source", "URL"], kind="companies")
    assert found == {"source_url": "Source", "domain": "URL"}


def test_a_missing_required_column_is_named_with_the_nearest_headers() -> None:
    sheet = sheet_of(["Company", "Date", "Amnt", "City"], ["X", "2023", "$5M", "Paris"])
    with pytest.raises(ReadError) as caught:
        find_header(sheet, wanted_headers(ROUNDS, Settings()))
    assert str(caught.value) == (
        "no header for `amount`, which funding_rounds needs, in row 1; the nearest there are "
        "'Amnt': say which is meant under `columns:` in source.yml, such as `amount: Amnt`"
    )


def test_a_sheet_without_any_header_says_what_the_kind_needs() -> None:
    with pytest.raises(ReadError, match="needs one for `company` and `announced` and `amount`"):
        find_header(sheet_of(["Read me"]), wanted_headers(ROUNDS, Settings()))
    with pytest.raises(ReadError, match="nothing in it"):
        find_header(sheet_of(), wanted_headers(ROUNDS, Settings()))


def test_columns_that_no_header_stands_for_are_not_missed() -> None:
    sheet = sheet_of(["Company", "Founded"], ["X", "2020"])
    assert (
        find_header(
            sheet, wanted_headers(KINDS["companies"], Settings(sheet_name_is="layer"))
        ).position
        == 0
    )
    unpivot = Unpivot(("Date",), "currency", "units_per_eur")
    rates = sheet_of(["Date", "USD"], ["2023-01-02", "1.07"])
    assert (
        find_header(
            rates, wanted_headers(KINDS["exchange_rates"], Settings(unpivot=unpivot))
        ).position
        == 0
    )


def test_a_mark_or_a_gap_below_a_header_is_a_record() -> None:
    for cells in ((None, ":"), (None, "EUR"), ("-", ":")):
        sheet = sheet_of(["company", "announced", "amount", None], [None, None, *cells])
        assert find_header(sheet, wanted_headers(ROUNDS, Settings())).position == 0


def test_a_header_of_several_steps_is_its_last_that_says_something() -> None:
    headers = ["about.name", "data.properties.announced_on", "amount.value", "author.url"]
    assert mapped(headers) == {
        "company": "about.name",
        "announced": "data.properties.announced_on",
        "amount": "amount.value",
    }
    assert mapped(["info.name", "Name"])["company"] == "Name"
    assert mapped(["author.name", "Model"], kind="open_models")["organisation"] == "author.name"
