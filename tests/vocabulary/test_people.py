import unicodedata
from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocabulary import people
from vocabulary.people import IdNumber
from vocabulary.refusals import Invalid


def refusal_of(rule: Callable[[], object]) -> str:
    with pytest.raises(Invalid) as refused:
        rule()
    assert refused.value.detail.vi != refused.value.detail.en
    return refused.value.code


def test_an_id_number_tells_province_century_sex_and_year_of_birth() -> None:
    number = IdNumber.parse("048203000039")
    assert number == IdNumber("048203000039", "048", 2000, "male", 2003)
    assert IdNumber.parse("040155000041").sex == "female"
    assert IdNumber.parse("040155000041").year_of_birth == 1955


def test_an_id_number_may_be_typed_in_groups() -> None:
    assert (
        IdNumber.parse(" 001 099 000 017").value == IdNumber.parse("001.099.000.017").value == "001099000017"
    )


@pytest.mark.parametrize(
    "typed", ["", "00109900001", "0010990000170", "00109900001x", "001699000017", "٠٠١٠٩٩٠٠٠٠١٧", "012345678"]
)
def test_an_id_number_of_another_form_is_refused(typed: str) -> None:
    assert refusal_of(lambda: IdNumber.parse(typed)) == "id-number-format"


def test_an_id_number_starts_with_one_of_the_63_province_codes() -> None:
    assert len(people.BIRTH_PROVINCES) == 63
    assert refusal_of(lambda: IdNumber.parse("003099000017")) == "id-number-province"
    assert refusal_of(lambda: IdNumber.parse("000099000017")) == "id-number-province"


def test_an_id_number_agrees_with_the_date_of_birth_and_the_sex_on_the_form() -> None:
    people.check_id_number("001099000017", date(1999, 2, 3))
    people.check_id_number("001099000017", date(1999, 2, 3), "male")
    assert refusal_of(lambda: people.check_id_number("001099000017", date(1998, 2, 3))) == "id-number-year"
    assert refusal_of(lambda: people.check_id_number("001099000017", date(2099, 2, 3))) == "id-number-year"
    wrong_sex = partial(people.check_id_number, "001099000017", date(1999, 2, 3), "female")
    assert refusal_of(wrong_sex) == "id-number-sex"


@pytest.mark.parametrize(
    "typed",
    ["0912000017", "+84912000017", "+84 912 000 017", "0912.000.017", "84912000017", "(0912) 000-017"],
)
def test_a_phone_is_kept_as_ten_national_digits_however_it_was_typed(typed: str) -> None:
    assert people.parse_phone(typed) == "0912000017"


@pytest.mark.parametrize(
    "typed",
    ["", "091200001", "09120000171", "+1 202 555 0100", "0912ABC017", "0912000017;ext=1", "++84912000017"],
)
def test_a_phone_of_another_form_is_refused(typed: str) -> None:
    assert refusal_of(lambda: people.parse_phone(typed)) == "phone-format"


def test_a_phone_has_the_prefix_of_a_mobile_operator() -> None:
    for prefix in people.MOBILE_PREFIXES:
        assert people.parse_phone(f"{prefix}1234567") == f"{prefix}1234567"
    for prefix in ("024", "031", "050", "051", "053", "054", "057", "071", "075", "080", "095"):
        assert refusal_of(partial(people.parse_phone, f"{prefix}1234567")) == "phone-prefix"


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading_of_a_phone(typed: str) -> None:
    try:
        phone = people.parse_phone(typed)
    except Invalid:
        return
    assert phone.isascii()
    assert len(phone) == 10


def test_a_masked_phone_shows_five_digits() -> None:
    assert people.mask_phone("0912000017") == "091•••••17"


def test_a_tax_code_is_ten_digits_with_a_check_digit_and_a_branch_may_follow() -> None:
    assert people.parse_tax_code("0100233488") == "0100233488"
    assert people.parse_tax_code("0314409058 002") == "0314409058-002"
    assert refusal_of(lambda: people.parse_tax_code("0100233480")) == "tax-code-check-digit"
    assert refusal_of(lambda: people.parse_tax_code("0314409058-000")) == "tax-code-format"
    assert refusal_of(lambda: people.parse_tax_code("01002")) == "tax-code-format"


def test_a_personal_id_number_is_a_tax_code_too() -> None:
    assert people.parse_tax_code("001099000017") == "001099000017"
    assert refusal_of(lambda: people.parse_tax_code("003099000017")) == "id-number-province"


def test_a_social_insurance_number_is_ten_digits() -> None:
    assert people.parse_social_insurance_number("0112 000 017") == "0112000017"
    for typed in ("011200001", "01120000170", "GD4010112000017"):
        code = refusal_of(partial(people.parse_social_insurance_number, typed))
        assert code == "social-insurance-number-format"


def test_a_name_typed_on_two_keyboards_is_the_same_name() -> None:
    decomposed = unicodedata.normalize("NFD", "  Phạm  Thị\tƯớc ")
    assert people.tidy_name(decomposed) == people.tidy_name("Phạm Thị Ước") == "Phạm Thị Ước"


def test_folded_text_is_found_with_and_without_marks() -> None:
    assert people.fold("Đăng ký  khai sinh") == people.fold("dang ky khai sinh") == "dang ky khai sinh"
    assert people.fold("ĐƯỜNG HẺM") == "duong hem"


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert people.fold(people.fold(text)) == people.fold(text)
