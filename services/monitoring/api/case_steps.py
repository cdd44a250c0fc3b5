"""The steps of a case over HTTP: each is an update of the case as its caller saw it (If-Match)."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from chassis.idempotency import Answer, Command, Once
from chassis.identity import Caller
from chassis.preconditions import ExpectedVersion
from chassis.unit_of_work import UnitOfWork
from contracts.errors import FieldError
from contracts.parameters import ParameterBook
from services.monitoring.api.access import (
    MayAnnounce,
    MayCheckCases,
    MayCompare,
    MayDecideCases,
    MayOpenGreenChannel,
    MayRegisterCases,
    MayReturnCases,
    MayReview,
    MaySurvey,
    MayWithdrawCases,
)
from services.monitoring.api.case_schemas import (
    AdjudicationInput,
    AuthorizationInput,
    CountyDecisionInput,
    GreenChannelInput,
    HitsInput,
    NothingInput,
    ReturnInput,
    ReviewInput,
    SurveyInput,
    TownCheckInput,
    WithdrawalInput,
    told,
)
from services.monitoring.api.households import runtime_of
from services.monitoring.commands import case_steps, decide_case, eliminate
from services.monitoring.commands.case_steps import Seen
from services.monitoring.domain import errors
from services.monitoring.domain.case import ELIMINATION, Case
from services.monitoring.domain.ids import MemberId
from services.monitoring.storage import cases, households

router = APIRouter(prefix="/cases/{case_id}", tags=["cases"])

Act = Callable[[UnitOfWork, Seen, ParameterBook], Awaitable[Case]]


async def _run(request: Request, caller: Caller, command: Once, case_id: UUID, version: int, act: Act) -> Response:
    """One step in one unit of work, answered with the case's version, standing and waiting step."""
    runtime = runtime_of(request)
    seen = Seen(case_id=str(case_id), version=version, within=str(caller.division), on=runtime.clock.today())

    async def effect(uow: UnitOfWork) -> Answer:
        return told(await act(uow, seen, await runtime.parameters.book(uow.driver)))

    return await command.run(caller, effect)


@router.post("/authorization", summary="Authorisation to check the household's economy")
async def post_case_authorization(
    case_id: UUID,
    body: AuthorizationInput,
    request: Request,
    caller: MaySurvey,
    command: Command,
    version: ExpectedVersion,
) -> Response:
    """签署授权 / signed by every adult, with scope and last day (M-1.1.9)."""

    async def act(uow: UnitOfWork, seen: Seen, book: ParameterBook) -> Case:
        return await case_steps.authorize(
            uow,
            seen=seen,
            signed_on=body.signed_on,
            expires_on=body.expires_on,
            scope=body.scope,
            signed_by=[MemberId(str(one)) for one in body.signed_by],
            attachments=body.attachments,
            book=book,
        )

    return await _run(request, caller, command, case_id, version, act)


@router.post("/survey", summary="Record the survey of the household")
async def post_case_survey(
    case_id: UUID, body: SurveyInput, request: Request, caller: MaySurvey, command: Command, version: ExpectedVersion
) -> Response:
    """入户核查 / by at least two persons: income of twelve months, expenditure, guarantees, labour (M-1.1.8)."""

    async def act(uow: UnitOfWork, seen: Seen, book: ParameterBook) -> Case:
        case = await cases.read(uow.driver, seen.case_id, within=seen.within)
        household = await households.read(uow.driver, case.household_id, within="")
        assert household is not None, "a case has a household"
        made = body.to_domain(household, caller.person, case.id)
        return await decide_case.survey(uow, seen=seen, made=made, attachments=body.attachments, book=book)

    return await _run(request, caller, command, case_id, version, act)


@router.post("/review", summary="Record the village's vote")
async def post_case_review(
    case_id: UUID, body: ReviewInput, request: Request, caller: MayReview, command: Command, version: ExpectedVersion
) -> Response:
    """民主评议 / the result binds: what is not carried ends here (M-1.1.10)."""

    async def act(uow: UnitOfWork, seen: Seen, book: ParameterBook) -> Case:
        return await case_steps.review(
            uow, seen=seen, vote=body.to_domain(), held_on=body.held_on, minutes=body.minutes, book=book
        )

    return await _run(request, caller, command, case_id, version, act)


@router.post("/comparison-results", summary="Record what departments' data say")
async def post_case_comparison(
    case_id: UUID, body: HitsInput, request: Request, caller: MayCompare, command: Command, version: ExpectedVersion
) -> Response:
    """数据比对 / only with the authorisation of all adults; each hit is then adjudicated (M-1.1.9, M-1.1.12)."""

    async def act(uow: UnitOfWork, seen: Seen, book: ParameterBook) -> Case:
        found = [
            (hit.source, hit.kind, None if hit.member_id is None else MemberId(str(hit.member_id))) for hit in body.hits
        ]
        return await case_steps.compare(uow, seen=seen, found=found, book=book)

    return await _run(request, caller, command, case_id, version, act)


