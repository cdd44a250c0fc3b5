"""Liaison relations: only an assigned cadre may report a visit (M-1.1.6)."""

from datetime import date

import pytest

from contracts.dictionary import dictionary
from services.monitoring.domain.errors import CadreNotAssigned, InvalidRelation, RelationOverlaps
from services.monitoring.domain.ids import HouseholdId, LiaisonId
from services.monitoring.domain.liaison import (
    Liaison,
    Relation,
    assign,
    ended,
    liaison_assigned,
    refuse_unless_assigned,
)
from tests.builders import VILLAGE

FIRST, LAST, END = date(2023, 8, 1), date(2024, 3, 11), date(2024, 3, 12)


def a_liaison(**given: object) -> Liaison:
    fields = {
        "id": LiaisonId("l1"),
        "household_id": HouseholdId("h1"),
        "relation": Relation.LIAISON_CADRE,
        "officer_sub": "cadre-1",
        "from_on": FIRST,
        **given,
    }
    return Liaison(**fields)  # type: ignore[arg-type]


def refused(known: list[Liaison], day: date, sub: str = "cadre-1", household: str = "h1") -> bool:
    try:
        refuse_unless_assigned(known, household_id=HouseholdId(household), officer_sub=sub, day=day)
    except CadreNotAssigned:
        return True
    return False


def test_the_plan_names_four_kinds_of_relation() -> None:
    assert {relation.value for relation in Relation} == set(dictionary("liaison-relations").codes(FIRST))


def test_a_cadre_is_assigned_from_the_first_day_to_the_day_before_the_end() -> None:
    known = [a_liaison(until_on=END)]
    assert [refused(known, day) for day in (date(2023, 7, 31), FIRST, LAST, END)] == [True, False, False, True]


@pytest.mark.parametrize("relation", [Relation.SITE_LEADER, Relation.PARTY_MEMBER, Relation.VOLUNTEER])
def test_other_relations_do_not_make_a_liaison_cadre(relation: Relation) -> None:
    assert refused([a_liaison(relation=relation)], FIRST)


def test_another_cadre_and_another_household_are_not_assigned() -> None:
    assert refused([a_liaison()], FIRST, sub="cadre-2")
    assert refused([a_liaison()], FIRST, household="h2")


def test_the_same_relation_cannot_run_twice_but_may_begin_again_on_the_day_it_ended() -> None:
    known = [a_liaison(until_on=END)]
    with pytest.raises(RelationOverlaps):
        assign(known, a_liaison(from_on=LAST))
    assign(known, a_liaison(from_on=END))
    assign([a_liaison(from_on=END)], a_liaison(until_on=END))
    with pytest.raises(RelationOverlaps):
        assign([a_liaison(from_on=LAST)], a_liaison(until_on=END))
    assign(known, a_liaison(officer_sub="cadre-2"))
    assign(known, a_liaison(relation=Relation.VOLUNTEER))


@pytest.mark.parametrize("given", [{"until_on": FIRST}, {"officer_sub": ""}])
def test_a_relation_needs_an_officer_and_a_span_of_at_least_a_day(given: dict[str, object]) -> None:
    with pytest.raises(InvalidRelation):
        assign([], a_liaison(**given))


def test_a_relation_ends_once_and_after_it_began() -> None:
    over = ended(a_liaison(), END)
    assert over.until_on == END
    for liaison, day in ((over, END), (a_liaison(), FIRST)):
        with pytest.raises(InvalidRelation):
            ended(liaison, day)


def test_the_officer_is_not_told() -> None:
    raised = liaison_assigned(a_liaison(officer_sub="cadre-77"), VILLAGE)
    assert raised.key == "household/h1"
    assert "cadre-77" not in raised.data.model_dump_json()
