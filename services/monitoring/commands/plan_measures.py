"""Plan, ask for, fund and record measures; take a provider's word (M-1.1.17 to M-1.1.20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from chassis.attachments import evidence
from chassis.kafka import Received
from chassis.parking import WaitingForState
from chassis.subscription import Reaction, data_of
from chassis.unit_of_work import UnitOfWork
from contracts.decision import Answer, Finding
from contracts.errors import Missing
from contracts.events.envelope import Raised
from contracts.events.measures import (
    PROVIDER_EVENTS,
    PROVIDERS,
    MeasureContinuedTo,
    MeasureDeclined,
    MeasureStopped,
    PlanApproved,
    ProviderEvent,
)
from contracts.parameters import ParameterBook
from services.monitoring.domain import errors
from services.monitoring.domain.household import Household
from services.monitoring.domain.ids import HouseholdId, MeasureId, household_key
from services.monitoring.domain.measure_plan import GONE, PlanFacts, PlannedMeasure, plan_findings
from services.monitoring.domain.measures import Funding, Measure, MeasureStanding, provider_of
from services.monitoring.storage import cases, households, measures

RECORDED_BY_OFFICERS = "monitoring.measures.recorded-by-officers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A measure of a plan: what is planned, and whether public money pays for it."""

    planned: PlannedMeasure
    funded: bool


async def validate(
    uow: UnitOfWork, *, household_id: HouseholdId, wanted: Sequence[Wanted], within: str, on: date, book: ParameterBook
) -> tuple[Household, tuple[Finding, ...]]:
    """What is to be said of a plan together with the measures that stand already; nothing is written."""
    household = await households.load(uow, household_id, within=within)
    household.refuse_if_ended()
    for one in wanted:
        if one.planned.member_id is not None:
            household.member(one.planned.member_id)
    standing = [
        PlannedMeasure(category=m.category, kind=m.kind, covers=m.covers, member_id=m.member_id, wished=True)
        for m in await measures.of_household(uow.driver, household_id)
        if m.standing not in GONE and set(m.covers) <= {risk.code for risk in household.risks}
    ]
    present = household.members_on(on)
    facts = PlanFacts(
        risks=tuple(risk.code for risk in household.risks),
        labour={member.id: member.details.labour for member in present},
        health={member.id: member.details.health for member in present},
    )
    planned = [*standing, *(one.planned for one in wanted)]
    return household, plan_findings(facts, planned, book=book, day=on, division=household.division)


async def approve(
    uow: UnitOfWork, *, household_id: HouseholdId, wanted: Sequence[Wanted], within: str, on: date, book: ParameterBook
) -> tuple[str, list[Measure], tuple[Finding, ...]]:
    """Approve a plan and plan its measures. Raises NotMonitored, and PlanRefused with the findings that are no."""
    household, findings = await validate(uow, household_id=household_id, wanted=wanted, within=within, on=on, book=book)
    if not (household.is_helped(on) or await _helped_first(uow, household_id)):
        raise errors.NotMonitored
    against = [finding for finding in findings if finding.answer is Answer.NO]
    if against:
        raise errors.PlanRefused(findings=against)
    new = [_new(household, one, on) for one in wanted]
    decision = {
        "about": f"household/{household.id}",
        "outcome": "approved",
        "day": str(on),
        "findings": [finding.model_dump(mode="json") for finding in findings],
        "measures": [measure.id for measure in new],
        "decided_by": uow.person,
    }
    plan_id = await measures.add_plan(uow, household, decision, on)
    approved = PlanApproved(
        household_id=household.id, division=household.division, plan_id=plan_id, approved_on=on, measures=len(new)
    )
    uow.raise_events(
        [Raised(data=approved, key=household_key(household.id), subject=plan_id, division=household.division)]
    )
    await measures.save(uow, new)
    return plan_id, new, findings


