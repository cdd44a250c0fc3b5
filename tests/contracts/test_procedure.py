"""The procedure kernel: order, rounds, separated duties, limits that stand still, votes on their lines."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.clauses import clause_register
from contracts.procedure import (
    Course,
    CourseIsOver,
    DutiesNotSeparated,
    InvalidVote,
    NoSuchStep,
    OutOfOrder,
    Vote,
    procedure,
)

DAY = date(2024, 3, 1)


def course(*steps: str) -> Course:
    """A course in which these steps were taken, each by a person of its own."""
    begun = Course.begin("identification", "plan", DAY)
    for step in steps:
        begun = begun.take(step, by=[f"who-{step}"], on=DAY)
    return begun


@pytest.mark.parametrize("name", ["identification", "elimination"])
def test_every_step_names_a_row_of_the_plan(name: str) -> None:
    known = {clause.id for clause in clause_register()}
    declared = procedure(name)
    assert {step.clause for step in declared.steps.values()} | {declared.clause, declared.limit_clause} <= known


def test_exit_mirrors_entry() -> None:
    assert procedure("elimination").orders == procedure("identification").orders
    assert procedure("elimination").apart == procedure("identification").apart


@given(st.permutations(procedure("identification").orders["plan"]))
def test_only_the_order_of_the_case_leads_to_its_end(order: list[str]) -> None:
    running = Course.begin("identification", "plan", DAY)
    for place, step in enumerate(order):
        if step == running.order[place]:
            running = running.take(step, by=[str(place)], on=DAY)
            continue
        with pytest.raises(OutOfOrder) as refused:
            running.take(step, by=[str(place)], on=DAY)
        assert refused.value.findings[0].answer == "no"
        return
    assert running.step is None


def test_a_course_keeps_the_order_it_began_with() -> None:
    first = Course.begin("identification", "comparison-first", DAY).take("survey", by=["a"], on=DAY)
    assert first.step == "comparison"
    with pytest.raises(KeyError):
        Course.begin("identification", "county-first", DAY)


@pytest.mark.parametrize(("step", "person"), [("town-check", "who-survey"), ("county-decision", "who-town-check")])
def test_survey_check_and_decision_are_three_persons(step: str, person: str) -> None:
    taken = ["survey", "review", "publicity", "comparison", "town-check"]
    running = course(*taken[: 4 if step == "town-check" else 5])
    with pytest.raises(DutiesNotSeparated):
        running.take(step, by=[person], on=DAY)
    assert running.take(step, by=["someone else"], on=DAY).entries[-1].step == step


def test_a_person_of_an_earlier_round_is_still_kept_apart() -> None:
    running = course("survey", "review", "publicity", "comparison").back_to("survey", by="x", on=DAY, reason="error")
    for step in ("survey", "review", "publicity", "comparison"):
        running = running.take(step, by=[f"second-{step}"], on=DAY)
    assert running.round == 2
    with pytest.raises(DutiesNotSeparated):
        running.take("town-check", by=["who-survey"], on=DAY)


def test_the_same_person_may_repeat_the_step_that_came_back() -> None:
    running = course("survey", "review").back_to("survey", by="x", on=DAY, reason="error")
    assert running.take("survey", by=["who-survey"], on=DAY).step == "review"


@pytest.mark.parametrize("step", ["publicity", "comparison", "nowhere"])
def test_only_an_earlier_step_can_be_returned_to(step: str) -> None:
    with pytest.raises(NoSuchStep):
        course("survey", "review").back_to(step, by="x", on=DAY, reason="error")


def test_nothing_happens_in_a_course_that_is_over() -> None:
    over = course("survey").close(on=DAY)
    assert over.step is None
    for act in (
        lambda: over.take("review", by=["x"], on=DAY),
        lambda: over.back_to("survey", by="x", on=DAY, reason="error"),
        lambda: over.close(on=DAY),
    ):
        with pytest.raises(CourseIsOver):
            act()


def test_a_limit_counts_from_the_day_after_and_stands_still() -> None:
    running = course()
    assert running.due_on(15, DAY) == date(2024, 3, 16)
    stopped = running.paused(date(2024, 3, 5))
    assert stopped.paused(date(2024, 3, 6)) == stopped
    assert stopped.due_on(15, date(2024, 3, 5)) == date(2024, 3, 16)
    assert stopped.due_on(15, date(2024, 3, 9)) == date(2024, 3, 20)
    again = stopped.resumed(date(2024, 3, 8))
    assert again.due_on(15, date(2024, 3, 30)) == date(2024, 3, 19)
    assert not again.stands_still
    assert again.paused(date(2024, 3, 10)).resumed(date(2024, 3, 11)).due_on(15, DAY) == date(2024, 3, 20)


@given(st.integers(0, 40), st.integers(0, 40))
def test_standing_still_moves_a_limit_by_its_days(start: int, length: int) -> None:
    begun = course()
    stopped = begun.paused(DAY + timedelta(days=start)).resumed(DAY + timedelta(days=start + length))
    assert stopped.due_on(15, DAY) - begun.due_on(15, DAY) == timedelta(days=length)


@pytest.mark.parametrize(("present", "quorate"), [(19, False), (20, True)])
def test_a_quorum_holds_on_its_line(present: int, quorate: bool) -> None:
    vote = Vote(entitled=30, present=present, in_favour=present, against=0, abstained=0)
    assert vote.is_quorate(Fraction(2, 3)) is quorate


@pytest.mark.parametrize(("in_favour", "carried"), [(10, False), (11, True)])
def test_half_is_no_majority(in_favour: int, carried: bool) -> None:
    vote = Vote(entitled=20, present=20, in_favour=in_favour, against=20 - in_favour, abstained=0)
    assert vote.is_carried(Fraction(1, 2)) is carried


@pytest.mark.parametrize("counts", [(10, 11, 11, 0, 0), (10, 8, 5, 2, 0), (10, 8, 9, -1, 0), (0, 0, 0, 0, -1)])
def test_voices_are_those_present(counts: tuple[int, int, int, int, int]) -> None:
    names = ("entitled", "present", "in_favour", "against", "abstained")
    with pytest.raises(InvalidVote):
        Vote(**dict(zip(names, counts, strict=True))).check()
