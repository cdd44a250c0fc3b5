"""Resident ids: form, date and check digit decide; the region never does."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.resident_id import (
    InvalidResidentId,
    birth_date,
    normalise,
    person_key,
    region_is_known,
    sex,
)

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
VALID = "11010519491231002X"


def an_id(region: str = "150623", born: date = date(1985, 6, 1), serial: int = 123) -> str:
    """A synthetic id whose check digit is worked out here, by the standard's weights, not by the library."""
    stem = f"{region}{born:%Y%m%d}{serial:03d}"
    return stem + "10X98765432"[sum(int(d) * w for d, w in zip(stem, WEIGHTS, strict=True)) % 11]


IDS = st.builds(
    an_id,
    st.integers(100000, 999999).map(str),
    st.dates(date(1900, 1, 1), date(2030, 12, 31)),
    st.integers(0, 999),
)


def reason(text: str) -> str:
    with pytest.raises(InvalidResidentId) as caught:
        normalise(text)
    assert str(caught.value) == caught.value.reason, "the message must not hold the number"
    return caught.value.reason


@given(IDS)
def test_a_normalised_id_stays_as_it_is(number: str) -> None:
    assert normalise(number) == number


@given(IDS, st.integers(1, 10))
def test_any_other_check_digit_is_refused(number: str, step: int) -> None:
    digits = "0123456789X"
    wrong = digits[(digits.index(number[-1]) + step) % 11]
    assert reason(number[:-1] + wrong) == "id-check-digit"


@given(IDS, st.integers(0, 16), st.integers(1, 9))
def test_one_digit_typed_wrongly_never_passes(number: str, place: int, step: int) -> None:
    wrong = str((int(number[place]) + step) % 10)
    assert reason(number[:place] + wrong + number[place + 1 :]) in {"id-check-digit", "id-birth-date"}


@pytest.mark.parametrize(
    "written",
    [
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        "１１０１０５１９４９１２３１００２ｘ",
        " 110105 19491231 002X ",
        "　11010519491231002X",
        "'11010519491231002X",
        "11010519491231002X\t",
        "11010519491231002X31",
        "11010519491231002X3102",
    ],
)
def test_however_it_is_written_it_is_the_same_id(written: str) -> None:
    assert normalise(written) == VALID


def test_fifteen_digits_become_eighteen_of_the_twentieth_century() -> None:
    assert normalise("110105491231002") == VALID


def test_fifteen_digits_with_an_impossible_date_are_refused() -> None:
    assert reason("110105490231002") == "id-birth-date"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "X",
        "11010519491231002",
        "11010549123100X",
        "11010519491231002XX",
        "11010519491231002X3",
        "11010519491231002X310",
        "11010519491231002X31021",
        "1101051949123100XX",
        "११०१०५१९४९१२३१००२०",
        "110105-19491231-002X",
        "不详",
    ],
)
def test_another_form_is_refused(text: str) -> None:
    assert reason(text) == "id-form"


@pytest.mark.parametrize("born", ["19490229", "19491301", "19490431", "00000101", "19490100"])
def test_a_day_that_never_was_is_refused(born: str) -> None:
    assert reason(f"110105{born}0021") == "id-birth-date"


def test_a_leap_day_is_a_day() -> None:
    assert birth_date(normalise(an_id(born=date(2000, 2, 29)))) == date(2000, 2, 29)


@pytest.mark.parametrize("region", ["999999", "159999", "000000"])
def test_an_unknown_region_is_a_finding_and_no_refusal(region: str) -> None:
    number = normalise(an_id(region))
    assert not region_is_known(number)


@pytest.mark.parametrize("born", [date(1960, 1, 1), date(2000, 12, 31), date(2015, 1, 1)])
def test_the_county_is_known_whenever_its_people_were_born(born: date) -> None:
    assert region_is_known(normalise(an_id("150623", born)))


def test_an_odd_seventeenth_digit_is_a_man() -> None:
    assert sex(an_id(serial=121)) == "1"
    assert sex(an_id(serial=122)) == "2"


@given(IDS, IDS)
def test_two_people_have_two_keys(a: str, b: str) -> None:
    assert (person_key(a, b"one secret") == person_key(b, b"one secret")) == (a == b)


def test_a_key_depends_on_the_secret_and_does_not_hold_the_number() -> None:
    assert person_key(VALID, b"one") != person_key(VALID, b"two")
    assert VALID[:6] not in person_key(VALID, b"one")
    assert len(person_key(VALID, b"one")) == 64


def test_the_key_is_the_one_that_another_language_computes() -> None:
    # HMAC-SHA-256, checked with: printf 11010519491231002X | openssl dgst -sha256 -hmac secret
    assert person_key(VALID, b"secret") == "17e2f57990181830ad7452af8f1f9543ebaf5aad90b0aa7549db0d94d6af0fdf"
