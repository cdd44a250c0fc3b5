"""Posts, applications and placements in the database. The quota of a post is a constraint, not a count."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from chassis.unit_of_work import UnitOfWork
from contracts.decision import Finding
from contracts.month import Month
from services.employment.domain import errors
from services.employment.domain.post_rules import Candidate

_OPEN = """
insert into post (id, division, kind, duty, monthly_pay, places, opened_on, opened_by)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_POST = "select id::text, division, kind, places, filled from post where id = $1 and division like $2 || '%'"
_APPLY = """
insert into post_application (id, post_id, household_id, member_id, cares, applied_on, state)
select $1, $2, household_id, id, $4, $5, 'waiting' from known_member where id = $3 and left_on is null
returning household_id::text
"""
# Months held are whole months, begun ones counted: what runs counts to its end.
_CANDIDATES = """
select application.id::text as application_id, number, applied_on, application.state, cares,
       member.id::text as member_id, member.person_key, member.birth_month, member.sex, member.labour,
       household.id::text as household_id, household.division, household.household_type,
       household.monitored_class is not null as monitored,
       (select count(*) from placement where member_id = member.id and ended_on is null) as posts_held,
       (select count(*) from placement where household_id = household.id and ended_on is null) as household_posts,
       (select count(*) from placement where member_id = member.id) as placements,
       (select coalesce(sum(ceil((coalesce(ended_on, until_on) - from_on) / 30.4)), 0)
        from placement where member_id = member.id)::int as months_held
from post_application as application
join known_member as member on member.id = member_id and left_on is null
join known_household as household on household.id = member.household_id
where post_id = $1 and (application.state = 'waiting' or application.id = $2)
order by number
"""
_LOCK = "select id from known_household where id = $1 for update"
_FILL = "update post set filled = filled + 1, version = version + 1 where id = $1"
_PLACE = """
insert into placement (id, post_id, application_id, household_id, member_id, person_key, division, from_on, until_on,
                       assigned_by, findings)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_DECIDED = "update post_application set state = 'assigned' where id = $1 and state = 'waiting'"
_PLACEMENT = """
select placement.*, kind from placement join post on post.id = post_id
where placement.id = $1 and placement.division like $2 || '%' for update of placement
"""
_END = "update placement set ended_on = $2, end_reason = $3, version = version + 1 where id = $1"
_FREE = "update post set filled = filled - 1, version = version + 1 where id = $1"


@dataclass(frozen=True, slots=True)
class Waiting:
    """An application with what is known of its person today, and its household and division."""

    candidate: Candidate
    member_id: str
    household_id: str
    division: str
    person_key: str | None
    state: str


async def open_post(
    uow: UnitOfWork, *, division: str, kind: str, duty: str, monthly_pay: Decimal, places: int, on: date
) -> str:
    post_id = str(uuid4())
    await uow.driver.execute(_OPEN, post_id, division, kind, duty, monthly_pay, places, on, uow.person)
    return post_id


async def post(connection: asyncpg.Connection, post_id: UUID, within: str) -> dict[str, Any] | None:
    row = await connection.fetchrow(_POST, post_id, within)
    return None if row is None else dict(row)


async def apply(uow: UnitOfWork, post_id: UUID, member_id: UUID, *, cares: bool, on: date) -> str:
    """Raises NoSuchPerson and AppliedBefore."""
    application_id = str(uuid4())
    try:
        household = await uow.driver.fetchval(_APPLY, application_id, post_id, member_id, cares, on)
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "post_application_waiting":
            raise errors.AppliedBefore from error
        raise
    if household is None:
        raise errors.NoSuchPerson
    return application_id


async def waiting(connection: asyncpg.Connection, post_id: UUID, application_id: UUID | None = None) -> list[Waiting]:
    """Who waits for a post, and one application more whatever its state, in order of arrival."""
    rows = await connection.fetch(_CANDIDATES, post_id, application_id)
    return [_waiting(row) for row in rows]


def _waiting(row: asyncpg.Record) -> Waiting:
    candidate = Candidate(
        application_id=row["application_id"],
        applied_on=row["applied_on"],
        number=row["number"],
        birth_month=Month.parse(row["birth_month"]) if row["birth_month"] else None,
        sex=row["sex"],
        labour=row["labour"],
        household_type=row["household_type"],
        monitored=row["monitored"],
        household_works=row["household_posts"] > 0,
        cares=row["cares"],
        posts_held=row["posts_held"],
        household_posts=row["household_posts"],
        months_held=row["months_held"],
        placements=row["placements"],
    )
    return Waiting(candidate, row["member_id"], row["household_id"], row["division"], row["person_key"], row["state"])


async def lock_household(uow: UnitOfWork, household_id: str) -> None:
    """Limits of persons and households are judged one after the other."""
    await uow.driver.execute(_LOCK, household_id)


async def place(
    uow: UnitOfWork, post_id: UUID, one: Waiting, *, from_on: date, until_on: date, findings: Sequence[Finding]
) -> str:
    """Fill one place. Raises NoPlaceFree by the constraint of the post, and NotWaiting."""
    if await uow.driver.execute(_DECIDED, one.candidate.application_id) != "UPDATE 1":
        raise errors.NotWaiting
    try:
        await uow.driver.execute(_FILL, post_id)
    except asyncpg.CheckViolationError as error:
        if error.constraint_name == "post_quota":
            raise errors.NoPlaceFree from error
        raise
    placement_id = str(uuid4())
    said = json.dumps([finding.model_dump(mode="json") for finding in findings])
    await uow.driver.execute(
        _PLACE, placement_id, post_id, one.candidate.application_id, one.household_id, one.member_id, one.person_key,
        one.division, from_on, until_on, uow.person, said,
    )  # fmt: skip
    return placement_id


async def load_placement(uow: UnitOfWork, placement_id: UUID, within: str) -> asyncpg.Record | None:
    """One placement with its kind, locked; None outside of the division."""
    return await uow.driver.fetchrow(_PLACEMENT, placement_id, within)


async def end_placement(uow: UnitOfWork, placement: asyncpg.Record, *, on: date, reason: str) -> None:
    """The place is free again."""
    await uow.driver.execute(_END, placement["id"], on, reason)
    await uow.driver.execute(_FREE, placement["post_id"])
