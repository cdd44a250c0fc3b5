"""The life of one household: registered, corrected, joined, left, moved, ended; and what it tells."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from contracts.decision import Answer
from contracts.events import monitoring as events
from contracts.month import Month
from services.monitoring.domain import errors
from services.monitoring.domain.circumstances import Guarantee, Guarantees, MonitoringEnd, Risk
from services.monitoring.domain.codes import HEAD, HouseholdType
from services.monitoring.domain.household import Household
from services.monitoring.domain.household_state import household_state
from services.monitoring.domain.ids import MemberId
from services.monitoring.domain.member import Succession
from tests.builders import (
    NEXT_VILLAGE,
    REGISTERED_ON,
    VILLAGE,
    a_household,
    a_member,
    a_monitored_household,
    a_resident_id,
    member_details,
    some_members,
)

DAY = date(2024, 3, 12)


def told(household: Household) -> list[str]:
    return [raised.data.name for raised in household.events]


def fields_in_error(caught: pytest.ExceptionInfo[errors.InvalidHousehold]) -> list[tuple[str, str | None]]:
    return [(error.code, error.pointer) for error in caught.value.errors]


def test_a_household_is_registered_with_its_members_and_tells_so_once() -> None:
    household = a_household(members=4)
    assert (household.version, len(household.members_on(REGISTERED_ON))) == (1, 4)
    (raised,) = household.events
    assert raised.key == f"household/{household.id}"
    assert (raised.subject, raised.division, raised.state_version) == (household.id, VILLAGE, 1)
    assert raised.data == events.HouseholdRegistered(
        household_id=household.id, division=VILLAGE, registered_on=REGISTERED_ON
    )


def test_everything_wrong_is_named_at_once_with_its_place() -> None:
    members = [a_member(relation=HEAD, name="王"), a_member(phone="110")]
    with pytest.raises(errors.InvalidHousehold) as caught:
        a_household(members=members, division="150623100", risks=[Risk("sloth")])
    assert fields_in_error(caught) == [
        ("division-form", "/division"),
        ("code-unknown", "/risks/0"),
        ("name-form", "/members/0/name"),
        ("phone-form", "/members/1/phone"),
    ]


@pytest.mark.parametrize("relations", [[], ["1"], [HEAD, HEAD]])
def test_a_household_needs_exactly_one_head(relations: list[str]) -> None:
    with pytest.raises(errors.HeadMissing):
        a_household(members=[a_member(relation=relation) for relation in relations])


def test_one_person_cannot_be_two_members() -> None:
    number = a_resident_id()
    with pytest.raises(errors.PersonAlreadyMember):
        a_household(members=[a_member(relation=HEAD, resident_id=number), a_member(resident_id=number)])


def test_two_newborns_without_id_are_two_members() -> None:
    members = [a_member(relation=HEAD), a_member(resident_id=None), a_member(resident_id=None)]
    assert len(a_household(members=members).members) == 3


def test_a_membership_id_is_never_used_again() -> None:
    household = a_household(members=3)
    gone = household.members[2]
    household.leave(member_id=gone.id, on=DAY, reason="marriage")
    with pytest.raises(errors.PersonAlreadyMember):
        household.join(member=replace(a_member(), id=gone.id), on=DAY, reason="returned")


# Risks


def test_five_risks_are_recorded_in_order_and_six_are_too_many() -> None:
    five = [Risk(code) for code in ("illness", "schooling", "housing", "water", "disaster")]
    assert a_household(risks=five).risks == tuple(five)
    with pytest.raises(errors.InvalidHousehold) as caught:
        a_household(risks=[*five, Risk("accident")])
    assert fields_in_error(caught) == [("too-many-risks", "/risks")]


@pytest.mark.parametrize(
    ("risks", "code", "pointer"),
    [
        ([Risk("illness"), Risk("illness")], "risk-twice", "/risks/1"),
        ([Risk("other")], "remark-missing", "/risks/0"),
        ([Risk("other", "  ")], "remark-missing", "/risks/0"),
        ([Risk("illness"), Risk("因病")], "code-unknown", "/risks/1"),
    ],
)
def test_a_risk_twice_unknown_or_other_without_remark_is_refused(risks: list[Risk], code: str, pointer: str) -> None:
    with pytest.raises(errors.InvalidHousehold) as caught:
        a_household(risks=risks)
    assert fields_in_error(caught) == [(code, pointer)]


# Corrections


def test_a_correction_tells_which_aspects_changed_and_not_how() -> None:
    household = a_household()
    secured = Guarantees(housing=Guarantee(Answer.NO, DAY))
    details = replace(household.details, guarantees=secured, risks=(Risk("housing"),))
    household.correct(details=details, on=DAY, reason="home-visit")
    assert household.details == details
    assert household.events[-1].data == events.HouseholdCorrected(
        household_id=household.id,
        division=VILLAGE,
        corrected_on=DAY,
        aspects=("risks", "guarantees"),
        reason="home-visit",
    )


def test_a_correction_that_changes_nothing_is_no_change_and_no_event() -> None:
    household = a_household()
    household.correct(details=household.details, on=DAY, reason="home-visit")
    member = household.members[1]
    household.correct_member(member_id=member.id, details=member.details, on=DAY, reason="home-visit")
    assert (household.version, told(household)) == (1, ["household-registered"])


def test_another_type_holds_from_its_day_and_the_former_one_until_the_day_before() -> None:
    household = a_household(household_type=HouseholdType.ORDINARY)
    details = replace(household.details, household_type=HouseholdType.RELIEVED, resettlement_site="昂素安置区")
    household.correct(details=details, on=DAY, reason="clerical-error")
    assert household.type_on(date(2024, 3, 11)) is HouseholdType.ORDINARY
    assert household.type_on(DAY) is HouseholdType.RELIEVED
    assert household.sites.on(date(2024, 3, 11)) is None
    assert household.sites.on(DAY) == "昂素安置区"


def test_before_it_was_registered_type_and_village_are_taken_as_first_recorded() -> None:
    household = a_household(household_type=HouseholdType.RELIEVED)
    household.move(to_division=NEXT_VILLAGE, on=DAY, reason="resettlement")
    assert household.type_on(date(2023, 1, 1)) is HouseholdType.RELIEVED
    assert household.division_on(date(2023, 1, 1)) == VILLAGE


def test_a_member_is_corrected_by_the_whole_details() -> None:
    household = a_household(members=2)
    member = household.members[1]
    details = replace(member.details, labour="lost", phone=None)
    household.correct_member(member_id=member.id, details=details, on=DAY, reason="home-visit")
    assert household.member(member.id).details == details
    corrected = household.events[-1].data
    assert isinstance(corrected, events.HouseholdCorrected)
    assert corrected.aspects == ("member",)


def test_a_correction_cannot_take_the_head_away_or_bring_invalid_fields() -> None:
    household = a_household(members=2)
    head = household.members[0]
    before = household.members
    with pytest.raises(errors.HeadMissing):
        household.correct_member(
            member_id=head.id, details=replace(head.details, relation="1"), on=DAY, reason="home-visit"
        )
    with pytest.raises(errors.InvalidHousehold):
        household.correct_member(
            member_id=head.id, details=replace(head.details, name="x"), on=DAY, reason="home-visit"
        )
    assert (household.members, household.version) == (before, 1)


def test_an_invalid_correction_of_the_household_changes_nothing() -> None:
    household = a_household()
    before = household.details
    with pytest.raises(errors.InvalidHousehold):
        household.correct(details=replace(before, national_no=" "), on=DAY, reason="home-visit")
    assert (household.details, household.version) == (before, 1)


def test_a_site_has_a_name_of_at_most_sixty_characters() -> None:
    household = a_household()
    household.correct(details=replace(household.details, resettlement_site="区" * 60), on=DAY, reason="home-visit")
    with pytest.raises(errors.InvalidHousehold) as caught:
        household.correct(details=replace(household.details, resettlement_site="区" * 61), on=DAY, reason="home-visit")
    assert fields_in_error(caught) == [("text-form", "/resettlement_site")]


def test_a_reason_is_a_code_of_its_dictionary_so_that_no_event_carries_free_text() -> None:
    household = a_household()
    details = replace(household.details, national_no="1506230001")
    with pytest.raises(errors.InvalidReason):
        household.correct(details=details, on=DAY, reason="王小明说的")
    with pytest.raises(errors.InvalidReason):
        household.move(to_division=NEXT_VILLAGE, on=DAY, reason="birth")
    assert (household.version, household.division, household.national_no) == (1, VILLAGE, None)


def test_another_head_needs_the_former_heads_new_relation() -> None:
    household = a_household(members=3)
    head, spouse, _ = household.members
    with pytest.raises(errors.HeadMissing):
        household.change_head(succession=Succession(head=spouse.id, relations={}), on=DAY, reason="own-statement")
    with pytest.raises(errors.InvalidHousehold):
        household.change_head(
            succession=Succession(head=spouse.id, relations={head.id: "99"}), on=DAY, reason="own-statement"
        )
    household.change_head(
        succession=Succession(head=spouse.id, relations={head.id: "1"}), on=DAY, reason="own-statement"
    )
    assert [member.details.relation for member in household.members] == ["1", HEAD, "2"]


# Members come and go


def test_a_member_who_joins_is_counted_from_that_day() -> None:
    household = a_household(members=2)
    child = a_member(relation="2", resident_id=None)
    household.join(member=child, on=DAY, reason="birth")
    assert len(household.members_on(date(2024, 3, 11))) == 2
    assert len(household.members_on(DAY)) == 3
    assert household.events[-1].data == events.MemberJoined(
        household_id=household.id, division=VILLAGE, member_id=child.id, joined_on=DAY, reason="birth"
    )


def test_who_joins_must_be_valid_new_and_not_a_second_head() -> None:
    household = a_household(members=2)
    known = household.members[1].details.resident_id
    with pytest.raises(errors.PersonAlreadyMember):
        household.join(member=a_member(resident_id=known), on=DAY, reason="marriage")
    with pytest.raises(errors.HeadMissing):
        household.join(member=a_member(relation=HEAD), on=DAY, reason="marriage")
    with pytest.raises(errors.InvalidHousehold):
        household.join(member=a_member(name="x"), on=DAY, reason="marriage")
    assert household.version == 1


def test_a_member_who_leaves_is_no_longer_counted_on_that_day() -> None:
    household = a_household(members=3)
    gone = household.members[2]
    household.leave(member_id=gone.id, on=DAY, reason="marriage")
    assert gone.id in {member.id for member in household.members_on(date(2024, 3, 11))}
    assert gone.id not in {member.id for member in household.members_on(DAY)}
    assert household.events[-1].data == events.MemberLeft(
        household_id=household.id, division=VILLAGE, member_id=gone.id, left_on=DAY, reason="marriage"
    )


def test_who_has_left_cannot_leave_again_and_may_come_back_as_a_new_membership() -> None:
    household = a_household(members=3)
    gone = household.members[2]
    household.leave(member_id=gone.id, on=DAY, reason="moved-out")
    with pytest.raises(errors.MemberUnknown):
        household.leave(member_id=gone.id, on=DAY, reason="moved-out")
    back = replace(a_member(), details=gone.details)
    household.join(member=back, on=date(2024, 5, 1), reason="returned")
    assert len(household.present_members) == 3


def test_nobody_leaves_before_joining_and_nothing_happens_before_registration() -> None:
    household = a_household(members=2)
    child = a_member(relation="2", resident_id=None)
    household.join(member=child, on=DAY, reason="birth")
    with pytest.raises(errors.DayBeforeHistory):
        household.leave(member_id=child.id, on=date(2024, 3, 11), reason="moved-out")
    with pytest.raises(errors.DayBeforeHistory):
        household.join(member=a_member(), on=date(2023, 7, 31), reason="moved-in")


def test_a_stranger_cannot_leave() -> None:
    with pytest.raises(errors.MemberUnknown):
        a_household().leave(member_id=MemberId("nobody"), on=DAY, reason="moved-out")


def test_the_last_member_does_not_leave_but_ends_the_household() -> None:
    household = a_household(members=1)
    with pytest.raises(errors.LastMemberLeaves):
        household.leave(member_id=household.members[0].id, on=DAY, reason="moved-out")
    assert household.ended is None


def test_when_the_head_leaves_somebody_follows() -> None:
    household = a_household(members=3)
    head, spouse, son = household.members
    with pytest.raises(errors.HeadMissing):
        household.leave(member_id=head.id, on=DAY, reason="divorce")
    household.leave(
        member_id=head.id,
        on=DAY,
        reason="divorce",
        succession=Succession(head=spouse.id, relations={son.id: "2"}),
    )
    assert [member.details.relation for member in household.present_members] == [HEAD, "2"]


def test_who_follows_must_be_there() -> None:
    household = a_household(members=3)
    head, spouse, son = household.members
    household.leave(member_id=son.id, on=DAY, reason="moved-out")
    with pytest.raises(errors.HeadMissing):
        household.die(member_id=head.id, on=DAY, succession=Succession(head=son.id, relations={}))
    with pytest.raises(errors.MemberUnknown):
        household.die(member_id=head.id, on=DAY, succession=Succession(head=MemberId("x"), relations={}))
    assert household.member(spouse.id).present


def test_a_death_is_told_and_the_household_goes_on() -> None:
    household = a_household(members=2)
    spouse = household.members[1]
    household.die(member_id=spouse.id, on=DAY)
    assert household.member(spouse.id).left_reason == "died"
    assert told(household)[-1] == "member-died"
    assert household.ended is None


def test_with_the_last_death_the_household_ends_in_one_change() -> None:
    household = a_monitored_household(members=1)
    household.die(member_id=household.members[0].id, on=DAY)
    assert told(household) == ["member-died", "household-ended"]
    assert {raised.state_version for raised in household.events} == {household.version} == {2}
    assert household.ended is not None
    assert household.ended.reason == "died-out"
    assert household.members[0].left_reason == "died"
    (span,) = household.monitored
    assert (span.ended, span.how) == (Month(2024, 3), MonitoringEnd.LEFT)


# Moving and ending


def test_a_move_tells_both_villages_and_history_knows_where_it_lived() -> None:
    household = a_household()
    household.move(to_division=NEXT_VILLAGE, on=DAY, reason="resettlement")
    assert household.division_on(date(2024, 3, 11)) == VILLAGE
    assert household.division_on(DAY) == NEXT_VILLAGE
    raised = household.events[-1]
    assert raised.division == NEXT_VILLAGE
    assert raised.data == events.HouseholdMoved(
        household_id=household.id,
        division=NEXT_VILLAGE,
        from_division=VILLAGE,
        moved_on=DAY,
        reason="resettlement",
    )


@pytest.mark.parametrize(
    ("division", "error"),
    [(VILLAGE, errors.AlreadyThere), ("150623101", errors.InvalidHousehold), ("nowhere", errors.InvalidHousehold)],
)
def test_a_move_leads_to_another_village(division: str, error: type[Exception]) -> None:
    household = a_household()
    with pytest.raises(error):
        household.move(to_division=division, on=DAY, reason="resettlement")
    assert household.version == 1


def test_when_a_household_leaves_the_county_everybody_leaves_and_monitoring_ends_by_its_own_act() -> None:
    household = a_monitored_household(members=3)
    household.end(on=DAY, reason="left-county")
    assert household.present_members == ()
    assert len(household.members_on(date(2024, 3, 11))) == 3
    assert told(household) == ["household-ended"]
    assert household.monitored_on(date(2024, 3, 31))
    assert not household.monitored_on(date(2024, 4, 1))


def test_a_household_does_not_end_by_split_or_merger_without_successor_or_before_its_members_came() -> None:
    household = a_household(members=2)
    for reason in ("merged", "split", "tired"):
        with pytest.raises(errors.InvalidReason):
            household.end(on=DAY, reason=reason)
    household.join(member=a_member(), on=DAY, reason="moved-in")
    with pytest.raises(errors.DayBeforeHistory):
        household.end(on=date(2024, 3, 11), reason="left-county")
    assert household.ended is None
    assert len(household.present_members) == 3


def test_nothing_more_happens_to_an_ended_household() -> None:
    household = a_household(members=2)
    head = household.members[0]
    household.end(on=DAY, reason="left-county")
    version = household.version
    details = replace(household.details, national_no="1")
    commands: list[Callable[[], None]] = [
        lambda: household.end(on=DAY, reason="left-county"),
        lambda: household.move(to_division=NEXT_VILLAGE, on=DAY, reason="resettlement"),
        lambda: household.join(member=a_member(), on=DAY, reason="birth"),
        lambda: household.leave(member_id=head.id, on=DAY, reason="moved-out"),
        lambda: household.die(member_id=head.id, on=DAY),
        lambda: household.correct(details=details, on=DAY, reason="home-visit"),
    ]
    for command in commands:
        with pytest.raises(errors.HouseholdHasEnded):
            command()
    assert household.version == version


# The state for others


def test_the_state_carries_the_version_and_the_whole_history() -> None:
    household = a_household(members=2)
    household.leave(member_id=household.members[1].id, on=DAY, reason="marriage")
    household.move(to_division=NEXT_VILLAGE, on=DAY, reason="resettlement")
    state = household_state(household)
    assert (state.key, state.version, state.division) == (f"household/{household.id}", 3, NEXT_VILLAGE)
    assert state.data is not None
    body = state.data.model_dump(mode="json")
    assert [span["value"] for span in body["divisions"]] == [VILLAGE, NEXT_VILLAGE]
    assert body["divisions"][0]["until_on"] == "2024-03-12"
    assert [member["left_on"] for member in body["members"]] == [None, "2024-03-12"]


def test_the_state_knows_the_month_of_birth_and_not_the_day() -> None:
    born_on = date(1971, 5, 4)
    household = a_household(members=[a_member(relation=HEAD, resident_id=a_resident_id(born_on=born_on))])
    state = household_state(household)
    assert state.data is not None
    written = state.data.model_dump_json()
    assert '"1971-05"' in written
    assert "1971-05-04" not in written
    assert "19710504" not in written


def test_neither_state_nor_events_hold_name_id_phone_or_health() -> None:
    members = some_members(3)
    sick = replace(members[0], details=replace(members[0].details, health="serious-disease"))
    household = a_household(members=[sick, *members[1:]])
    household.join(member=a_member(), on=DAY, reason="marriage")
    household.die(member_id=household.members[1].id, on=DAY)
    state = household_state(household)
    assert state.data is not None
    written = state.data.model_dump_json() + "".join(raised.data.model_dump_json() for raised in household.events)
    for member in household.members:
        for personal in (member.details.name, member.details.resident_id, member.details.phone, "serious-disease"):
            assert str(personal) not in written
        assert str(member.details.person_key) in written


def test_details_given_by_a_builder_are_what_a_household_keeps() -> None:
    details = member_details(relation=HEAD, labour="skilled")
    household = a_household(members=[replace(a_member(), details=details)])
    assert household.members[0].details == details
