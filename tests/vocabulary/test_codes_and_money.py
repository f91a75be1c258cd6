from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary import codes
from vocabulary.codes import DossierCode
from vocabulary.money import vnd
from vocabulary.refusals import Invalid

AGENCIES = ["H01", "G01", "H55.242", "H01.1.22.333", "000.00.00.H01"]


@pytest.mark.parametrize("agency", AGENCIES)
def test_an_agency_code_has_the_national_form(agency: str) -> None:
    assert codes.parse_agency_code(f" {agency.lower()} ") == agency


@pytest.mark.parametrize("typed", ["", "H1", "01H", "H55.", "H55.1234", "H01.1.2.3.4", "H٠١", "H01\nX"])
def test_an_agency_code_of_another_form_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="agency-code-format"):
        codes.parse_agency_code(typed)


def test_an_agency_is_one_word_in_keys_and_account_names() -> None:
    assert codes.agency_key("H55.242") == "H55_242"
    assert codes.agency_account("H55.242") == "agency-H55_242"


@given(
    st.sampled_from(AGENCIES),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(min_value=1, max_value=10**7),
)
def test_a_dossier_code_is_read_back_as_it_was_written(agency: str, day: date, sequence: int) -> None:
    code = codes.dossier_code(agency, day, sequence)
    read = codes.parse_dossier_code(code)
    assert read == DossierCode(agency, day, sequence)
    assert str(read) == code


def test_a_dossier_code_is_agency_day_and_at_least_four_digits() -> None:
    assert codes.dossier_code("H01", date(2026, 11, 22), 1) == "H01-261122-0001"
    assert codes.dossier_code("H01", date(2026, 11, 22), 12345) == "H01-261122-12345"
    assert str(codes.parse_dossier_code(" h01-261122-0001 ")) == "H01-261122-0001"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "H01-261122-001",
        "H01-261322-0001",
        "H01-260230-0001",
        "H01-261122-0000",
        "H01-261122-00001",
        "H01-٢٦١١٢٢-0001",
    ],
)
def test_a_dossier_code_that_no_dossier_can_have_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="dossier-code-format"):
        codes.parse_dossier_code(typed)


def test_a_procedure_code_is_a_digit_a_dot_and_six_digits() -> None:
    assert codes.PROCEDURE_CODE.match("1.001193")
    assert not codes.PROCEDURE_CODE.match("1.0011930")
    assert not codes.PROCEDURE_CODE.match("1.001193\n")


def test_money_is_written_with_dots_between_thousands() -> None:
    assert [vnd(amount) for amount in (0, 8000, 135000, 1234567)] == [
        "0 đ",
        "8.000 đ",
        "135.000 đ",
        "1.234.567 đ",
    ]


def test_a_registration_code_is_twelve_digits_with_a_check_digit() -> None:
    code = codes.registration_code(48_210_937_551)
    assert code == "482109375519"
    assert codes.parse_registration_code(f"{code[:4]} {code[4:8]}-{code[8:]}") == code
    for place in range(12):
        typo = f"{code[:place]}{(int(code[place]) + 3) % 10}{code[place + 1 :]}"
        with pytest.raises(Invalid, match="registration-code-check-digit"):
            codes.parse_registration_code(typo)


@pytest.mark.parametrize("typed", ["", "4821 0937 551", "4821 0937 5512 1", "٤٨٢١٠٩٣٧٥٥١٢"])
def test_a_registration_code_of_another_form_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="registration-code-format"):
        codes.parse_registration_code(typed)
