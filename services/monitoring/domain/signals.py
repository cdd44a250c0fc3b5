"""Signals: every sign of hardship, from whatever source, recorded once (M-1.1.2, M-1.1.5 to 7, M-1.3.9).

A signal keeps its evidence; who reported it is kept apart, for M-1.1.7 protects the reporter. Public messages name a
kind only where the kind tells nothing of a person's health.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from contracts.events.envelope import Raised, State
from contracts.events.monitoring import SignalRecorded
from contracts.events.monitoring_state import SignalState
from services.monitoring.domain import errors
from services.monitoring.domain.codes import codes_of
from services.monitoring.domain.ids import (
    FlagId,
    HouseholdId,
    IncidentId,
    MemberId,
    SignalId,
    household_key,
)
from services.monitoring.domain.judgement import ScreeningFacts
from services.monitoring.domain.periods import Period
from services.monitoring.domain.public import public_kind
from services.monitoring.domain.screening import RULES, Rule


class Source(StrEnum):
    SELF_DECLARATION = "self-declaration"
    CADRE_VISIT = "cadre-visit"
    SOCIAL_SUPERVISION = "social-supervision"
    DEPARTMENT = "department-warning"
    COMPARISON = "bureau-comparison"
    SERVICE = "service"
    INCIDENT = "incident"


_RULE_OF_SOURCE = {
    Source.SELF_DECLARATION: "self-declared",
    Source.CADRE_VISIT: "cadre-reported",
    Source.SOCIAL_SUPERVISION: "socially-reported",
    Source.INCIDENT: "incident",
}
_DICTIONARIES = {
    Source.DEPARTMENT: "signal-kinds",
    Source.COMPARISON: "signal-kinds",
    Source.SERVICE: "signal-kinds",
    Source.INCIDENT: "incident-kinds",
}
"""The dictionary of kinds by source; people report risks (risk-types)."""
WARNINGS = (Source.DEPARTMENT, Source.SERVICE)
"""The sources whose signals warn of what bureaus' files tell too; their kind names the rule."""
_CARE = {"住院": "medical-inpatient", "门诊": "medical-outpatient"}


def department_kind(file_kind: str, care: str | None = None) -> str:
    """The signal kind of a bureau's row: its file's kind, and for medical rows the kind of care."""
    return _CARE[care] if file_kind == "medical" and care is not None else file_kind


def reporting_sources(rule: str) -> tuple[tuple[Source, ...], str | None]:
    """The sources whose single signals a rule judges, and the kind that they name (None: any)."""
    own = tuple(source for source, key in _RULE_OF_SOURCE.items() if key == rule)
    return (own, None) if own else (WARNINGS, rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Who reported, stored apart from the signal and shown only to the guardian of reporters; may be anonymous."""

    signal_id: SignalId
    channel: str
    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    sub: str | None = field(default=None, repr=False)

    @property
    def anonymous(self) -> bool:
        return self.name is None and self.phone is None and self.sub is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    id: SignalId
    household_id: HouseholdId
    member_id: MemberId | None = None
    division: str
    """The household's village on the day of recording."""
    source: Source
    kind: str
    occurred_on: date
    recorded_on: date
    evidence: ScreeningFacts = field(default_factory=ScreeningFacts, repr=False)
    record_no: str | None = None
    """The number of the bureau's record, or of the single event that the rule judges."""
    incident_id: IncidentId | None = None
    flag_id: FlagId | None = None
    version: int = 1

    @property
    def rule(self) -> Rule:
        """The rule that judges it."""
        return RULES[_RULE_OF_SOURCE.get(self.source, self.kind)]

    @property
    def period(self) -> Period:
        """The period of its rule in which it lies."""
        return self.rule.period_of(self.occurred_on, self.incident_id or self.record_no or self.id)


def check_signal(signal: Signal) -> None:
    """Raises InvalidSignal when its kind does not fit its source, or when it lies after its recording."""
    incident_named = (signal.incident_id is not None) == (signal.source is Source.INCIDENT)
    kinds = codes_of(_DICTIONARIES.get(signal.source, "risk-types"), signal.recorded_on)
    judged = signal.source in _RULE_OF_SOURCE or signal.kind in RULES
    if signal.kind not in kinds or not judged or not incident_named or signal.occurred_on > signal.recorded_on:
        raise errors.InvalidSignal


def signal_recorded(signal: Signal) -> Raised:
    """The public event: household, source and kind; neither day nor evidence nor reporter."""
    return Raised(
        data=SignalRecorded(
            household_id=signal.household_id,
            division=signal.division,
            signal_id=signal.id,
            source=signal.source.value,
            kind=public_kind(signal.kind),
        ),
        key=household_key(signal.household_id),
        subject=signal.id,
        division=signal.division,
        state_version=signal.version,
    )


def signal_state(signal: Signal) -> State:
    data = SignalState(
        signal_id=signal.id,
        household_id=signal.household_id,
        source=signal.source.value,
        signal_kind=public_kind(signal.kind),
        recorded_on=signal.recorded_on,
        flag_id=signal.flag_id,
    )
    return State(data=data, kind=SignalState.kind, id=signal.id, version=signal.version, division=signal.division)
