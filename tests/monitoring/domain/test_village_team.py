"""Resident teams of villages: terms, attendance, and the alert when nobody is first secretary (S-4.4)."""

from datetime import date

import pytest

from contracts.month import Month
from services.monitoring.domain.errors import InvalidRelation, PostIsTaken
from services.monitoring.domain.ids import PostingId
from services.monitoring.domain.village_team import (
    Attendance,
    Posting,
    days_attended,
    left,
    take_up,
    vacancy_alert,
    vacant_since,
    village_team_changed,
)
from tests.builders import NEXT_VILLAGE, VILLAGE

FIRST, TERM_END, LEFT = date(2023, 8, 1), date(2025, 8, 1), date(2024, 3, 12)


def a_posting(**given: object) -> Posting:
    fields = {
        "id": PostingId("p1"),
        "division": VILLAGE,
        "post": "first-secretary",
        "officer_sub": "officer-1",
        "name": "王小明",
        "sent_by": "旗财政局",
        "from_on": FIRST,
        "term_until_on": TERM_END,
        **given,
    }
    return Posting(**fields)  # type: ignore[arg-type]


def vacant(postings: list[Posting], day: date) -> date | None:
    return vacant_since(postings, division=VILLAGE, watched_from=date(2023, 1, 1), day=day)


def test_a_village_has_one_first_secretary_at_a_time_and_any_number_of_members() -> None:
    known = [a_posting()]
    with pytest.raises(PostIsTaken):
        take_up(known, a_posting(officer_sub="officer-2"))
    take_up(known, a_posting(officer_sub="officer-2", post="team-member"))
    take_up(known, a_posting(officer_sub="officer-2", division=NEXT_VILLAGE))


def test_a_person_has_one_place() -> None:
    with pytest.raises(PostIsTaken):
        take_up([a_posting()], a_posting(division=NEXT_VILLAGE, post="team-member"))


def test_a_successor_takes_up_on_the_day_on_which_the_predecessor_left() -> None:
    known = [a_posting(left_on=LEFT)]
    take_up(known, a_posting(officer_sub="officer-2", from_on=LEFT))
    with pytest.raises(PostIsTaken):
        take_up(known, a_posting(officer_sub="officer-2", from_on=date(2024, 3, 11)))


@pytest.mark.parametrize(
    "given",
    [{"division": "150623100"}, {"post": "mayor"}, {"term_until_on": FIRST}, {"officer_sub": ""}],
)
def test_a_posting_needs_a_village_a_known_post_a_term_and_an_officer(given: dict[str, object]) -> None:
    with pytest.raises(InvalidRelation):
        take_up([], a_posting(**given))


def test_a_posting_ends_once_and_after_it_began() -> None:
    over = left(a_posting(), LEFT)
    assert over.left_on == LEFT
    for posting, day in ((over, LEFT), (a_posting(), FIRST)):
        with pytest.raises(InvalidRelation):
            left(posting, day)


def test_a_term_that_is_over_is_served_on_until_somebody_follows() -> None:
    posting = a_posting()
    assert not posting.term_is_over(date(2025, 7, 31))
    assert posting.term_is_over(TERM_END)
    assert vacant([posting], TERM_END) is None


def test_the_place_is_vacant_from_the_day_on_which_the_first_secretary_left() -> None:
    known = [a_posting(left_on=LEFT), a_posting(post="team-member", officer_sub="officer-2")]
    assert vacant(known, date(2024, 3, 11)) is None
    assert vacant(known, LEFT) == LEFT
    follower = a_posting(officer_sub="officer-3", from_on=date(2024, 4, 1))
    assert vacant([*known, follower], date(2024, 3, 31)) == LEFT
    assert vacant([*known, follower], date(2024, 4, 1)) is None


def test_a_village_without_any_is_vacant_since_it_is_watched() -> None:
    assert vacant([a_posting(division=NEXT_VILLAGE)], FIRST) == date(2023, 1, 1)


def test_the_alert_comes_after_the_tolerated_days() -> None:
    since = date(2024, 3, 1)
    assert not vacancy_alert(since, tolerated_days=30, day=date(2024, 3, 30))
    assert vacancy_alert(since, tolerated_days=30, day=date(2024, 3, 31))
    assert not vacancy_alert(None, tolerated_days=0, day=since)


def test_attendance_counts_different_days_of_the_month() -> None:
    days = [date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 1), date(2024, 3, 31), date(2024, 4, 1)]
    attendance = [Attendance(posting_id=PostingId("p1"), on=day) for day in days]
    attendance.append(Attendance(posting_id=PostingId("p2"), on=date(2024, 3, 5)))
    assert [days_attended(attendance, PostingId("p1"), Month(2024, number)) for number in (2, 3, 5)] == [1, 2, 0]


def test_a_change_tells_place_and_village_and_not_the_person() -> None:
    raised = village_team_changed(a_posting(left_on=LEFT, name="王小明", officer_sub="officer-77"))
    written = raised.data.model_dump_json()
    assert '"ended"' in written
    assert '"2024-03-12"' in written
    assert "王小明" not in written + repr(a_posting(name="王小明"))
    assert "officer-77" not in written
    assert '"started"' in village_team_changed(a_posting()).data.model_dump_json()
