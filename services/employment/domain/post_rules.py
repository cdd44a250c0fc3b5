"""Who may hold a public-welfare post, and who comes first (M-2.2.7).

Each limit is a finding. The order of priority is a dated parameter: criteria from the first to the last; who meets an
earlier one comes first, whatever else holds. Equals are ordered by the day of application, then by its number, so the
same applications always stand in the same order, and each says why.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.decision import Answer, Because, Finding, ParameterUsed
from contracts.month import Month
from contracts.parameters import ParameterBook, ParameterValue
from services.employment.domain.ages import has_passed, has_reached

CLAUSE = "M-2.2.7"
PRIORITY = "employment.posts.priority"
_WEAK, _UNABLE = "weak", frozenset({"lost", "none"})
_FEMALE = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What employment knows of an applicant and the household on the day. None: not known."""

    application_id: str
    applied_on: date
    number: int
    """Of the application, in order of arrival."""
    birth_month: Month | None
    sex: str | None
    labour: str | None
    household_type: str
    monitored: bool
    household_works: bool
    """Whether any member has work."""
    cares: bool
    """For somebody of the household who cannot be left alone."""
    posts_held: int
    household_posts: int
    months_held: int
    placements: int


def limit_findings(
    candidate: Candidate, months: int, *, book: ParameterBook, day: date, division: str
) -> tuple[Finding, ...]:
    """Whether the candidate may be placed for so many months. Raises ParameterMissing."""

    def find(name: str) -> ParameterValue:
        return book.find(f"employment.posts.{name}", day, division)

    per_person, per_household = find("max-per-person"), find("max-per-household")
    longest, times = find("max-months"), find("max-placements")
    return (
        _age(candidate.birth_month, find("min-age"), find("max-age"), day),
        _labour(candidate.labour),
        _found(
            "posts-per-person", candidate.posts_held < per_person.whole,
            f"本人在岗 {candidate.posts_held} 个", f"holds {candidate.posts_held} posts", per_person,
        ),
        _found(
            "posts-per-household", candidate.household_posts < per_household.whole,
            f"本户在岗 {candidate.household_posts} 个", f"the household holds {candidate.household_posts}",
            per_household,
        ),
        _found(
            "total-months", candidate.months_held + months <= longest.whole,
            f"累计 {candidate.months_held} 个月，再加 {months} 个月",
            f"{candidate.months_held} months and {months} more", longest,
        ),
        _found(
            "placements", candidate.placements < times.whole,
            f"已安置 {candidate.placements} 次", f"placed {candidate.placements} times before", times,
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A candidate's place, from 1, and the criteria that were met."""

    candidate: Candidate
    place: int
    met: tuple[str, ...]


def ranked(
    candidates: Sequence[Candidate], *, book: ParameterBook, day: date, division: str
) -> tuple[tuple[Ranked, ...], ParameterUsed]:
    """Everybody in order of priority, with the order that was used. Raises ParameterMissing, and ValueError for a
    criterion that nothing knows."""
    order = book.find(PRIORITY, day, division)
    unknown = set(order.value) - CRITERIA.keys()
    if unknown:
        raise ValueError(f"unknown criteria of priority: {sorted(unknown)}")

    def key(candidate: Candidate) -> tuple[object, ...]:
        return (*(not CRITERIA[name](candidate) for name in order.value), candidate.applied_on, candidate.number)

    in_order = sorted(candidates, key=key)
    return (
        tuple(
            Ranked(candidate=one, place=place, met=tuple(name for name in order.value if CRITERIA[name](one)))
            for place, one in enumerate(in_order, 1)
        ),
        ParameterUsed.of(order),
    )


CRITERIA: Mapping[str, Callable[[Candidate], bool]] = {
    "monitored": lambda one: one.monitored,
    "relieved": lambda one: one.household_type == "relieved",
    "nobody-works": lambda one: not one.household_works,
    "weak-labour": lambda one: one.labour == _WEAK,
    "female-carer": lambda one: one.sex == _FEMALE and one.cares,
}
"""What a criterion asks of a candidate."""


def _age(born: Month | None, youngest: ParameterValue, oldest: ParameterValue, day: date) -> Finding:
    if born is None:
        return _found("age", None, "出生月份未知", "the month of birth is not known", youngest, oldest)
    fits = has_reached(born, youngest.whole, day) and not has_passed(born, oldest.whole, day)
    return _found(
        "age", fits,
        f"{born} 出生，应满 {youngest.value} 周岁、不超过 {oldest.value} 周岁",
        f"born in {born}; from {youngest.value} to {oldest.value} years", youngest, oldest,
    )  # fmt: skip


def _labour(labour: str | None) -> Finding:
    able = None if labour is None else labour not in _UNABLE
    return _found("able-to-work", able, "须有劳动能力，弱劳动力可以", "able to work, weak labour included")


def _found(code: str, holds: bool | None, zh: str, en: str, *used: ParameterValue) -> Finding:
    return Finding(
        clause=CLAUSE,
        code=code,
        answer=Answer.of(holds),
        because=Because(zh=zh, en=en),
        parameters=tuple(map(ParameterUsed.of, used)),
    )
