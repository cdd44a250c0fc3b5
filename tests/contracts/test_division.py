"""A division's subtree is the prefix of its code at its own length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.division import LENGTHS, Division, Level

TOWN, NEIGHBOUR = Division("150623100"), Division("150623101")
CODES = st.sampled_from(sorted(LENGTHS.values())).flatmap(
    lambda length: st.text("0123456789", min_size=length, max_size=length)
)


def test_a_town_does_not_contain_its_neighbour() -> None:
    assert not TOWN.contains(NEIGHBOUR)
    assert not NEIGHBOUR.contains(TOWN)
    assert not TOWN.contains("150623101200")


def test_a_town_contains_its_villages_and_itself() -> None:
    assert TOWN.contains("150623100200")
    assert TOWN.contains(TOWN)
    assert not Division("150623100200").contains(TOWN)


def test_a_padded_town_code_is_not_mistaken_for_its_county_or_city() -> None:
    assert Division.parse("150623100000", Level.TOWN) == TOWN
    assert Division.parse("150600000000", Level.CITY).contains(TOWN)
    assert Division.parse("150620000000", Level.COUNTY).contains(TOWN) is False


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("150623100", Level.COUNTY),
        ("150623101000", Level.COUNTY),
        ("1506", Level.COUNTY),
        ("15062310", Level.TOWN),
        ("1506230000000", Level.COUNTY),
    ],
)
def test_a_code_that_does_not_fit_its_level_is_refused(code: str, level: Level) -> None:
    with pytest.raises(ValueError, match="level"):
        Division.parse(code, level)


@pytest.mark.parametrize("code", ["", "1", "150", "15062", "1506231", "1506231002000", "15062a", "１５"])
def test_a_code_has_the_length_of_a_level_and_only_digits(code: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        Division(code)


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("15", Level.PROVINCE),
        ("1506", Level.CITY),
        ("150623", Level.COUNTY),
        ("150623100", Level.TOWN),
        ("150623100200", Level.VILLAGE),
    ],
)
def test_the_length_tells_the_level(code: str, level: Level) -> None:
    assert Division(code).level is level
    assert str(Division.parse(code)) == code


def test_a_village_lies_in_one_town_and_a_town_in_no_single_village() -> None:
    assert Division("150623100200").at(Level.TOWN) == TOWN
    assert TOWN.at(Level.TOWN) == TOWN
    with pytest.raises(ValueError, match="lower level"):
        TOWN.at(Level.VILLAGE)


@given(CODES, CODES)
def test_two_divisions_contain_each_other_only_when_equal(a: str, b: str) -> None:
    both = Division(a).contains(b) and Division(b).contains(a)
    assert both == (a == b)


@given(st.text("0123456789", min_size=12, max_size=12))
def test_every_higher_level_contains_the_village(code: str) -> None:
    village = Division(code)
    assert all(village.at(level).contains(village) for level in Level)


@given(CODES)
def test_padding_with_zeros_and_naming_the_level_gives_the_code_back(code: str) -> None:
    division = Division(code)
    assert Division.parse(code.ljust(12, "0"), division.level) == division
