"""Send people to a village's resident team, end their postings, record their days there (S-4.4)."""

from collections.abc import Sequence
from datetime import date

from chassis.unit_of_work import UnitOfWork
from services.monitoring.commands.change_household import refuse_future
from services.monitoring.domain import errors
from services.monitoring.domain.ids import PostingId
from services.monitoring.domain.village_team import Posting, left, take_up
from services.monitoring.storage import postings


async def send_to_village(uow: UnitOfWork, *, posting: Posting) -> None:
    """Someone takes up a place. Raises DayInFuture, InvalidRelation, PostIsTaken."""
    refuse_future(uow, posting.from_on)
    take_up(await postings.rivals(uow.driver, posting), posting)
    await postings.add(uow, posting)


async def end_posting(uow: UnitOfWork, *, posting_id: PostingId, village: str, expected_version: int, on: date) -> int:
    """Someone leaves the team from a day on; the new version. Raises Missing, Stale, DayInFuture, InvalidRelation."""
    refuse_future(uow, on)
    posting = await postings.load(uow, posting_id, village=village, expected_version=expected_version)
    return await postings.save_departure(uow, left(posting, on))


async def record_attendance(uow: UnitOfWork, *, posting_id: PostingId, village: str, days: Sequence[date]) -> int:
    """Days that someone of the team spent in the village; how many were new.

    Raises Missing, DayInFuture, and InvalidRelation for a day on which the posting did not run.
    """
    refuse_future(uow, max(days))
    posting = await postings.load(uow, posting_id, village=village)
    if not all(posting.serves(day) for day in days):
        raise errors.InvalidRelation
    return await postings.attend(uow, posting_id, days)
