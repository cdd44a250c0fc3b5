"""Survey, county decision and registration: where a case meets the household's figures and the registry."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from chassis.attachments import evidence
from chassis.unit_of_work import UnitOfWork
from contracts.decision import Finding
from contracts.month import Month
from contracts.parameters import ParameterBook
from services.monitoring.commands.case_steps import Seen, changing, household_of
from services.monitoring.domain.case import IDENTIFICATION, Case
from services.monitoring.domain.case_parts import Conclusion
from services.monitoring.domain.circumstances import Risk
from services.monitoring.domain.codes import MonitoredClass
from services.monitoring.domain.household import Household
from services.monitoring.domain.identification import LINE, ClassFacts, conclusion, identify
from services.monitoring.domain.survey import Survey, survey_findings
from services.monitoring.storage import households, risk_resolutions, surveys

MIN_SURVEYORS = "monitoring.survey.min-surveyors"


async def survey(
    uow: UnitOfWork, *, seen: Seen, made: Survey, attachments: Sequence[UUID], book: ParameterBook
) -> Case:
    """Record the survey of a case (M-1.1.8). Raises TooFewSurveyors, InvalidSurvey, OutOfOrder."""
    async with changing(uow, seen) as case:
        case.course.awaits("survey")
        findings = await follow_up(uow, made=made, attachments=attachments, within=seen.within, on=seen.on, book=book)
        case.surveyed(made.id, by=made.surveyors, on=seen.on, findings=findings)
    return case


async def follow_up(
    uow: UnitOfWork, *, made: Survey, attachments: Sequence[UUID], within: str, on: date, book: ParameterBook
) -> tuple[Finding, ...]:
    """Record a survey, within a case or beside one: a monitored household is looked at again (M-1.1.8, M-1.1.26)."""
    await evidence.cite(uow, attachments, within=within)
    minimum = book.find(MIN_SURVEYORS, made.surveyed_on, made.division)
    findings = survey_findings(made, minimum, on)
    await surveys.add(uow, made)
    return findings


async def decide_identification(
    uow: UnitOfWork,
    *,
    seen: Seen,
    monitored_class: MonitoredClass,
    risks: Sequence[Risk],
    book: ParameterBook,
) -> Case:
    """The county approves an identification; class and risks are those that the survey leads to (M-1.1.14).

    The line is that of the year in which the survey's twelve months end. Raises NotIdentifiable with findings.
    """
    async with changing(uow, seen) as case:
        case.course.awaits("county-decision")
        (household,) = await households.read_many(uow.driver, [case.household_id])
        made = await surveys.one(uow.driver, case.surveys[-1])
        line = book.find(LINE, made.income.last.last_day, household.division_on(seen.on))
        wanted = Conclusion(month=Month.of(seen.on), monitored_class=monitored_class, risks=tuple(risks))
        decided, findings = conclusion(_facts(household, case, made, seen.on), line, wanted, seen.on)
        case.county_decided(decided, findings=findings, by=uow.person, on=seen.on)
    return case


async def reject(uow: UnitOfWork, *, seen: Seen) -> Case:
    """The county decides against it; the findings so far stand in the case."""
    async with changing(uow, seen) as case:
        findings = tuple(finding for entry in case.course.entries for finding in entry.findings)
        case.county_decided(None, findings=findings, by=uow.person, on=seen.on)
    return case


async def register(uow: UnitOfWork, *, seen: Seen) -> Case:
    """The last step of an identification: the registry says it, and the case is complete (M-1.1.14)."""
    household = await household_of(uow, seen)
    async with changing(uow, seen) as case:
        case.registered(by=uow.person, on=seen.on, told=())
        identify(household, case)
        await risk_resolutions.reopen(uow, household.id, seen.on, [risk.code for risk in household.risks])
        await households.save(uow, [household], on=seen.on)
    return case


def _facts(household: Household, case: Case, made: Survey, on: date) -> ClassFacts:
    return ClassFacts(
        household_type=household.type_on(on),
        members=made.members,
        net_income=made.income.net,
        rigid_expenditure=made.rigid_expenditure,
        by_incident=case.procedure == IDENTIFICATION and case.origin.kind == "incident",
    )
