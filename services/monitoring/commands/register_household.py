"""Register a household: the intake path with one statement for idempotency, rows and outbox (performance.md W1)."""

from collections.abc import Sequence
from datetime import date
from uuid import uuid4

from chassis import correlation, intake, outbox
from chassis.clock import BusinessClock
from services.monitoring.domain.household import Household
from services.monitoring.domain.household_details import HouseholdDetails
from services.monitoring.domain.household_state import household_state
from services.monitoring.domain.ids import HouseholdId, MemberId
from services.monitoring.domain.member import MemberDetails, NewMember
from services.monitoring.domain.registration import register
from services.monitoring.storage import households

STATEMENT = intake.statement(households.insert_ctes(intake.FIRST_PARAMETER, "go,"))


def new_household(*, division: str, details: HouseholdDetails, members: Sequence[MemberDetails], on: date) -> Household:
    """A new household under fresh ids. Raises what `registration.register` raises."""
    return register(
        household_id=HouseholdId(str(uuid4())),
        division=division,
        details=details,
        members=[NewMember(id=MemberId(str(uuid4())), details=member) for member in members],
        on=on,
    )


def messages_of(household: Household, composer: outbox.Composer, clock: BusinessClock) -> list[outbox.Message]:
    """The household's events and its state, ready for the outbox."""
    context, now = correlation.now(), clock.now()
    return [
        *(composer.public(event, context, now) for event in household.events),
        composer.state(household_state(household), context, now),
    ]
