"""Splits and merges: both households are named, nobody is lost or counted twice, monitoring goes on."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import monitoring as events
from contracts.month import Month
from services.monitoring.domain import errors
from services.monitoring.domain.circumstances import Monitored, MonitoringEnd, Risk
from services.monitoring.domain.codes import HEAD, MonitoredClass
from services.monitoring.domain.household import Household
from services.monitoring.domain.household_state import household_state
from services.monitoring.domain.ids import HouseholdId, MemberId
from services.monitoring.domain.member import Member, Mover, Succession
from services.monitoring.domain.split_and_merge import merge, split
from tests.builders import NEXT_VILLAGE, REGISTERED_ON, VILLAGE, a_household, a_monitored_household

DAY = date(2024, 3, 12)
BEFORE = date(2024, 3, 11)
NEW = HouseholdId("h-new")


def movers(*members: Member, head: bool = True) -> list[Mover]:
    """Those members under new ids; the first becomes head unless said otherwise."""
    return [
        Mover(member_id=member.id, new_id=MemberId(f"{member.id}+"), relation=HEAD if head and not place else "8")
        for place, member in enumerate(members)
    ]


def people(*households: Household, day: date) -> list[str]:
    return sorted(str(member.details.person_key) for one in households for member in one.members_on(day))


def test_a_split_names_both_households_under_both_keys() -> None:
    origin = a_household(members=4)
    son = origin.members[2]
    new = split(origin, new_id=NEW, movers=movers(son), on=DAY, reason="own-household")
    assert [raised.key for raised in (origin.events[-1], new.events[-1])] == [
        f"household/{origin.id}",
        "household/h-new",
    ]
    assert origin.events[-1].data == new.events[-1].data
    assert new.events[-1].data == events.HouseholdSplit(
        household_id=origin.id,
        new_household_id=NEW,
        division=VILLAGE,
        new_division=VILLAGE,
        split_on=DAY,
        members=(events.MemberPassed(member_id=son.id, new_member_id=f"{son.id}+"),),
        reason="own-household",
    )
    assert (origin.version, new.version, len(new.events)) == (2, 1, 1)


def test_who_splits_off_is_counted_in_the_old_household_until_the_day_before_and_in_the_new_one_from_the_day() -> None:
    origin = a_household(members=4)
    everybody = people(origin, day=BEFORE)
    new = split(origin, new_id=NEW, movers=movers(origin.members[2]), on=DAY, reason="own-household")
    assert (len(origin.members_on(BEFORE)), len(new.members_on(BEFORE))) == (4, 0)
    assert (len(origin.members_on(DAY)), len(new.members_on(DAY))) == (3, 1)
    assert people(origin, new, day=BEFORE) == people(origin, new, day=DAY) == everybody


def test_the_former_household_says_where_its_member_went_on() -> None:
    origin = a_household(members=3)
    son = origin.members[2]
    split(origin, new_id=NEW, movers=movers(son), on=DAY, reason="own-household", division=NEXT_VILLAGE)
    state = household_state(origin)
    assert state.data is not None
    body = state.data.model_dump(mode="json")
    assert body["successors"] == [{"household_id": "h-new", "how": "split", "on": "2024-03-12"}]
    assert body["members"][2]["successor_household_id"] == "h-new"
    assert body["members"][2]["successor_member_id"] == f"{son.id}+"


def test_when_the_head_moves_out_somebody_follows_at_home() -> None:
    origin = a_household(members=3)
    head, spouse, _ = origin.members
    with pytest.raises(errors.HeadMissing):
        split(origin, new_id=NEW, movers=movers(head), on=DAY, reason="divorce")
    assert (origin.version, len(origin.present_members)) == (1, 3)
    new = split(
        origin,
        new_id=NEW,
        movers=movers(head),
        on=DAY,
        reason="divorce",
        succession=Succession(head=spouse.id, relations={}),
    )
    assert [one.is_head for one in new.present_members] == [True]
    assert origin.member(spouse.id).is_head


def test_none_all_or_one_twice_cannot_found_a_new_household() -> None:
    origin = a_household(members=2)
    son = origin.members[1]
    for chosen in ([], movers(*origin.members), [*movers(son), *movers(son, head=False)]):
        with pytest.raises(errors.NothingToSplit):
            split(origin, new_id=NEW, movers=chosen, on=DAY, reason="own-household")


def test_a_new_household_needs_a_head_and_new_membership_ids() -> None:
    origin = a_household(members=3)
    son = origin.members[2]
    with pytest.raises(errors.HeadMissing):
        split(origin, new_id=NEW, movers=movers(son, head=False), on=DAY, reason="own-household")
    same = [Mover(member_id=son.id, new_id=son.id, relation=HEAD)]
    with pytest.raises(errors.PersonAlreadyMember):
        split(origin, new_id=NEW, movers=same, on=DAY, reason="own-household")
    stranger = [Mover(member_id=MemberId("x"), new_id=MemberId("y"), relation=HEAD)]
    with pytest.raises(errors.MemberUnknown):
        split(origin, new_id=NEW, movers=stranger, on=DAY, reason="own-household")
    with pytest.raises(errors.InvalidReason):
        split(origin, new_id=NEW, movers=movers(son), on=DAY, reason="because")
    with pytest.raises(errors.DayBeforeHistory):
        split(origin, new_id=NEW, movers=movers(son), on=REGISTERED_ON - timedelta(1), reason="marriage")
    assert origin.version == 1


def test_a_household_that_splits_from_a_monitored_one_is_monitored_since_the_same_month() -> None:
    origin = a_monitored_household(members=3, since=Month(2022, 6))
    new = split(origin, new_id=NEW, movers=movers(origin.members[2]), on=DAY, reason="own-household")
    assert new.monitored == (Monitored(since=Month(2022, 6)),)
    assert new.class_on(DAY) is MonitoredClass.UNSTABLE_RELIEVED
    assert new.risks == origin.risks
    assert new.taken_over == origin.taken_over
    assert origin.monitored_on(DAY)


def test_a_household_that_splits_from_a_released_one_is_not_monitored() -> None:
    released = Monitored(since=Month(2022, 6), ended=Month(2023, 5), how=MonitoringEnd.AIDED)
    origin = a_monitored_household(members=3, ended=released)
    new = split(origin, new_id=NEW, movers=movers(origin.members[2]), on=DAY, reason="own-household")
    assert new.monitored == ()
    assert new.class_on(DAY) is None


def test_a_merger_ends_one_household_in_the_other_and_tells_both() -> None:
    absorbed, into = a_household(members=2, division=NEXT_VILLAGE), a_household(members=3)
    merge(absorbed, into, movers=movers(*absorbed.members, head=False), on=DAY, reason="care")
    assert absorbed.ended is not None
    assert absorbed.ended.reason == "merged"
    assert absorbed.present_members == ()
    assert len(into.present_members) == 5
    assert absorbed.successors[0].household_id == into.id
    for household in (absorbed, into):
        raised = household.events[-1]
        assert raised.key == f"household/{household.id}"
        assert isinstance(raised.data, events.HouseholdMerged)
        assert (raised.data.household_id, raised.data.into_household_id) == (absorbed.id, into.id)
        assert (raised.data.division, raised.data.into_division) == (NEXT_VILLAGE, VILLAGE)


def test_a_household_does_not_merge_into_itself_nor_leave_anybody_behind() -> None:
    absorbed, into = a_household(members=2), a_household(members=2)
    everybody = movers(*absorbed.members, head=False)
    with pytest.raises(errors.MergeWithItself):
        merge(absorbed, absorbed, movers=everybody, on=DAY, reason="care")
    with pytest.raises(errors.NothingToSplit):
        merge(absorbed, into, movers=everybody[:1], on=DAY, reason="care")
    with pytest.raises(errors.HeadMissing):
        merge(absorbed, into, movers=movers(*absorbed.members), on=DAY, reason="care")
    into.end(on=DAY, reason="left-county")
    with pytest.raises(errors.HouseholdHasEnded):
        merge(absorbed, into, movers=everybody, on=DAY, reason="care")
    assert (absorbed.version, absorbed.ended) == (1, None)


def test_monitoring_of_the_absorbed_household_goes_on_where_it_merged() -> None:
    absorbed = a_monitored_household(members=1, since=Month(2022, 6), risks=[Risk("illness")])
    into = a_household(members=2, risks=[Risk("housing")])
    merge(absorbed, into, movers=movers(*absorbed.members, head=False), on=DAY, reason="care")
    assert into.monitored == (Monitored(since=Month(2022, 6)),)
    assert into.class_on(DAY) is MonitoredClass.UNSTABLE_RELIEVED
    assert into.class_on(BEFORE) is None
    assert into.risks == (Risk("housing"), Risk("illness"))
    assert absorbed.monitored[0].how is MonitoringEnd.MERGED


def test_a_household_that_is_monitored_itself_keeps_its_own_month_and_takes_over_the_risks() -> None:
    absorbed = a_monitored_household(members=1, since=Month(2021, 6), risks=[Risk("illness")])
    into = a_monitored_household(members=2, since=Month(2023, 2))
    merge(absorbed, into, movers=movers(*absorbed.members, head=False), on=DAY, reason="care")
    assert into.monitored == (Monitored(since=Month(2023, 2)),)
    assert [risk.code for risk in into.risks] == ["unstable-work", "illness"]


def test_a_household_once_released_keeps_that_span_when_a_monitored_one_merges_into_it() -> None:
    released = Monitored(since=Month(2022, 1), ended=Month(2023, 2), how=MonitoringEnd.AIDED)
    absorbed, into = a_monitored_household(members=1, since=Month(2021, 6)), a_monitored_household(ended=released)
    merge(absorbed, into, movers=movers(*absorbed.members, head=False), on=DAY, reason="care")
    assert into.monitored == (released, Monitored(since=Month(2023, 2)))


@settings(max_examples=60)
@given(
    size=st.integers(2, 7),
    chosen=st.data(),
    split_on=st.dates(REGISTERED_ON, date(2024, 6, 30)),
    apart=st.integers(0, 60),
)
def test_split_then_merge_counts_every_person_exactly_once_on_every_day(
    size: int, chosen: st.DataObject, split_on: date, apart: int
) -> None:
    origin = a_household(members=size)
    everybody = people(origin, day=REGISTERED_ON)
    out = chosen.draw(st.lists(st.sampled_from(origin.members[1:]), min_size=1, unique_by=lambda member: member.id))
    new = split(origin, new_id=NEW, movers=movers(*out), on=split_on, reason="own-household")
    merged_on = split_on + timedelta(days=apart)
    merge(new, origin, movers=movers(*new.present_members, head=False), on=merged_on, reason="care")
    for day in {REGISTERED_ON, split_on, split_on - timedelta(1), merged_on, merged_on - timedelta(1)}:
        if day >= REGISTERED_ON:
            assert people(origin, new, day=day) == everybody
    assert len({member.id for one in (origin, new) for member in one.members}) == size + 2 * len(out)
