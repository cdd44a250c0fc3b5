"""Sudden incidents (M-1.3.9): what happened where, and a signal for each household that it touches.

Recorded here; the green channel that it may open belongs to identification.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from contracts.division import DIVISION_CODE
from contracts.events.envelope import Raised
from contracts.events.monitoring import IncidentReported
from services.monitoring.domain import errors
from services.monitoring.domain.codes import codes_of
from services.monitoring.domain.ids import HouseholdId, IncidentId, SignalId
from services.monitoring.domain.judgement import ScreeningFacts
from services.monitoring.domain.public import public_kind
from services.monitoring.domain.signals import Signal, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A household that the incident touches, its village, and the id that its signal will have."""

    household_id: HouseholdId
    division: str
    signal_id: SignalId


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    id: IncidentId
    kind: str
    division: str
    place: str = field(repr=False)
    occurred_on: date
    recorded_on: date
    touched: tuple[Touched, ...] = ()


def check_incident(incident: Incident) -> None:
    """Raises InvalidIncident for an unknown kind, place or day, AlreadyReported for a household named twice."""
    unknown = incident.kind not in codes_of("incident-kinds", incident.occurred_on)
    if (
        unknown
        or re.fullmatch(DIVISION_CODE, incident.division) is None
        or incident.occurred_on > incident.recorded_on
        or not incident.place.strip()
    ):
        raise errors.InvalidIncident
    _refuse_twice(incident.touched)


def incident_reported(incident: Incident) -> Raised:
    """The public event, keyed by the incident: it names no household."""
    return Raised(
        data=IncidentReported(
            incident_id=incident.id,
            division=incident.division,
            kind=public_kind(incident.kind),
            occurred_on=incident.occurred_on,
        ),
        key=f"incident/{incident.id}",
        subject=incident.id,
        division=incident.division,
    )


def signals_of(incident: Incident) -> tuple[Signal, ...]:
    """One signal for each household that it touches; the incident's id is their period."""
    return tuple(
        Signal(
            id=touched.signal_id,
            household_id=touched.household_id,
            division=touched.division,
            source=Source.INCIDENT,
            kind=incident.kind,
            occurred_on=incident.occurred_on,
            recorded_on=incident.recorded_on,
            evidence=ScreeningFacts(kind=incident.kind),
            incident_id=incident.id,
        )
        for touched in incident.touched
    )


def _refuse_twice(touched: Sequence[Touched]) -> None:
    if len({one.household_id for one in touched}) != len(touched):
        raise errors.AlreadyReported
