"""The resident team of a village: first secretary and members with their terms, attendance, vacancies (S-4.4)."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from contracts.events.envelope import Raised
from contracts.events.monitoring import VillageTeamChanged
from contracts.month import Month
from services.monitoring.domain import errors
from services.monitoring.domain.codes import codes_of
from services.monitoring.domain.household_details import division_errors
from services.monitoring.domain.ids import PostingId

FIRST_SECRETARY = "first-secretary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Someone's place in a team; `term_until_on` is the first day after the term, `left_on` the actual end."""

    id: PostingId
    division: str
    post: str
    officer_sub: str
    name: str = field(repr=False)
    sent_by: str
    """The unit that sent the person."""
    from_on: date
    term_until_on: date
    left_on: date | None = None

    def serves(self, day: date) -> bool:
        """A term that has run out is served on until the posting is ended or followed."""
        return self.from_on <= day and (self.left_on is None or day < self.left_on)

    def term_is_over(self, day: date) -> bool:
        return self.serves(day) and day >= self.term_until_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """A day in the village, recorded once."""

    posting_id: PostingId
    on: date


def take_up(known: Iterable[Posting], new: Posting) -> None:
    """Refuse what cannot be: InvalidRelation for its fields, PostIsTaken when the place or the person is taken."""
    unknown = division_errors(new.division) or new.post not in codes_of("village-team-posts", new.from_on)
    if unknown or new.term_until_on <= new.from_on or not new.officer_sub:
        raise errors.InvalidRelation
    for posting in known:
        runs = posting.left_on is None or new.from_on < posting.left_on
        same_person = posting.officer_sub == new.officer_sub
        same_chair = posting.division == new.division and posting.post == new.post == FIRST_SECRETARY
        if runs and (same_person or same_chair):
            raise errors.PostIsTaken


def left(posting: Posting, on: date) -> Posting:
    """The posting, ended from a day on; raises InvalidRelation when it had ended or not begun."""
    if posting.left_on is not None or on <= posting.from_on:
        raise errors.InvalidRelation
    return replace(posting, left_on=on)


def days_attended(attendance: Iterable[Attendance], posting_id: PostingId, month: Month) -> int:
    """Different days of a month that a posting spent in the village."""
    return len({one.on for one in attendance if one.posting_id == posting_id and Month.of(one.on) == month})


def vacant_since(postings: Iterable[Posting], *, division: str, watched_from: date, day: date) -> date | None:
    """The first day of the running time without first secretary, or None while one serves.

    A village that never had one is vacant from the day on which it is watched.
    """
    chairs = [
        posting
        for posting in postings
        if posting.division == division and posting.post == FIRST_SECRETARY and posting.from_on <= day
    ]
    if any(posting.serves(day) for posting in chairs):
        return None
    return max([watched_from, *(posting.left_on for posting in chairs if posting.left_on)])


def vacancy_alert(since: date | None, *, tolerated_days: int, day: date) -> bool:
    """Whether the place is empty for more days than tolerated, the first empty day counted."""
    return since is not None and day - since >= timedelta(days=tolerated_days)


def village_team_changed(posting: Posting) -> Raised:
    """The public event: which place of which village began or ended, not whose."""
    return Raised(
        data=VillageTeamChanged(
            division=posting.division,
            posting_id=posting.id,
            post=posting.post,
            change="started" if posting.left_on is None else "ended",
            changed_on=posting.left_on or posting.from_on,
        ),
        key=f"posting/{posting.id}",
        subject=posting.id,
        division=posting.division,
    )
