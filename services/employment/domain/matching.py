"""People and jobs: who fits which opening, why, and in which order (M-2.2.14).

A match is stable: nobody and no opening would both rather have each other. Openings choose by fit (skill, place, pay
wish) and then by who registered first, people by the same fit, so the same lists always give the same matches.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from contracts.month import Month
from services.employment.domain.ages import has_passed, has_reached


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSeeker:
    """A wish for work. `places` are divisions in the order of the wish; empty: anywhere."""

    person_id: str
    registered_on: date
    birth_month: Month | None
    skills: frozenset[str]
    places: tuple[str, ...] = ()
    least_pay: Decimal | None = None
    kinds: frozenset[str] = frozenset()
    """Kinds of work that are wished; empty: any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A job that is offered so many times."""

    opening_id: str
    opened_on: date
    division: str
    kind: str
    pay: Decimal
    needs: frozenset[str] = frozenset()
    """Skills without which it cannot be done."""
    min_age: int = 16
    max_age: int = 59
    places: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a person and an opening fit; the higher the better. `reasons` are codes for a person to read."""

    score: int
    reasons: tuple[str, ...]


def fit_of(seeker: JobSeeker, opening: Opening, day: date) -> Fit | None:
    """None where they cannot come together: a skill, an age, a place, a kind or a pay stands against it."""
    born = seeker.birth_month
    if born is None or not has_reached(born, opening.min_age, day) or has_passed(born, opening.max_age, day):
        return None
    wished = _place_of(seeker, opening)
    if wished is None or not opening.needs <= seeker.skills:
        return None
    if seeker.kinds and opening.kind not in seeker.kinds:
        return None
    if seeker.least_pay is not None and opening.pay < seeker.least_pay:
        return None
    reasons = ["age", "pay"]
    score = 0
    if opening.needs:
        reasons.append("skill")
        score += 4
    if seeker.kinds:
        reasons.append("kind")
        score += 2
    if seeker.places:
        reasons.append(f"place-{wished + 1}")
        score += 2 if wished == 0 else 1
    return Fit(score=score, reasons=tuple(sorted(reasons)))


def _place_of(seeker: JobSeeker, opening: Opening) -> int | None:
    if not seeker.places:
        return 0
    fitting = (rank for rank, place in enumerate(seeker.places) if opening.division.startswith(place))
    return next(fitting, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    person_id: str
    opening_id: str
    fit: Fit


@dataclass(slots=True)
class _Taken:
    """Who holds an opening for now, best first."""

    held: list[tuple[tuple[int, date, str], JobSeeker]] = field(default_factory=list)


def matches(seekers: Sequence[JobSeeker], openings: Sequence[Opening], day: date) -> tuple[Match, ...]:
    """The stable matches, each person at most once, each opening as often as it is offered; by person.

    People ask in turn for the opening that fits them best and is not lost to them yet (deferred acceptance).
    """
    fits = {
        (seeker.person_id, opening.opening_id): fit
        for seeker in seekers
        for opening in openings
        if (fit := fit_of(seeker, opening, day)) is not None
    }
    wishes = {
        seeker.person_id: sorted(
            (opening for opening in openings if (seeker.person_id, opening.opening_id) in fits),
            key=lambda one: (
                -fits[seeker.person_id, one.opening_id].score, -one.pay, one.opened_on, one.opening_id
            ),
        )
        for seeker in seekers
    }  # fmt: skip
    taken = {opening.opening_id: _Taken() for opening in openings}
    asking = sorted(seekers, key=lambda one: (one.registered_on, one.person_id), reverse=True)
    while asking:
        seeker = asking.pop()
        wanted = wishes[seeker.person_id]
        if not wanted:
            continue
        opening = wanted.pop(0)
        fit = fits[seeker.person_id, opening.opening_id]
        held = taken[opening.opening_id].held
        held.append(((-fit.score, seeker.registered_on, seeker.person_id), seeker))
        held.sort(key=lambda entry: entry[0])
        if len(held) > opening.places:
            asking.append(held.pop()[1])
    found = [
        Match(person_id=seeker.person_id, opening_id=opening_id, fit=fits[seeker.person_id, opening_id])
        for opening_id, one in taken.items()
        for _, seeker in one.held
    ]
    return tuple(sorted(found, key=lambda one: one.person_id))
