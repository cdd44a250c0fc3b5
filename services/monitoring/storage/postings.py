"""Village teams in the database: postings with their terms, and days of attendance, each recorded once (S-4.4)."""

from collections.abc import Sequence
from datetime import date

import asyncpg

from chassis.unit_of_work import UnitOfWork
from contracts.errors import Missing, Stale
from services.monitoring.domain import errors
from services.monitoring.domain.ids import PostingId
from services.monitoring.domain.village_team import FIRST_SECRETARY, Attendance, Posting, village_team_changed

_COLUMNS = "id, division, post, officer_sub, name, sent_by, from_on, term_until_on, left_on"
_INSERT = f"""
insert into posting ({_COLUMNS}, version, recorded_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10)
"""
_RIVALS = f"select {_COLUMNS} from posting where division = $1 or officer_sub = $2"
_LOCK = f"select {_COLUMNS}, version from posting where id = $1 and division = $2 for update"
_LEAVE = "update posting set left_on = $2, version = version + 1 where id = $1 returning version"
_ATTEND = """
insert into attendance (posting_id, attended_on, recorded_by)
select $1, day, $3 from unnest($2::date[]) as day on conflict do nothing
"""
_ATTENDED = "select posting_id, attended_on from attendance where posting_id = any($1::uuid[])"
# The villages that are watched are those in which households live or a team ever served.
_WATCHED = """
select division, min(since) as since from (
    select division, registered_on as since from household where ended_on is null and division like $1 || '%'
    union all
    select division, from_on from posting where division like $1 || '%') as village
where since <= $2 group by division order by division
"""
_SECRETARIES = f"select {_COLUMNS} from posting where post = '{FIRST_SECRETARY}' and division like $1 || '%'"
_OF_VILLAGE = f"""
select {_COLUMNS}, masked_name, version from posting
where division = $1 and from_on <= $2 and ($3 or left_on is null or $2 < left_on)
order by post, from_on, id
"""


async def rivals(connection: asyncpg.Connection, posting: Posting) -> list[Posting]:
    """Every posting that could take the same chair or the same person."""
    return [_posting(row) for row in await connection.fetch(_RIVALS, posting.division, posting.officer_sub)]


async def add(uow: UnitOfWork, posting: Posting) -> None:
    """Write a posting with its event. Raises PostIsTaken when another one was quicker."""
    values = [getattr(posting, name) for name in _COLUMNS.split(", ")]
    try:
        await uow.driver.execute(_INSERT, *values, uow.person)
    except asyncpg.UniqueViolationError as error:
        raise errors.PostIsTaken from error
    uow.raise_events([village_team_changed(posting)])


async def load(uow: UnitOfWork, posting_id: PostingId, *, village: str, expected_version: int | None = None) -> Posting:
    """One posting of a village, locked. Raises Missing and Stale."""
    row = await uow.driver.fetchrow(_LOCK, posting_id, village)
    if row is None:
        raise Missing
    if expected_version is not None and row["version"] != expected_version:
        raise Stale
    return _posting(row)


async def save_departure(uow: UnitOfWork, posting: Posting) -> int:
    """Write the end of a posting with its event; returns the new version."""
    version = await uow.driver.fetchval(_LEAVE, posting.id, posting.left_on)
    uow.raise_events([village_team_changed(posting)])
    return int(version)


async def attend(uow: UnitOfWork, posting_id: PostingId, days: Sequence[date]) -> int:
    """Record days in the village; returns how many were new."""
    done: str = await uow.driver.execute(_ATTEND, posting_id, list(days), uow.person)
    return int(done.rsplit(" ", 1)[1])


async def attendance(connection: asyncpg.Connection, ids: Sequence[PostingId]) -> list[Attendance]:
    rows = await connection.fetch(_ATTENDED, list(ids))
    return [Attendance(posting_id=PostingId(str(row["posting_id"])), on=row["attended_on"]) for row in rows]


async def of_village(
    connection: asyncpg.Connection, village: str, day: date, *, former: bool
) -> list[tuple[Posting, str, int]]:
    """Who serves a village on a day (and who served before), each with the masked name and the version."""
    rows = await connection.fetch(_OF_VILLAGE, village, day, former)
    return [(_posting(row), row["masked_name"], row["version"]) for row in rows]


async def watched_villages(connection: asyncpg.Connection, within: str, day: date) -> list[tuple[str, date]]:
    """The villages of a division with the day since which each is watched."""
    return [(row["division"], row["since"]) for row in await connection.fetch(_WATCHED, within, day)]


async def first_secretaries(connection: asyncpg.Connection, within: str) -> list[Posting]:
    """Every posting as first secretary in a division, past ones included."""
    return [_posting(row) for row in await connection.fetch(_SECRETARIES, within)]


def _posting(row: asyncpg.Record) -> Posting:
    values = {name: row[name] for name in _COLUMNS.split(", ")}
    return Posting(**{**values, "id": PostingId(str(row["id"]))})
