"""Households that the national system already monitors are taken over: state only, never an event of ours."""

from datetime import date

import pytest

from contracts.month import Month
from services.monitoring.domain import errors
from services.monitoring.domain.circumstances import Monitored, MonitoringEnd, TakenOver
from services.monitoring.domain.codes import MonitoredClass
from services.monitoring.domain.household import Household
from services.monitoring.domain.household_state import household_state
from tests.builders import REGISTERED_ON, a_household, a_monitored_household

ORIGIN = TakenOver(file="防返贫监测信息.xlsx", row=7, on=date(2023, 9, 1))


def taken_over(household: Household, monitored: Monitored) -> None:
    household.take_over_monitoring(origin=ORIGIN, monitored_class=MonitoredClass.MARGINAL, monitored=monitored)


def test_a_taken_over_household_raises_no_event_and_has_a_version() -> None:
    household = a_monitored_household(since=Month(2022, 6))
    assert household.events == []
    assert household.version == 1
    state = household_state(household)
    assert state.data is not None
    assert state.data.model_dump(mode="json")["taken_over_on"] == REGISTERED_ON.isoformat()


def test_it_is_monitored_from_its_month_of_identification() -> None:
    household = a_monitored_household(since=Month(2022, 6))
    assert not household.monitored_on(date(2022, 5, 31))
    assert household.monitored_on(date(2022, 6, 1))
    assert household.class_on(date(2022, 5, 31)) is None
    assert household.class_on(date(2022, 6, 1)) is MonitoredClass.UNSTABLE_RELIEVED


def test_in_the_month_of_elimination_it_still_counts_and_the_month_after_it_does_not() -> None:
    ended = Monitored(since=Month(2022, 6), ended=Month(2023, 5), how=MonitoringEnd.AIDED)
    household = a_monitored_household(ended=ended)
    assert household.monitored_on(date(2023, 5, 31))
    assert not household.monitored_on(date(2023, 6, 1))


def test_a_registered_household_may_turn_out_to_be_monitored() -> None:
    household = a_household()
    taken_over(household, Monitored(since=Month(2023, 3)))
    assert household.version == 2
    assert len(household.events) == 1
    assert household.monitored_on(date(2023, 8, 1))
    assert household.taken_over == ORIGIN


def test_the_same_month_of_identification_again_replaces_that_span() -> None:
    household = a_monitored_household(since=Month(2022, 6))
    taken_over(household, Monitored(since=Month(2022, 6), ended=Month(2023, 8), how=MonitoringEnd.NATURAL))
    assert [str(span.ended) for span in household.monitored] == ["2023-08"]
    assert household.class_on(date(2022, 6, 1)) is MonitoredClass.MARGINAL


def test_monitoring_that_overlaps_another_span_is_refused() -> None:
    household = a_monitored_household(since=Month(2022, 6))
    with pytest.raises(errors.MonitoringOverlaps):
        taken_over(household, Monitored(since=Month(2023, 1)))
    assert len(household.monitored) == 1


def test_a_household_may_be_identified_again_in_the_month_in_which_it_was_released() -> None:
    ended = Monitored(since=Month(2022, 6), ended=Month(2023, 3), how=MonitoringEnd.AIDED)
    household = a_monitored_household(ended=ended)
    taken_over(household, Monitored(since=Month(2023, 3)))
    assert [span.since for span in household.monitored] == [Month(2022, 6), Month(2023, 3)]


def test_an_earlier_span_that_ended_in_the_month_of_the_next_one_may_come_later_in_a_file() -> None:
    household = a_monitored_household(since=Month(2023, 3))
    taken_over(household, Monitored(since=Month(2022, 6), ended=Month(2023, 3), how=MonitoringEnd.AIDED))
    assert [span.since for span in household.monitored] == [Month(2022, 6), Month(2023, 3)]
    assert household.class_on(date(2023, 2, 28)) is MonitoredClass.MARGINAL
    assert household.class_on(date(2023, 3, 1)) is MonitoredClass.UNSTABLE_RELIEVED
    with pytest.raises(errors.MonitoringOverlaps):
        taken_over(household, Monitored(since=Month(2022, 5), ended=Month(2022, 7), how=MonitoringEnd.AIDED))


def test_a_household_without_class_has_none_until_its_month_of_identification() -> None:
    household = a_household()
    taken_over(household, Monitored(since=Month(2023, 9)))
    assert household.class_on(date(2023, 8, 31)) is None
    assert household.class_on(date(2023, 9, 1)) is MonitoredClass.MARGINAL


def test_what_was_its_class_before_stays_in_history_when_it_is_identified_again() -> None:
    released = Monitored(since=Month(2022, 6), ended=Month(2022, 12), how=MonitoringEnd.AIDED)
    household = a_monitored_household(ended=released)
    taken_over(household, Monitored(since=Month(2023, 3)))
    assert household.class_on(date(2023, 2, 28)) is MonitoredClass.UNSTABLE_RELIEVED
    assert household.class_on(date(2023, 3, 1)) is MonitoredClass.MARGINAL
