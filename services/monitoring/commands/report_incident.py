"""Report a sudden incident: one signal for each household that it touches, judged at once (M-1.3.9)."""

from collections.abc import Sequence
from datetime import date
from uuid import uuid4

from chassis.unit_of_work import UnitOfWork
from contracts.errors import FieldError
from contracts.parameters import ParameterBook
from services.monitoring.commands import judge_report, judge_signals
from services.monitoring.commands.judge_signals import Outcome
from services.monitoring.domain import errors
from services.monitoring.domain.household import Household
from services.monitoring.domain.ids import HouseholdId, IncidentId, SignalId
from services.monitoring.domain.incident import Incident, Touched, check_incident, signals_of
from services.monitoring.storage import households, incidents


async def report_incident(
    uow: UnitOfWork,
    *,
    incident_id: IncidentId,
    kind: str,
    division: str,
    place: str,
    occurred_on: date,
    touched: Sequence[HouseholdId],
    on: date,
    book: ParameterBook,
) -> Outcome:
    """Record an incident and its signals. Raises InvalidIncident naming each household that does not live in the
    division, AlreadyReported for one named twice, and ParameterMissing."""
    found = {household.id: household for household in await households.load_many(uow, touched)}
    _refuse_strangers(touched, found, division)
    incident = Incident(
        id=incident_id,
        kind=kind,
        division=division,
        place=place,
        occurred_on=occurred_on,
        recorded_on=on,
        touched=tuple(
            Touched(household_id=key, division=found[key].division, signal_id=SignalId(str(uuid4()))) for key in touched
        ),
    )
    check_incident(incident)
    await incidents.add(uow, incident)
    judged = [
        await judge_report.judge(uow, signal, found[signal.household_id], book=book, known_to=on)
        for signal in signals_of(incident)
    ]
    return await judge_signals.judge_signals(uow, judged, on=on, keep_uncrossed=True)


def _refuse_strangers(touched: Sequence[HouseholdId], found: dict[HouseholdId, Household], division: str) -> None:
    strangers = [
        place
        for place, key in enumerate(touched)
        if key not in found or not found[key].division.startswith(division) or found[key].ended is not None
    ]
    if strangers:
        raise errors.InvalidIncident(
            errors=[FieldError("household-not-there", f"/household_ids/{place}") for place in strangers]
        )
