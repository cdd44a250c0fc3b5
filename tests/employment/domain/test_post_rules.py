"""Limits of a public-welfare post on their boundaries, and an order of priority that is stable and says why."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.decision import Answer
from contracts.month import Month
from contracts.parameters import ParameterBook
from services.employment.domain.ages import has_passed, has_reached
from services.employment.domain.parameters import load_seed
from services.employment.domain.post_rules import CRITERIA, Candidate, limit_findings, ranked

BOOK = ParameterBook(load_seed())
DAY, TOWN = date(2024, 3, 12), "150623100"
ONE = Candidate(
    application_id="a",
    applied_on=DAY,
    number=1,
    birth_month=Month(1980, 5),
    sex="1",
    labour="ordinary",
    household_type="ordinary",
    monitored=False,
    household_works=True,
    cares=False,
    posts_held=0,
    household_posts=0,
    months_held=0,
    placements=0,
)


def answers(candidate: Candidate, months: int = 12, day: date = DAY) -> dict[str, Answer]:
    found = limit_findings(candidate, months, book=BOOK, day=day, division=TOWN)
    return {one.code: one.answer for one in found}


@pytest.mark.parametrize(
    ("code", "on_it", "over_it"),
    [
        ("posts-per-person", ONE, replace(ONE, posts_held=1)),
        ("posts-per-household", ONE, replace(ONE, household_posts=1)),
        ("total-months", replace(ONE, months_held=24), replace(ONE, months_held=25)),
        ("placements", replace(ONE, placements=1), replace(ONE, placements=2)),
        ("able-to-work", replace(ONE, labour="weak"), replace(ONE, labour="lost")),
        ("age", replace(ONE, birth_month=Month(1954, 3)), replace(ONE, birth_month=Month(1954, 2))),
        ("age", replace(ONE, birth_month=Month(2008, 2)), replace(ONE, birth_month=Month(2008, 3))),
    ],
)
def test_each_limit_on_its_line_and_one_over(code: str, on_it: Candidate, over_it: Candidate) -> None:
    assert set(answers(on_it).values()) == {Answer.YES}
    assert [name for name, answer in answers(over_it).items() if answer is Answer.NO] == [code]


def test_what_is_not_known_is_unknown() -> None:
    found = answers(replace(ONE, birth_month=None, labour=None))
    assert [name for name, answer in found.items() if answer is Answer.UNKNOWN] == ["age", "able-to-work"]


@pytest.mark.parametrize(("day", "reached"), [(date(2024, 3, 30), False), (date(2024, 3, 31), True)])
def test_a_birthday_counts_from_the_end_of_its_month(day: date, reached: bool) -> None:
    assert has_reached(Month(2008, 3), 16, day) is reached
    assert has_passed(Month(2008, 3), 15, day) is reached


def order(*candidates: Candidate) -> list[str]:
    found, used = ranked(candidates, book=BOOK, day=DAY, division=TOWN)
    assert used.key == "employment.posts.priority"
    return [one.candidate.application_id for one in found]


def test_an_earlier_criterion_outweighs_all_later_ones() -> None:
    monitored = replace(ONE, application_id="m", monitored=True)
    all_else = replace(
        ONE, application_id="x", household_type="relieved", household_works=False, labour="weak", sex="2", cares=True
    )
    assert order(all_else, monitored) == ["m", "x"]
    found, _ = ranked([all_else], book=BOOK, day=DAY, division=TOWN)
    assert found[0].met == ("relieved", "nobody-works", "weak-labour", "female-carer")


def test_equals_stand_in_the_order_in_which_they_applied() -> None:
    later = replace(ONE, application_id="later", applied_on=DAY + timedelta(days=1), number=1)
    second = replace(ONE, application_id="second", number=2)
    assert order(later, second, ONE) == ["a", "second", "later"]


def test_an_order_with_a_criterion_that_nothing_knows_is_refused() -> None:
    strange = [
        replace(value, value=["monitored", "tall"]) if value.key == "employment.posts.priority" else value
        for value in load_seed()
    ]
    with pytest.raises(ValueError, match="tall"):
        ranked([ONE], book=ParameterBook(strange), day=DAY, division=TOWN)


@given(
    people=st.lists(
        st.builds(
            lambda number, flags: replace(
                ONE, application_id=str(number), number=number, monitored=flags[0], household_works=flags[1],
                household_type="relieved" if flags[2] else "ordinary", labour="weak" if flags[3] else "ordinary",
            ),
            st.integers(1, 10_000),
            st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans()),
        ),
        unique_by=lambda one: one.number,
        max_size=20,
    ),
    seed=st.integers(0, 99),
)  # fmt: skip
def test_the_order_does_not_depend_on_how_they_came_in(people: list[Candidate], seed: int) -> None:
    shuffled = list(people)
    Random(seed).shuffle(shuffled)
    assert order(*people) == order(*shuffled)
    found, _ = ranked(people, book=BOOK, day=DAY, division=TOWN)
    assert [one.place for one in found] == list(range(1, len(people) + 1))
    assert all(set(one.met) <= CRITERIA.keys() for one in found)
