"""Who may be recorded as a member, and what stays out of logs."""

from datetime import date

import pytest

from services.monitoring.domain.member import member_errors, name_is_valid, phone_is_valid
from tests.builders import a_resident_id, member_details

DAY = date(2023, 8, 1)


@pytest.mark.parametrize("name", ["王明", "阿拉坦其其格", "斯琴·高娃", "乌云 毕力格", "阿" * 30, "买买提•艾力"])
def test_names_of_two_to_thirty_han_characters_with_interpuncts_and_spaces_are_valid(name: str) -> None:
    assert name_is_valid(name)


@pytest.mark.parametrize("name", ["", "王", "阿" * 31, "王A", "王1", "·王明", "王明 ", "王·", "王\t明", "Wang Ming"])
def test_a_single_character_thirty_one_and_anything_not_han_are_no_names(name: str) -> None:
    assert not name_is_valid(name)


def test_interpuncts_do_not_count_as_characters() -> None:
    assert name_is_valid("·".join("阿" * 30))
    assert not name_is_valid("·".join("阿" * 31))


@pytest.mark.parametrize(
    ("phone", "valid"),
    [
        ("13800138000", True),
        ("19912345678", True),
        ("12800138000", False),
        ("1380013800", False),
        ("138001380001", False),
        ("13800138000\n", False),
        ("１3800138000", False),
    ],
)
def test_a_phone_is_eleven_ascii_digits_that_begin_with_13_to_19(phone: str, valid: bool) -> None:
    assert phone_is_valid(phone) is valid


def test_valid_details_have_no_errors() -> None:
    assert member_errors(member_details(), DAY) == []


def test_a_newborn_without_id_and_phone_is_valid() -> None:
    assert member_errors(member_details(resident_id=None, phone=None, labour=None, health=None), DAY) == []


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "王", "name-form"),
        ("phone", "110", "phone-form"),
        ("relation", "9", "code-unknown"),
        ("sex", "3", "code-unknown"),
        ("ethnicity", "57", "code-unknown"),
        ("education", "01", "code-unknown"),
        ("health", "well", "code-unknown"),
        ("labour", "strong", "code-unknown"),
        ("schooling", "夜校", "code-unknown"),
        ("resident_id", "150623", "id-form"),
        ("resident_id", "150623198013010011", "id-birth-date"),
    ],
)
def test_every_wrong_field_is_named_by_its_place_and_never_by_its_value(field: str, value: str, code: str) -> None:
    (error,) = member_errors(member_details(**{field: value, "person_key": None}), DAY, "/members/2")
    assert (error.pointer, error.code) == (f"/members/2/{field}", code)
    assert value not in repr(error)


def test_an_id_with_another_check_digit_is_refused() -> None:
    number = a_resident_id(7)
    wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
    (error,) = member_errors(member_details(resident_id=wrong), DAY)
    assert error.code == "id-check-digit"


def test_an_id_that_was_not_normalised_is_refused() -> None:
    number = a_resident_id(7)
    (error,) = member_errors(member_details(resident_id=f" {number}"), DAY)
    assert error.code == "id-not-normalised"


def test_birth_and_sex_come_from_the_id_unless_recorded_otherwise() -> None:
    number = a_resident_id(born_on=date(1971, 5, 4), sex="2")
    known = member_details(resident_id=number)
    assert (known.birth_date, known.sex_code) == (date(1971, 5, 4), "2")
    recorded = member_details(resident_id=number, born_on=date(1971, 5, 5), sex="1")
    assert (recorded.birth_date, recorded.sex_code) == (date(1971, 5, 5), "1")
    assert member_details(resident_id=None).birth_date is None
    assert member_details(resident_id=None).sex_code is None


def test_personal_fields_do_not_show_in_a_representation() -> None:
    details = member_details(health="disabled", born_on=date(1971, 5, 5))
    shown = repr(details)
    for personal in (details.name, details.resident_id, details.phone, "disabled", "1971"):
        assert str(personal) not in shown
