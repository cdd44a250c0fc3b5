"""A parameter is found by key, day and division; where nothing is in force the answer is a refusal."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contracts.division import Division
from contracts.parameters import NATION, ParameterBook, ParameterMissing, ParameterValue

TOWN, VILLAGE, NEIGHBOUR = "150623100", "150623100200", "150623101"
DAY = date(2024, 3, 1)


def a_value(value: Any = "6500", **changes: Any) -> ParameterValue:
    defaults: dict[str, Any] = {
        "key": "line",
        "unit": "yuan",
        "valid_from": date(2024, 1, 1),
        "valid_to": date(2024, 12, 31),
        "division": NATION,
        "source": "a test",
        "clause": "M-1.1.25",
    }
    return ParameterValue(value=value, **(defaults | changes))


def missing(book: ParameterBook, day: date = DAY, division: str = TOWN, key: str = "line") -> ParameterMissing:
    with pytest.raises(ParameterMissing) as caught:
        book.find(key, day, division)
    return caught.value


def test_a_value_holds_from_its_first_to_its_last_day() -> None:
    book = ParameterBook([a_value()])
    assert book.find("line", date(2024, 1, 1), TOWN).value == "6500"
    assert book.find("line", date(2024, 12, 31), TOWN).value == "6500"
    assert missing(book, date(2023, 12, 31)).ended_on is None
    assert missing(book, date(2025, 1, 1)).ended_on == date(2024, 12, 31)


def test_a_value_without_an_end_goes_on() -> None:
    assert ParameterBook([a_value(valid_to=None)]).find("line", date(2099, 1, 1), TOWN)


def test_the_day_of_a_change_belongs_to_the_new_value() -> None:
    book = ParameterBook(
        [a_value("6500", valid_to=date(2024, 6, 30)), a_value("7000", valid_from=date(2024, 7, 1), valid_to=None)]
    )
    assert book.find("line", date(2024, 6, 30), TOWN).value == "6500"
    assert book.find("line", date(2024, 7, 1), TOWN).value == "7000"


def test_the_nearest_division_holds() -> None:
    book = ParameterBook([a_value("nation"), a_value("city", division="1506"), a_value("town", division=TOWN)])
    assert book.find("line", DAY, VILLAGE).value == "town"
    assert book.find("line", DAY, Division(TOWN)).value == "town"
    assert book.find("line", DAY, NEIGHBOUR).value == "city"
    assert book.find("line", DAY, "110105001").value == "nation"
    assert book.find("line", DAY, "15").value == "nation"


def test_an_expired_local_value_hides_the_one_above() -> None:
    book = ParameterBook([a_value("nation"), a_value("town", division=TOWN, valid_to=date(2024, 2, 29))])
    refusal = missing(book)
    assert refusal.ended_on == date(2024, 2, 29)
    assert (refusal.key, refusal.day, refusal.division) == ("line", DAY, TOWN)
    assert book.find("line", DAY, NEIGHBOUR).value == "nation"


def test_an_expired_local_value_that_falls_back_does_not_hide_it() -> None:
    local = a_value("town", division=TOWN, valid_to=date(2024, 2, 29), falls_back=True)
    assert ParameterBook([a_value("nation"), local]).find("line", DAY, TOWN).value == "nation"
    assert missing(ParameterBook([local])).ended_on == date(2024, 2, 29)


def test_the_last_of_several_expired_values_says_whether_to_fall_back() -> None:
    first = a_value(division=TOWN, valid_to=date(2024, 1, 31), falls_back=True)
    last = a_value(division=TOWN, valid_from=date(2024, 2, 1), valid_to=date(2024, 2, 29))
    assert missing(ParameterBook([a_value("nation"), last, first])).ended_on == date(2024, 2, 29)


def test_a_local_value_that_has_not_begun_hides_nothing() -> None:
    book = ParameterBook([a_value("nation"), a_value("town", division=TOWN, valid_from=date(2024, 3, 2))])
    assert book.find("line", DAY, TOWN).value == "nation"


def test_where_two_values_overlap_the_later_one_holds() -> None:
    book = ParameterBook([a_value("late", valid_from=date(2024, 3, 1)), a_value("early")])
    assert book.find("line", DAY, TOWN).value == "late"
    assert book.find("line", date(2024, 2, 29), TOWN).value == "early"


def test_an_unknown_key_is_missing_and_never_a_default() -> None:
    assert missing(ParameterBook([a_value()]), key="other").ended_on is None


def test_where_all_must_hold_every_level_is_listed_nearest_first() -> None:
    expired = a_value("expired", division="150623", valid_to=date(2024, 2, 29))
    book = ParameterBook([a_value("nation"), expired, a_value("town", division=TOWN), a_value(division=NEIGHBOUR)])
    assert [value.value for value in book.all_in_force("line", DAY, VILLAGE)] == ["town", "nation"]


def test_where_all_must_hold_and_none_does_the_refusal_says_since_when() -> None:
    ended = [a_value(valid_to=date(2024, 1, 31)), a_value(division=TOWN, valid_to=date(2024, 2, 29))]
    with pytest.raises(ParameterMissing) as caught:
        ParameterBook(ended).all_in_force("line", DAY, TOWN)
    assert caught.value.ended_on == date(2024, 2, 29)
    with pytest.raises(ParameterMissing) as caught:
        ParameterBook([]).all_in_force("line", DAY, TOWN)
    assert caught.value.ended_on is None


def test_a_what_if_value_stands_in_for_its_key_and_division_only() -> None:
    book = ParameterBook([a_value("nation"), a_value("town", division=TOWN), a_value("x", key="other")], version=7)
    changed = book.replaced([a_value("what if", division=TOWN)])
    assert changed.find("line", DAY, TOWN).value == "what if"
    assert changed.find("line", DAY, NEIGHBOUR).value == "nation"
    assert changed.find("other", DAY, TOWN).value == "x"
    assert book.find("line", DAY, TOWN).value == "town"
    assert changed.version == 7


@pytest.mark.parametrize(("value", "whole"), [(6, 6), ("6", 6), ("6.0", 6), (0, 0)])
def test_a_whole_number_is_read_as_one(value: Any, whole: int) -> None:
    assert a_value(value).whole == whole


@pytest.mark.parametrize("value", ["6.5", 6.5, True, None, [6], "many", "NaN", "Infinity"])
def test_anything_else_is_not_a_whole_number(value: Any) -> None:
    with pytest.raises(ValueError, match="line is not a whole number"):
        _ = a_value(value).whole


def test_a_ratio_is_exact() -> None:
    assert a_value("0.10").decimal * 3 == Decimal("0.30")
    assert a_value(0.1).decimal == Decimal("0.1")
