"""Matches are possible, stable, and the same whatever the order of the lists."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.month import Month
from services.employment.domain.matching import JobSeeker, Opening, fit_of, matches

DAY = date(2024, 3, 31)
SEEKER = JobSeeker(
    person_id="p",
    registered_on=date(2024, 1, 1),
    birth_month=Month(1990, 1),
    skills=frozenset({"welding"}),
    places=("150623", "1506"),
    least_pay=Decimal(3000),
    kinds=frozenset({"building"}),
)
OPENING = Opening(
    opening_id="o",
    opened_on=date(2024, 2, 1),
    division="150623100200",
    kind="building",
    pay=Decimal(3000),
    needs=frozenset({"welding"}),
)


def test_a_fit_says_why() -> None:
    fit = fit_of(SEEKER, OPENING, DAY)
    assert fit is not None
    assert fit.reasons == ("age", "kind", "pay", "place-1", "skill")


@pytest.mark.parametrize(
    ("seeker", "opening"),
    [
        (replace(SEEKER, skills=frozenset()), OPENING),
        (replace(SEEKER, least_pay=Decimal("3000.01")), OPENING),
        (replace(SEEKER, kinds=frozenset({"cooking"})), OPENING),
        (SEEKER, replace(OPENING, division="11")),
        (replace(SEEKER, birth_month=None), OPENING),
        (replace(SEEKER, birth_month=Month(2008, 4)), OPENING),
        (replace(SEEKER, birth_month=Month(1964, 3)), OPENING),
    ],
)
def test_one_thing_against_it_is_enough(seeker: JobSeeker, opening: Opening) -> None:
    assert fit_of(seeker, opening, DAY) is None


@pytest.mark.parametrize("born", [Month(2008, 3), Month(1964, 4)])
def test_on_the_limits_of_age_it_fits(born: Month) -> None:
    assert fit_of(replace(SEEKER, birth_month=born), OPENING, DAY) is not None


def test_the_earlier_registration_has_the_only_place_and_the_other_the_next_best() -> None:
    later = replace(SEEKER, person_id="a-later", registered_on=date(2024, 1, 2))
    second = replace(OPENING, opening_id="second", division="150602")
    found = matches([later, SEEKER], [second, OPENING], DAY)
    assert [(one.person_id, one.opening_id) for one in found] == [("a-later", "second"), ("p", "o")]


def test_an_opening_is_filled_as_often_as_it_is_offered() -> None:
    three = [replace(SEEKER, person_id=name) for name in "abc"]
    assert [one.person_id for one in matches(three, [replace(OPENING, places=2)], DAY)] == ["a", "b"]


SKILLS, KINDS, PLACES = ("welding", "driving"), ("building", "cooking"), ("150623", "150602", "15")
seekers = st.lists(
    st.builds(
        JobSeeker,
        person_id=st.uuids().map(str),
        registered_on=st.dates(date(2024, 1, 1), date(2024, 1, 5)),
        birth_month=st.sampled_from([Month(1990, 1), Month(1963, 1), None]),
        skills=st.frozensets(st.sampled_from(SKILLS)),
        places=st.lists(st.sampled_from(PLACES), unique=True, max_size=2).map(tuple),
        least_pay=st.sampled_from([None, Decimal(3000), Decimal(5000)]),
        kinds=st.frozensets(st.sampled_from(KINDS)),
    ),
    max_size=6,
)
openings = st.lists(
    st.builds(
        Opening,
        opening_id=st.uuids().map(str),
        opened_on=st.dates(date(2024, 2, 1), date(2024, 2, 3)),
        division=st.sampled_from(["150623100200", "150602", "110000"]),
        kind=st.sampled_from(KINDS),
        pay=st.sampled_from([Decimal(3000), Decimal(5000)]),
        needs=st.frozensets(st.sampled_from(SKILLS), max_size=1),
        places=st.integers(1, 2),
    ),
    max_size=4,
)


@given(people=seekers, offered=openings, seed=st.integers(0, 9))
def test_matches_are_stable_and_do_not_depend_on_the_order(
    people: list[JobSeeker], offered: list[Opening], seed: int
) -> None:
    found = matches(people, offered, DAY)
    shuffled, turned = list(people), list(reversed(offered))
    Random(seed).shuffle(shuffled)
    assert matches(shuffled, turned, DAY) == found
    matched = {one.person_id: one for one in found}
    assert len(matched) == len(found)
    by_id = {one.person_id: one for one in people}
    for opening in offered:
        here = [by_id[one.person_id] for one in found if one.opening_id == opening.opening_id]
        assert len(here) <= opening.places
        for seeker in people:
            fit = fit_of(seeker, opening, DAY)
            if fit is None:
                assert seeker not in here
                continue
            mine = matched.get(seeker.person_id)
            would_rather = mine is None or fit.score > mine.fit.score
            worse = [one for one in here if (found_fit := fit_of(one, opening, DAY)) and found_fit.score < fit.score]
            assert not (would_rather and (worse or len(here) < opening.places)), "both would rather have each other"
