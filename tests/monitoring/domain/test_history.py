"""Dated attributes answer as of a day."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.domain.errors import DayBeforeHistory
from services.monitoring.domain.history import Dated, History

FIRST, CHANGE = date(2023, 8, 1), date(2024, 2, 29)


def test_a_value_holds_from_its_first_day_until_the_day_before_the_next() -> None:
    history = History.starting("a", FIRST).changed("b", CHANGE)
    assert history.on(date(2023, 7, 31)) is None
    assert history.on(FIRST) == "a"
    assert history.on(date(2024, 2, 28)) == "a"
    assert history.on(CHANGE) == "b"
    assert history.present == "b"


def test_a_change_on_the_first_day_of_a_span_corrects_it() -> None:
    assert History.starting("a", FIRST).changed("b", FIRST).spans == (Dated("b", FIRST),)


def test_the_same_value_again_is_no_change() -> None:
    history = History.starting("a", FIRST)
    assert history.changed("a", CHANGE) is history


def test_what_held_before_all_of_it_may_be_put_before_it() -> None:
    history = History.starting("a", FIRST).preceded("z", date(2023, 7, 31))
    assert history.spans == (Dated("z", date(2023, 7, 31), FIRST), Dated("a", FIRST))
    with pytest.raises(DayBeforeHistory):
        history.preceded("y", date(2023, 7, 31))


def test_a_change_before_the_newest_span_is_refused() -> None:
    history = History.starting("a", FIRST).changed("b", CHANGE)
    with pytest.raises(DayBeforeHistory):
        history.changed("c", date(2024, 2, 28))


@given(st.lists(st.tuples(st.dates(date(2023, 8, 1), date(2025, 12, 31)), st.sampled_from("abc")), max_size=12))
def test_on_every_day_exactly_the_newest_change_holds(changes: list[tuple[date, str]]) -> None:
    history, expected = History.starting("a", FIRST), {FIRST: "a"}
    for day, value in sorted(changes, key=lambda change: change[0]):
        history = history.changed(value, day)
        expected[day] = value
    for day, value in expected.items():
        assert history.on(day) == value
        assert sum(span.holds(day) for span in history.spans) == 1
    assert all(span.until_on is not None for span in history.spans[:-1])
    assert history.spans[-1].until_on is None
