"""The papers of a case over HTTP, as HTML or PDF by the Accept header: application form and decision letter."""

from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response

from chassis import audit, database
from chassis.audit import Read, purpose_of
from chassis.division_names import DivisionNames
from chassis.identity import Caller
from contracts.errors import Missing
from services.monitoring.api.access import MayReadFindings
from services.monitoring.api.households import runtime_of
from services.monitoring.documents.application_form import ApplicationForm, MaskedHousehold
from services.monitoring.documents.decision_letter import Copy, DecisionLetter
from services.monitoring.documents.rendering import respond
from services.monitoring.domain.case import Case
from services.monitoring.domain.codes import HEAD
from services.monitoring.storage import cases, surveys

router = APIRouter(tags=["documents"])
Accept = Annotated[str | None, Header()]

DOCUMENT_TYPES: dict[int | str, dict[str, object]] = {
    200: {"description": "HTML, or PDF where Accept prefers it", "content": {"text/html": {}, "application/pdf": {}}}
}
_HOUSEHOLD = """
select head.name, head.masked_name, head.masked_resident_id, head.masked_phone, members
from (select count(*)::int as members from member where household_id = $1 and left_on is null) as counted
left join member as head on head.household_id = $1 and head.left_on is null and head.relation = $2
"""


@router.get(
    "/cases/{case_id}/application-form",
    summary="The application form of a case, for signing by hand",
    response_class=Response,
    responses=DOCUMENT_TYPES,
)
async def get_application_form(
    case_id: UUID, request: Request, caller: MayReadFindings, accept: Accept = None
) -> Response:
    """申请表 / names the applicant, and the household masked: needs X-Purpose, and is audited before it leaves."""
    runtime = runtime_of(request)
    async with database.connect(runtime.engine) as connection:
        case = await cases.read(connection, str(case_id), within=str(caller.division))
        household = await _household(connection, request, caller, case)
        survey = await surveys.one(connection, case.surveys[-1]) if case.surveys else None
    town, village = _places(case, runtime.division_names)
    form = ApplicationForm(
        case_id=case.id,
        origin=case.origin.kind,
        course=case.course,
        town=town,
        village=village,
        household=MaskedHousehold(
            householder=household["masked_name"] or "—",
            resident_id=household["masked_resident_id"],
            phone=household["masked_phone"],
            members=household["members"],
        ),
        applicant=household["name"] or "—",
        authorization=case.authorization,
        survey=survey,
    )
    return await respond(form, accept, runtime.press)


@router.get(
    "/cases/{case_id}/decision-letter",
    summary="The letter that tells the household what was decided",
    response_class=Response,
    responses=DOCUMENT_TYPES,
)
async def get_decision_letter(
    case_id: UUID,
    request: Request,
    caller: MayReadFindings,
    copy: Annotated[Copy, Query()] = Copy.HOUSEHOLD,
    accept: Accept = None,
) -> Response:
    """决定书 / after a decision only; risks in the household's own copy. Needs X-Purpose, and is audited."""
    runtime = runtime_of(request)
    async with database.connect(runtime.engine) as connection:
        case = await cases.read(connection, str(case_id), within=str(caller.division))
        decided = case.decided()
        household = await _household(connection, request, caller, case)
    town, village = _places(case, runtime.division_names)
    county = runtime.division_names.of(case.division[:6])
    concluded = case.conclusion
    letter = DecisionLetter(
        copy=copy,
        kind="elimination" if case.elimination else "identification",
        case_id=case.id,
        town=town,
        village=village,
        householder=household["name"] or "—",
        approved=concluded is not None,
        decided_on=decided.on,
        month=concluded.month if concluded else None,
        monitored_class=concluded.monitored_class if concluded else None,
        risks=concluded.risks if concluded else (),
        findings=decided.findings,
        authority=f"{county}乡村振兴主管部门",
        enquiries=f"{town}人民政府",
        objection_to=f"{county}乡村振兴主管部门",
    )
    return await respond(letter, accept, runtime.press)


async def _household(connection: asyncpg.Connection, request: Request, caller: Caller, case: Case) -> asyncpg.Record:
    """The head's name, and what is masked of it; the audit row is written before anything leaves."""
    purpose_of(caller)
    await audit.write(connection, [Read.of(request, caller, "by-id", [case.household_id], unmasked=True)])
    found = await connection.fetchrow(_HOUSEHOLD, case.household_id, HEAD)
    if found is None:
        raise Missing
    return found


def _places(case: Case, names: DivisionNames) -> tuple[str, str]:
    return names.of(case.division[:9]), names.of(case.division)