@router.post("/comparison-results/{hit_id}/adjudication", summary="Adjudicate a hit")
async def post_case_adjudication(
    case_id: UUID,
    hit_id: UUID,
    body: AdjudicationInput,
    request: Request,
    caller: MayCompare,
    command: Command,
    version: ExpectedVersion,
) -> Response:
    """疑点认定 / explained, or standing against the household (M-1.1.12)."""

    async def act(uow: UnitOfWork, seen: Seen, _book: ParameterBook) -> Case:
        async with case_steps.changing(uow, seen) as case:
            case.adjudicate(str(hit_id), outcome=body.outcome, reason=body.reason, by=uow.person, on=seen.on)
        return case

    return await _run(request, caller, command, case_id, version, act)


@router.post("/town-check", summary="The town's check")
async def post_case_town_check(
    case_id: UUID,
    body: TownCheckInput,
    request: Request,
    caller: MayCheckCases,
    command: Command,
    version: ExpectedVersion,
) -> Response:
    """乡镇审核 / by somebody who neither surveyed nor decides (M-1.1.13)."""

    async def act(uow: UnitOfWork, seen: Seen, _book: ParameterBook) -> Case:
        async with case_steps.changing(uow, seen) as case:
            case.town_checked(passed=body.outcome == "passed", by=uow.person, on=seen.on)
        return case

    return await _run(request, caller, command, case_id, version, act)


@router.post("/county-decision", summary="The county's decision")
async def post_case_county_decision(
    case_id: UUID,
    body: CountyDecisionInput,
    request: Request,
    caller: MayDecideCases,
    command: Command,
    version: ExpectedVersion,
) -> Response:
    """县级审定 / class and risks are those that the survey leads to; an elimination is checked again (M-1.1.13)."""

    async def act(uow: UnitOfWork, seen: Seen, book: ParameterBook) -> Case:
        if body.outcome == "rejected":
            return await decide_case.reject(uow, seen=seen)
        case = await cases.read(uow.driver, seen.case_id, within=seen.within)
        if case.procedure == ELIMINATION:
            return await eliminate.decide(uow, seen=seen, book=book)
        if body.monitored_class is None:
            raise errors.InvalidHousehold(errors=[FieldError("missing", "/monitored_class")])
        return await decide_case.decide_identification(
            uow, seen=seen, monitored_class=body.monitored_class, risks=body.risks_to_domain(), book=book
        )

    return await _run(request, caller, command, case_id, version, act)


@router.post("/announcement", summary="Announce the decision")
async def post_case_announcement(
    case_id: UUID,
    _body: NothingInput,
    request: Request,
    caller: MayAnnounce,
    command: Command,
    version: ExpectedVersion,
) -> Response:
    """公告 / after the county's decision (M-1.1.13)."""

    async def act(uow: UnitOfWork, seen: Seen, _book: ParameterBook) -> Case:
        async with case_steps.changing(uow, seen) as case:
            case.announced(by=uow.person, on=seen.on)
        return case

    return await _run(request, caller, command, case_id, version, act)


@router.post("/registration", summary="Register what was decided")
async def post_case_registration(
    case_id: UUID,
    _body: NothingInput,
    request: Request,
    caller: MayRegisterCases,
    command: Command,
    version: ExpectedVersion,
) -> Response:
    """系统登记 / the household is monitored, or its risk is marked as eliminated; the case is complete (M-1.1.14)."""

    async def act(uow: UnitOfWork, seen: Seen, book: ParameterBook) -> Case:
        case = await cases.read(uow.driver, seen.case_id, within=seen.within)
        if case.procedure == ELIMINATION:
            return await eliminate.register(uow, seen=seen, book=book)
        return await decide_case.register(uow, seen=seen)

    return await _run(request, caller, command, case_id, version, act)


@router.post("/return", summary="Send a case back to an earlier step")
async def post_case_return(
    case_id: UUID, body: ReturnInput, request: Request, caller: MayReturnCases, command: Command,
    version: ExpectedVersion,
) -> Response:  # fmt: skip
    """退回 / with a reason; a new round begins, and who acted before stays kept apart (M-1.1.13)."""

    async def act(uow: UnitOfWork, seen: Seen, _book: ParameterBook) -> Case:
        async with case_steps.changing(uow, seen) as case:
            case.back_to(body.to_step, by=uow.person, on=seen.on, reason=body.reason)
        return case

    return await _run(request, caller, command, case_id, version, act)


@router.post("/withdrawal", summary="Withdraw a case")
async def post_case_withdrawal(
    case_id: UUID, body: WithdrawalInput, request: Request, caller: MayWithdrawCases, command: Command,
    version: ExpectedVersion,
) -> Response:  # fmt: skip
    """撤回 / nothing of it is lost; a later case begins anew."""

    async def act(uow: UnitOfWork, seen: Seen, _book: ParameterBook) -> Case:
        async with case_steps.changing(uow, seen) as case:
            case.withdraw(by=uow.person, on=seen.on, reason=body.reason)
        return case

    return await _run(request, caller, command, case_id, version, act)


@router.post("/green-channel", summary="Open the green channel")
async def post_case_green_channel(
    case_id: UUID, body: GreenChannelInput, request: Request, caller: MayOpenGreenChannel, command: Command,
    version: ExpectedVersion,
) -> Response:  # fmt: skip
    """绿色通道 / measures first, with evidence; what was skipped falls due by a day (M-1.1.15)."""

    async def act(uow: UnitOfWork, seen: Seen, book: ParameterBook) -> Case:
        return await case_steps.open_green_channel(
            uow, seen=seen, reason=body.reason, attachments=body.attachments, book=book
        )

    return await _run(request, caller, command, case_id, version, act)
