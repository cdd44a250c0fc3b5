"""How a household enters the registry: registered by us, or taken over as the national system already monitors it."""

from collections.abc import Sequence
from datetime import date

from contracts.events import monitoring as events
from services.monitoring.domain import errors
from services.monitoring.domain.circumstances import Monitored, TakenOver
from services.monitoring.domain.codes import MonitoredClass
from services.monitoring.domain.history import History
from services.monitoring.domain.household import Household
from services.monitoring.domain.household_details import HouseholdDetails, details_errors, division_errors
from services.monitoring.domain.ids import HouseholdId
from services.monitoring.domain.member import Member, NewMember, member_errors
from services.monitoring.domain.membership import check_members


def register(
    *,
    household_id: HouseholdId,
    division: str,
    details: HouseholdDetails,
    members: Sequence[NewMember],
    on: date,
) -> Household:
    """A household enters the registry. Raises InvalidHousehold with every place, HeadMissing, PersonAlreadyMember."""
    household = found(household_id=household_id, division=division, details=details, members=members, on=on)
    household.record(events.HouseholdRegistered(household_id=household_id, division=division, registered_on=on))
    return household


def take_over(
    *,
    household_id: HouseholdId,
    division: str,
    details: HouseholdDetails,
    members: Sequence[NewMember],
    origin: TakenOver,
    monitored_class: MonitoredClass,
    monitored: Monitored,
) -> Household:
    """A household that the national system already monitors enters as taken over: state only, no event."""
    household = found(household_id=household_id, division=division, details=details, members=members, on=origin.on)
    household.take_over_monitoring(origin=origin, monitored_class=monitored_class, monitored=monitored)
    return household


def found(
    *,
    household_id: HouseholdId,
    division: str,
    details: HouseholdDetails,
    members: Sequence[NewMember],
    on: date,
) -> Household:
    """A valid household of version 0 that nobody was told of yet."""
    invalid = [*division_errors(division), *details_errors(details, on)]
    for index, member in enumerate(members):
        invalid += member_errors(member.details, on, f"/members/{index}")
    if invalid:
        raise errors.InvalidHousehold(errors=invalid)
    counted = tuple(Member(id=member.id, details=member.details, joined_on=on) for member in members)
    check_members(counted)
    return Household(
        id=household_id,
        registered_on=on,
        national_no=details.national_no,
        divisions=History.starting(division, on),
        sites=History.starting(details.resettlement_site, on),
        types=History.starting(details.household_type, on),
        classes=History.starting(None, on),
        members=counted,
        risks=details.risks,
        guarantees=details.guarantees,
    )
