"""The life of one household over HTTP: corrections, members who join, leave or die, moves and ends (M-1.1.4).

Each command names its day, its reason and, in `If-Match`, the version that its caller saw. Answers hold ids and
versions. Splits and mergers, which concern two households, stand in split_and_merge.py.
"""

from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import Response

from chassis.idempotency import Answer, Command, Once
from chassis.identity import Caller
from chassis.preconditions import ExpectedVersion, etag
from chassis.unit_of_work import UnitOfWork
from services.monitoring.api.access import MayWriteHouseholds
from services.monitoring.api.households import OutsideDivision, runtime_of
from services.monitoring.api.life_schemas import (
    CorrectionInput,
    DeathInput,
    DepartureInput,
    EndInput,
    HeadInput,
    JoinInput,
    MemberCorrectionInput,
    MoveInput,
    SuccessionInput,
)
from services.monitoring.commands import change_household
from services.monitoring.commands.change_household import Seen
from services.monitoring.domain.household import Household
from services.monitoring.domain.ids import HouseholdId, MemberId
from services.monitoring.domain.member import NewMember, Succession

router = APIRouter(prefix="/households/{household_id}", tags=["household life"])


@router.post("/corrections", summary="Record other details of a household")
async def post_correction(
    household_id: UUID, body: CorrectionInput, caller: MayWriteHouseholds, command: Command, version: ExpectedVersion
) -> Response:
    """更正户信息 / type, site, risks, guarantees, national number; the former ones are kept."""

    def change(household: Household) -> None:
        household.correct(details=body.applied_to(household.details), on=body.on, reason=body.reason)

    return await _changed(command, caller, seen(caller, household_id, version), body.on, change)


@router.post("/members", status_code=201, summary="A member joins")
async def post_member(
    household_id: UUID,
    body: JoinInput,
    request: Request,
    caller: MayWriteHouseholds,
    command: Command,
    version: ExpectedVersion,
) -> Response:
    """家庭成员增加 / born, married in, come home."""
    member_id = MemberId(str(uuid4()))
    details = body.member.to_domain(runtime_of(request).person_key_secret)

    def change(household: Household) -> None:
        household.join(member=NewMember(id=member_id, details=details), on=body.on, reason=body.reason)

    async def effect(uow: UnitOfWork) -> Answer:
        household = await change_household.change_household(
            uow, seen=seen(caller, household_id, version), on=body.on, change=change
        )
        return Answer(201, {**body_of(household), "member_id": member_id}, {"ETag": etag(household.version)})

    return await command.run(caller, effect)


@router.post("/members/{member_id}/corrections", summary="Record other details of a member")
async def post_member_correction(
    household_id: UUID,
    member_id: UUID,
    body: MemberCorrectionInput,
    request: Request,
    caller: MayWriteHouseholds,
    command: Command,
    version: ExpectedVersion,
) -> Response:
    """更正成员信息 / the former details are kept."""
    secret = runtime_of(request).person_key_secret

    def change(household: Household) -> None:
        known = household.member(MemberId(str(member_id))).details
        household.correct_member(
            member_id=MemberId(str(member_id)),
            details=body.member.applied_to(known, secret),
            on=body.on,
            reason=body.reason,
        )

    return await _changed(command, caller, seen(caller, household_id, version), body.on, change)


@router.post("/members/{member_id}/departure", summary="A member leaves")
async def post_departure(
    household_id: UUID,
    member_id: UUID,
    body: DepartureInput,
    caller: MayWriteHouseholds,
    command: Command,
    version: ExpectedVersion,
) -> Response:
    """家庭成员减少 / the last one does not leave: the household is ended."""

    def change(household: Household) -> None:
        household.leave(
            member_id=MemberId(str(member_id)),
            on=body.on,
            reason=body.reason,
            succession=succession_of(body.succession),
        )

    return await _changed(command, caller, seen(caller, household_id, version), body.on, change)


@router.post("/members/{member_id}/death", summary="A member died")
async def post_death(
    household_id: UUID,
    member_id: UUID,
    body: DeathInput,
    caller: MayWriteHouseholds,
    command: Command,
    version: ExpectedVersion,
) -> Response:
    """成员死亡 / with its last member the household ends."""

    def change(household: Household) -> None:
        household.die(member_id=MemberId(str(member_id)), on=body.on, succession=succession_of(body.succession))

    return await _changed(command, caller, seen(caller, household_id, version), body.on, change)


@router.post("/head", summary="Another member becomes head")
async def post_head(
    household_id: UUID, body: HeadInput, caller: MayWriteHouseholds, command: Command, version: ExpectedVersion
) -> Response:
    """变更户主 / the former head's relation is restated."""

    def change(household: Household) -> None:
        household.change_head(succession=body.succession.to_domain(), on=body.on, reason=body.reason)

    return await _changed(command, caller, seen(caller, household_id, version), body.on, change)


@router.post("/moves", summary="The household moves to another village of the county")
async def post_move(
    household_id: UUID, body: MoveInput, caller: MayWriteHouseholds, command: Command, version: ExpectedVersion
) -> Response:
    """搬迁 / both villages must lie within the caller's division."""

    async def effect(uow: UnitOfWork) -> Answer:
        if not caller.division.contains(body.to_division):
            raise OutsideDivision()
        household = await change_household.move_household(
            uow,
            seen=seen(caller, household_id, version),
            to_division=body.to_division,
            on=body.on,
            reason=body.reason,
        )
        return answer_of(household)

    return await command.run(caller, effect)


@router.post("/end", summary="The household ends without successor")
async def post_end(
    household_id: UUID, body: EndInput, caller: MayWriteHouseholds, command: Command, version: ExpectedVersion
) -> Response:
    """整户终止 / it left the county or was registered by mistake; nothing is deleted."""

    def change(household: Household) -> None:
        household.end(on=body.on, reason=body.reason)

    return await _changed(command, caller, seen(caller, household_id, version), body.on, change)


async def _changed(
    command: Once, caller: Caller, seen_: Seen, on: date, change: Callable[[Household], None]
) -> Response:
    async def effect(uow: UnitOfWork) -> Answer:
        return answer_of(await change_household.change_household(uow, seen=seen_, on=on, change=change))

    return await command.run(caller, effect)


def seen(caller: Caller, household_id: UUID, version: int) -> Seen:
    """The household as the caller saw it."""
    return Seen(household_id=HouseholdId(str(household_id)), version=version, within=str(caller.division))


def succession_of(given: SuccessionInput | None) -> Succession | None:
    return given.to_domain() if given else None


def body_of(household: Household) -> dict[str, object]:
    """Id, version and whether it goes on: nothing personal, for answers are stored as sent."""
    return {
        "id": household.id,
        "version": household.version,
        "state": "ended" if household.ended else "registered",
        "link": f"/v1/households/{household.id}",
    }


def answer_of(household: Household) -> Answer:
    return Answer(200, body_of(household), {"ETag": etag(household.version)})
