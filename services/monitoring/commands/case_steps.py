"""The steps of a case: each loads it at the version that its caller saw, changes it once and saves it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from chassis.attachments import evidence
from chassis.unit_of_work import UnitOfWork
from contracts.decision import ParameterUsed
from contracts.parameters import ParameterBook
from contracts.procedure import Vote
from services.monitoring.domain import case_publicity
from services.monitoring.domain.case import Case
from services.monitoring.domain.case_parts import Authorization, GreenChannel, Hit, Publicity
from services.monitoring.domain.household import Household
from services.monitoring.domain.ids import MemberId
from services.monitoring.storage import cases, households

ADULT_AGE = "monitoring.authorization.adult-age"
QUORUM, MAJORITY = "monitoring.review.quorum", "monitoring.review.majority"
PUBLICITY_DAYS, COUNTED_IN = "monitoring.publicity.days", "monitoring.publicity.counted-in"
GREEN_CHANNEL_DAYS = "monitoring.green-channel.days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A case as the caller saw it: its version, the division in which the caller may act, and today."""

    case_id: str
    version: int
    within: str
    on: date


@asynccontextmanager
async def changing(uow: UnitOfWork, seen: Seen) -> AsyncIterator[Case]:
    """The case, locked, saved when it changed. Raises Missing and Stale."""
    case = await cases.load(uow, seen.case_id, within=seen.within, expected_version=seen.version)
    yield case
    if case.version != seen.version:
        await cases.save(uow, case)


async def household_of(uow: UnitOfWork, seen: Seen) -> Household:
    """The household of a case, locked: before the case itself, as by every command of a household's life.

    Should it pass to another one in between, the case has another version, and `changing` raises Stale. Raises Missing.
    """
    case = await cases.read(uow.driver, seen.case_id, within=seen.within)
    (household,) = await households.load_many(uow, [case.household_id])
    return household


async def adults_of(uow: UnitOfWork, case: Case, on: date, book: ParameterBook) -> list[MemberId]:
    """The members who have come of age by a day; who has no birth date is asked as well."""
    (household,) = await households.read_many(uow.driver, [case.household_id])
    return adults(household, on, book.find(ADULT_AGE, on, case.division).whole)


def adults(household: Household, on: date, age: int) -> list[MemberId]:
    return [
        member.id for member in household.members_on(on) if (years := member.details.age_on(on)) is None or years >= age
    ]


async def authorize(
    uow: UnitOfWork,
    *,
    seen: Seen,
    signed_on: date,
    expires_on: date,
    scope: Sequence[str],
    signed_by: Sequence[MemberId],
    attachments: Sequence[UUID],
    book: ParameterBook,
) -> Case:
    """Record the signed authorisation of the household's adults (M-1.1.9)."""
    async with changing(uow, seen) as case:
        await evidence.cite(uow, attachments, within=seen.within)
        given = Authorization(
            signed_on=signed_on,
            expires_on=expires_on,
            scope=tuple(scope),
            adults=tuple(signed_by),
            attachments=tuple(map(str, attachments)),
        )
        case.authorize(given, adults=await adults_of(uow, case, seen.on, book), by=uow.person, on=seen.on)
    return case


async def review(
    uow: UnitOfWork, *, seen: Seen, vote: Vote, held_on: date, minutes: Sequence[UUID], book: ParameterBook
) -> Case:
    """Record the village's vote (M-1.1.10), judged by the quorum and majority of its day."""
    async with changing(uow, seen) as case:
        await evidence.cite(uow, minutes, within=seen.within, pointer="/minutes")
        case.reviewed(
            vote,
            held_on=held_on,
            minutes=tuple(map(str, minutes)),
            quorum=book.find(QUORUM, held_on, case.division),
            majority=book.find(MAJORITY, held_on, case.division),
            by=uow.person,
            on=seen.on,
        )
    return case


async def open_publicity(uow: UnitOfWork, *, seen: Seen, place: str, book: ParameterBook) -> tuple[Case, Publicity]:
    """Put the notice up in the village today (M-1.1.11)."""
    async with changing(uow, seen) as case:
        opened = case_publicity.open_publicity(
            case,
            publicity_id=str(uuid4()),
            place=place,
            days=book.find(PUBLICITY_DAYS, seen.on, case.division),
            counted=book.find(COUNTED_IN, seen.on, case.division),
            by=uow.person,
            on=seen.on,
        )
    return case, opened


async def file_objection(
    uow: UnitOfWork,
    case: Case,
    *,
    publicity_id: str,
    content: str,
    name: str | None,
    phone: str | None,
    on: date,
) -> str:
    """Record an objection to a running publicity; what was said is kept apart. The limit stands still from now on."""
    objection_id = str(uuid4())
    case_publicity.file_objection(case, publicity_id=publicity_id, objection_id=objection_id, on=on)
    await cases.save(uow, case)
    await cases.add_objection(uow, case, objection_id=objection_id, content=content, name=name, phone=phone, on=on)
    return objection_id


async def compare(
    uow: UnitOfWork, *, seen: Seen, found: Sequence[tuple[str, str, MemberId | None]], book: ParameterBook
) -> Case:
    """Record what departments' data say: source, kind and member of each hit (M-1.1.12)."""
    async with changing(uow, seen) as case:
        hits = [
            Hit(id=str(uuid4()), source=source, kind=kind, member_id=member_id) for source, kind, member_id in found
        ]
        case.compared(hits, adults=await adults_of(uow, case, seen.on, book), by=uow.person, on=seen.on)
    return case


async def open_green_channel(
    uow: UnitOfWork, *, seen: Seen, reason: str, attachments: Sequence[UUID], book: ParameterBook
) -> Case:
    """Let measures come first; the skipped steps fall due (M-1.1.15)."""
    async with changing(uow, seen) as case:
        await evidence.cite(uow, attachments, within=seen.within)
        days = book.find(GREEN_CHANNEL_DAYS, seen.on, case.division)
        channel = GreenChannel(
            reason=reason,
            opened_on=seen.on,
            due_on=seen.on + timedelta(days=days.whole),
            attachments=tuple(map(str, attachments)),
            limit=ParameterUsed.of(days),
        )
        case.open_green_channel(channel, by=uow.person, on=seen.on)
    return case
