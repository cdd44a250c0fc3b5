"""Public-welfare posts: opened, applied for, assigned by limits and order, ended (M-2.2.7)."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from chassis.unit_of_work import UnitOfWork
from contracts.decision import Answer
from contracts.dictionary import dictionary
from contracts.errors import Missing
from contracts.events.employment import PostOpened, PublicWelfarePostAssigned, PublicWelfarePostEnded
from contracts.events.envelope import Raised
from contracts.month import Month
from contracts.parameters import ParameterBook
from services.employment.domain import errors
from services.employment.domain.post_rules import limit_findings, ranked
from services.employment.storage import posts
from services.employment.storage.posts import Waiting

KINDS, END_REASONS = "public-welfare-post-kinds", "placement-end-reasons"


async def open_post(
    uow: UnitOfWork, *, division: str, kind: str, duty: str, monthly_pay: Decimal, places: int, on: date
) -> str:
    """Raises InvalidPost for a kind that the dictionary does not have."""
    if kind not in dictionary(KINDS).codes(on):
        raise errors.InvalidPost
    post_id = await posts.open_post(
        uow, division=division, kind=kind, duty=duty, monthly_pay=monthly_pay, places=places, on=on
    )
    told = PostOpened(post_id=post_id, division=division, kind=kind, places=places, opened_on=on)
    uow.raise_events([Raised(data=told, key=f"post/{post_id}", subject=post_id, division=division)])
    return post_id


async def assign(
    uow: UnitOfWork,
    *,
    application_id: UUID,
    post_id: UUID,
    from_on: date,
    months: int,
    within: str,
    on: date,
    book: ParameterBook,
) -> tuple[str, int]:
    """Place an applicant for so many months; answers the placement and the place in the order of priority.

    Raises Missing, NotWaiting, NoPlaceFree, and PlacementRefused with the findings that stand against it.
    """
    post = await posts.post(uow.driver, post_id, within)
    found = await _one(uow, post_id, application_id)
    if post is None or found is None:
        raise Missing
    await posts.lock_household(uow, found.household_id)
    everybody = await posts.waiting(uow.driver, post_id, application_id)
    one = next(each for each in everybody if each.candidate.application_id == str(application_id))
    if one.state != "waiting":
        raise errors.NotWaiting
    findings = limit_findings(one.candidate, months, book=book, day=from_on, division=one.division)
    if any(finding.answer is not Answer.YES for finding in findings):
        raise errors.PlacementRefused(findings=[each for each in findings if each.answer is not Answer.YES])
    in_order, _ = ranked([each.candidate for each in everybody], book=book, day=on, division=post["division"])
    place = next(each.place for each in in_order if each.candidate is one.candidate)
    until_on = _after(from_on, months)
    placement_id = await posts.place(uow, post_id, one, from_on=from_on, until_on=until_on, findings=findings)
    told = PublicWelfarePostAssigned(
        household_id=one.household_id,
        division=one.division,
        member_id=one.member_id,
        placement_id=placement_id,
        post_id=str(post_id),
        kind=post["kind"],
        from_on=from_on,
        until_on=until_on,
        place_in_order=place,
    )
    uow.raise_events(
        [Raised(data=told, key=f"household/{one.household_id}", subject=placement_id, division=one.division)]
    )
    return placement_id, place


async def end(uow: UnitOfWork, *, placement_id: UUID, on: date, reason: str, within: str, today: date) -> None:
    """Raises Missing, PlacementHasEnded, InvalidPost."""
    if reason not in dictionary(END_REASONS).codes(today):
        raise errors.InvalidPost
    placement = await posts.load_placement(uow, placement_id, within)
    if placement is None:
        raise Missing
    if placement["ended_on"] is not None:
        raise errors.PlacementHasEnded
    if on < placement["from_on"] or on > today:
        raise errors.InvalidPost
    await posts.end_placement(uow, placement, on=on, reason=reason)
    told = PublicWelfarePostEnded(
        household_id=str(placement["household_id"]),
        division=placement["division"],
        member_id=str(placement["member_id"]),
        placement_id=str(placement_id),
        post_id=str(placement["post_id"]),
        kind=placement["kind"],
        ended_on=on,
        reason=reason,
    )
    key = f"household/{placement['household_id']}"
    uow.raise_events([Raised(data=told, key=key, subject=str(placement_id), division=placement["division"])])


async def _one(uow: UnitOfWork, post_id: UUID, application_id: UUID) -> Waiting | None:
    everybody = await posts.waiting(uow.driver, post_id, application_id)
    return next((each for each in everybody if each.candidate.application_id == str(application_id)), None)


def _after(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    month = Month.of(day).plus(months)
    return min(date(month.year, month.number, min(day.day, month.last_day.day)), month.last_day)