async def _helped_first(uow: UnitOfWork, household_id: HouseholdId) -> bool:
    """A green channel is open: measures come before the steps (M-1.1.15)."""
    return any(case.green_channel is not None for case in await cases.open_of(uow, [household_id]))


def _new(household: Household, wanted: Wanted, on: date) -> Measure:
    planned = wanted.planned
    measure = Measure(
        id=MeasureId(str(uuid4())),
        household_id=household.id,
        division=household.division,
        category=planned.category,
        kind=planned.kind,
        provider=provider_of(planned.category, on),
        covers=planned.covers,
        member_id=planned.member_id,
        planned_on=on,
        funded=wanted.funded,
    )
    measure.plan()
    return measure


async def request(uow: UnitOfWork, *, measure_id: str, version: int, within: str, on: date) -> Measure:
    """Ask the provider. Raises MeasureOutOfOrder, FundLineMissing."""
    measure = await measures.load(uow, measure_id, within=within, expected_version=version)
    measure.request(on)
    await measures.save(uow, [measure])
    return measure


async def fund(uow: UnitOfWork, *, measure_id: str, version: int, funding: Funding, within: str, on: date) -> Measure:
    """Name the fund line of a measure. Raises MeasureHasEnded."""
    measure = await measures.load(uow, measure_id, within=within, expected_version=version)
    measure.fund(funding, on)
    await measures.save(uow, [measure])
    return measure


async def record(
    uow: UnitOfWork,
    *,
    measure_id: str,
    version: int,
    standing: MeasureStanding,
    done_on: date,
    reason: str | None,
    attachments: Sequence[UUID],
    within: str,
    on: date,
    book: ParameterBook,
) -> Measure:
    """An officer records, with evidence, what was done where no service answers.

    Raises ProviderAnswers, MeasureOutOfOrder, NoSuchEvidence, DayInFuture.
    """
    measure = await measures.load(uow, measure_id, within=within, expected_version=version)
    if measure.provider not in book.find(RECORDED_BY_OFFICERS, on, measure.division).value:
        raise errors.ProviderAnswers
    if done_on > on:
        raise errors.DayInFuture
    if done_on < measure.planned_on:
        raise errors.DayBeforeHistory
    await evidence.cite(uow, attachments, within=within)
    measure.recorded(standing, on=done_on, reason=reason)
    await measures.save(uow, [measure])
    return measure


_STANDINGS = {
    "measure-accepted": MeasureStanding.ACCEPTED,
    "measure-declined": MeasureStanding.DECLINED,
    "measure-started": MeasureStanding.STARTED,
    "measure-completed": MeasureStanding.COMPLETED,
    "measure-stopped": MeasureStanding.STOPPED,
}


def provider_reactions() -> dict[str, Reaction]:
    """What monitoring does on each word of a provider: once, and nothing when it comes late."""
    reactions: dict[str, Reaction] = {}
    for event in PROVIDER_EVENTS:
        for provider in PROVIDERS:
            reactions[event.type(provider)] = _reaction(event, provider)
    return reactions


def _reaction(event: type[ProviderEvent], provider: str) -> Reaction:
    async def react(uow: UnitOfWork, message: Received) -> None:
        told = event.model_validate(data_of(message))
        try:
            measure = await measures.load(uow, str(UUID(told.measure_id)), within="")
        except Missing:
            raise WaitingForState(f"measure/{told.measure_id}") from None
        if measure.provider == provider and _changed(measure, told):
            await measures.save(uow, [measure])

    return react


def _changed(measure: Measure, told: ProviderEvent) -> bool:
    if isinstance(told, MeasureContinuedTo):
        return measure.continue_to(told.continues_to)
    return measure.answered(
        _STANDINGS[told.name],
        on=told.on,
        reason=told.reason if isinstance(told, MeasureStopped) else None,
        declined_for=tuple(f.code for f in told.findings) if isinstance(told, MeasureDeclined) else (),
    )
