"""Elimination: asked for, carried through the same steps as identification, marked, and what follows (M-1.1.21 to 29).

A refusal is a decision too: it is told as an event and answered with its findings, and changes nothing else.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from chassis.attachments import evidence
from chassis.unit_of_work import UnitOfWork
from contracts.events.envelope import Raised
from contracts.events.monitoring_cases import (
    EliminationHeld,
    EliminationRefused,
    EliminationRequested,
    PostMonitoringKept,
)
from contracts.month import Month
from contracts.parameters import ParameterBook
from services.monitoring.commands import open_case
from services.monitoring.commands.case_steps import Seen, changing, household_of
from services.monitoring.domain import errors
from services.monitoring.domain.case import ELIMINATION, Case
from services.monitoring.domain.case_parts import Conclusion, EliminationRequest, Origin
from services.monitoring.domain.circumstances import MonitoringEnd
from services.monitoring.domain.elimination import EliminationCheck, EliminationFacts, Outcome, check
from services.monitoring.domain.household import Household
from services.monitoring.domain.identification import eliminate
from services.monitoring.domain.ids import HouseholdId, household_key
from services.monitoring.domain.public import told_finding
from services.monitoring.storage import elimination_facts, households, measures

KEEP_CLASSES = "monitoring.post-elimination.keep-classes"


async def checked(
    uow: UnitOfWork, household: Household, request: EliminationRequest, *, on: date, book: ParameterBook
) -> EliminationCheck:
    """The check of one household as it stands. Raises NotMonitored and ParameterMissing."""
    facts = await elimination_facts.of_households(uow.driver, [household], book=book, day=on)
    if household.id not in facts:
        raise errors.NotMonitored
    known = with_reason(facts[household.id], request.reason, attached=bool(request.attachments))
    return check(known, request.mode, book=book, day=on, division=household.division_on(on))


def with_reason(facts: EliminationFacts, reason: str | None, *, attached: bool) -> EliminationFacts:
    """The facts with what is said of a natural elimination."""
    return replace(facts, natural_reason=reason, natural_evidence=attached)


async def request_elimination(
    uow: UnitOfWork,
    *,
    household_id: HouseholdId,
    mode: MonitoringEnd,
    reason: str | None,
    attachments: Sequence[UUID],
    within: str,
    on: date,
    book: ParameterBook,
) -> tuple[Case | None, EliminationCheck]:
    """A case of elimination, unless an answer is no or the household is held; what is unknown the survey may tell.

    Without a case the refusal has been told as an event. Raises Missing, NotMonitored, CaseIsOpen, NoSuchEvidence.
    """
    household = await households.load(uow, household_id, within=within)
    household.refuse_if_ended()
    await evidence.cite(uow, attachments, within=within)
    wanted = EliminationRequest(mode=mode, reason=reason, attachments=tuple(map(str, attachments)))
    found = await checked(uow, household, wanted, on=on, book=book)
    if found.outcome in (Outcome.REFUSED, Outcome.HELD):
        uow.raise_events([refusal(household, mode, found, on)])
        return None, found
    case = await open_case.begin(
        uow, household, ELIMINATION, Origin("request", household.id), on=on, book=book, elimination=wanted
    )
    requested = EliminationRequested(
        **case.named(), mode=mode.value, requested_on=on, findings=tuple(map(told_finding, found.findings))
    )
    uow.raise_events([_raised(requested, case.id, household)])
    return case, found


async def decide(uow: UnitOfWork, *, seen: Seen, book: ParameterBook) -> Case:
    """The county approves: all answers are yes today. Raises EliminationRefused or EliminationHeld with findings."""
    async with changing(uow, seen) as case:
        case.course.awaits("county-decision")
        (household,) = await households.read_many(uow.driver, [case.household_id])
        if case.elimination is None:
            raise errors.NotMonitored
        found = await checked(uow, household, case.elimination, on=seen.on, book=book)
        if found.outcome is Outcome.HELD:
            raise errors.EliminationHeld(findings=found.findings)
        if found.outcome is not Outcome.ALLOWED:
            raise errors.EliminationRefused(findings=found.against)
        case.county_decided(
            Conclusion(month=Month.of(seen.on)), findings=(*found.findings, *found.warnings), by=uow.person, on=seen.on
        )
    return case


async def register(uow: UnitOfWork, *, seen: Seen, book: ParameterBook) -> Case:
    """The risk is marked as eliminated in the month of the decision. Running measures go on to their own end, and a
    household of a class that is kept goes on being helped (M-1.1.28, M-1.1.29)."""
    household = await household_of(uow, seen)
    async with changing(uow, seen) as case:
        if case.conclusion is None:
            raise errors.NotMonitored
        keep = household.classes.present in book.find(KEEP_CLASSES, seen.on, household.division).value
        case.registered(by=uow.person, on=seen.on, told=())
        eliminate(household, case, month=case.conclusion.month, keep=keep)
        if keep:
            kept = PostMonitoringKept(**case.named(), monitored_class=str(household.classes.present), kept_on=seen.on)
            household.events.append(_raised(kept, household.id, household))
        await households.save(uow, [household], on=seen.on)
        await measures.carry_over(uow, household.id, on=seen.on)
    return case


def refusal(household: Household, mode: MonitoringEnd, found: EliminationCheck, on: date) -> Raised:
    """The event of an elimination that was refused or held."""
    event = EliminationHeld if found.outcome is Outcome.HELD else EliminationRefused
    told = event(
        household_id=household.id,
        division=household.division,
        mode=mode.value,
        refused_on=on,
        findings=tuple(map(told_finding, found.findings[:1] if found.outcome is Outcome.HELD else found.against)),
    )
    return _raised(told, household.id, household)


def _raised(
    told: EliminationRefused | EliminationRequested | PostMonitoringKept, subject: str, household: Household
) -> Raised:
    return Raised(data=told, key=household_key(household.id), subject=subject, division=household.division)
