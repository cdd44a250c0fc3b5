"""Record what an assigned cadre found at a household (M-1.1.6), and judge the hardship that was seen there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from chassis.attachments import evidence
from chassis.unit_of_work import UnitOfWork
from contracts.parameters import ParameterBook
from services.monitoring.commands import judge_report, judge_signals
from services.monitoring.commands.judge_signals import Judged
from services.monitoring.domain import errors
from services.monitoring.domain.household import Household
from services.monitoring.domain.ids import HouseholdId, MemberId, SignalId, VisitId
from services.monitoring.domain.judgement import ScreeningFacts
from services.monitoring.domain.signals import Signal, Source, check_signal
from services.monitoring.domain.visits import Visit, check_visit
from services.monitoring.storage import households, liaisons, visits


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardship:
    """A risk that the cadre saw, of the household or of one member."""

    kind: str
    member_id: MemberId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A visit as its cadre tells it; made without network, it may be days old when it comes."""

    id: VisitId
    household_id: HouseholdId
    visited_on: date
    purpose: str
    findings: str
    attachments: tuple[UUID, ...]
    hardships: tuple[Hardship, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of it: whether it is new, and each hardship as it was judged."""

    new: bool
    signals: tuple[Signal, ...] = ()
    judged: tuple[Judged, ...] = ()
    raised: frozenset[str] = frozenset()
    """Ids of the flags that it raised."""


async def record_visit(
    uow: UnitOfWork, *, found: Found, within: str, on: date, book: ParameterBook, pointer: str = "/attachments"
) -> Recorded:
    """Record a visit once. Raises Missing, HouseholdHasEnded, CadreNotAssigned, InvalidVisit, InvalidSignal,
    NoSuchEvidence, VisitExists and ParameterMissing."""
    household = await households.load(uow, found.household_id, within=within)
    household.refuse_if_ended()
    if not await liaisons.is_assigned(uow.driver, uow.person, household.id, found.visited_on):
        raise errors.CadreNotAssigned
    visit = Visit(
        id=found.id,
        household_id=household.id,
        division=household.division,
        visitor_sub=uow.person,
        visited_on=found.visited_on,
        recorded_on=on,
        purpose=found.purpose,
        findings=found.findings,
        attachments=tuple(map(str, found.attachments)),
    )
    check_visit(visit)
    await evidence.cite(uow, found.attachments, within=within, pointer=pointer)
    if not await visits.add(uow, visit):
        return Recorded(new=False)
    judged = [
        await judge_report.judge(uow, signal, household, book=book, known_to=on)
        for signal in _signals(visit, household, found.hardships)
    ]
    outcome = await judge_signals.judge_signals(uow, judged, on=on, keep_uncrossed=True)
    return Recorded(
        new=True,
        signals=outcome.signals,
        judged=tuple(judged),
        raised=frozenset(flag.id for flag in outcome.raised),
    )


def _signals(visit: Visit, household: Household, hardships: Sequence[Hardship]) -> list[Signal]:
    """One signal a hardship."""
    signals = [
        Signal(
            id=SignalId(str(uuid4())),
            household_id=household.id,
            member_id=None if hardship.member_id is None else household.member(hardship.member_id).id,
            division=household.division,
            source=Source.CADRE_VISIT,
            kind=hardship.kind,
            occurred_on=visit.visited_on,
            recorded_on=visit.recorded_on,
            evidence=ScreeningFacts(kind=hardship.kind),
        )
        for hardship in hardships
    ]
    for signal in signals:
        check_signal(signal)
    return signals
