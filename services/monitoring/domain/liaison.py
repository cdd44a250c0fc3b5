"""Liaison relations: which officer stands by which household, in four kinds, from when to when (M-1.1.6, M-1.3.6).

Only an assigned cadre may report a visit. Relations are no part of the household: they change without it. Officers
are known by the `sub` of their token, which no public event holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from contracts.events.envelope import Raised
from contracts.events.monitoring import LiaisonAssigned
from services.monitoring.domain import errors
from services.monitoring.domain.ids import HouseholdId, LiaisonId, household_key


class Relation(StrEnum):
    """The four kinds that the plan names: 领导联点, 干部联户, 党员结对, 党员志愿者."""

    SITE_LEADER = "site-leader"
    LIAISON_CADRE = "liaison-cadre"
    PARTY_MEMBER = "party-member"
    VOLUNTEER = "volunteer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Liaison:
    """`until_on` is the first day on which the relation no longer holds."""

    id: LiaisonId
    household_id: HouseholdId
    relation: Relation
    officer_sub: str
    from_on: date
    until_on: date | None = None

    def holds(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day < self.until_on)

    def overlaps(self, other: "Liaison") -> bool:
        return (self.until_on is None or other.from_on < self.until_on) and (
            other.until_on is None or self.from_on < other.until_on
        )


def assign(known: Iterable[Liaison], new: Liaison) -> None:
    """Refuse a relation that cannot be: InvalidRelation for its span or officer, RelationOverlaps when it runs."""
    if not new.officer_sub or (new.until_on is not None and new.until_on <= new.from_on):
        raise errors.InvalidRelation
    for liaison in known:
        same = (liaison.household_id, liaison.relation, liaison.officer_sub) == (
            new.household_id,
            new.relation,
            new.officer_sub,
        )
        if same and liaison.overlaps(new):
            raise errors.RelationOverlaps


def ended(liaison: Liaison, on: date) -> Liaison:
    """The relation, no longer holding from a day on; raises InvalidRelation when it was over before, or never begun."""
    if on <= liaison.from_on or (liaison.until_on is not None and liaison.until_on <= on):
        raise errors.InvalidRelation
    return replace(liaison, until_on=on)


def closed(liaison: Liaison, on: date) -> Liaison:
    """The relation, ended from a day on; one that had not begun by then is withdrawn and never held."""
    return ended(liaison, on) if liaison.from_on < on else replace(liaison, until_on=liaison.from_on)


def refuse_unless_assigned(known: Iterable[Liaison], *, household_id: HouseholdId, officer_sub: str, day: date) -> None:
    """M-1.1.6: on the day of the visit the cadre was the household's liaison cadre. Raises CadreNotAssigned."""
    assigned = any(
        liaison.household_id == household_id
        and liaison.officer_sub == officer_sub
        and liaison.relation is Relation.LIAISON_CADRE
        and liaison.holds(day)
        for liaison in known
    )
    if not assigned:
        raise errors.CadreNotAssigned


def liaison_assigned(liaison: Liaison, division: str) -> Raised:
    """The public event of a relation that began or ended: kind and days, not the officer."""
    return Raised(
        data=LiaisonAssigned(
            household_id=liaison.household_id,
            division=division,
            liaison_id=liaison.id,
            relation=liaison.relation.value,
            from_on=liaison.from_on,
            until_on=liaison.until_on,
        ),
        key=household_key(liaison.household_id),
        subject=liaison.id,
        division=division,
    )
