"""What must hold of the members of a living household, and how a head is succeeded. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from contracts.errors import FieldError
from services.monitoring.domain import errors
from services.monitoring.domain.codes import HEAD, codes_of
from services.monitoring.domain.ids import MemberId
from services.monitoring.domain.member import Member, Succession


def check_members(members: Iterable[Member]) -> None:
    """One head among those present, no person twice, no membership id used again.

    Raises HeadMissing or PersonAlreadyMember.
    """
    members = tuple(members)
    present = [member for member in members if member.present]
    if len({member.id for member in members}) != len(members):
        raise errors.PersonAlreadyMember
    numbers = [member.details.resident_id for member in present if member.details.resident_id]
    if len(set(numbers)) != len(numbers):
        raise errors.PersonAlreadyMember
    if sum(member.is_head for member in present) != 1:
        raise errors.HeadMissing


def find_member(members: Iterable[Member], member_id: MemberId) -> Member:
    """A present or former member; raises MemberUnknown."""
    for member in members:
        if member.id == member_id:
            return member
    raise errors.MemberUnknown


def changed_members(
    members: Sequence[Member],
    changes: Mapping[MemberId, Member],
    on: date,
    succession: Succession | None = None,
) -> tuple[Member, ...]:
    """The members after some were changed and a head perhaps succeeded, checked by `check_members`.

    Relations that the succession does not restate stay as recorded. Raises MemberUnknown, InvalidHousehold for an
    unknown relation, HeadMissing or PersonAlreadyMember.
    """
    after = {member.id: changes.get(member.id, member) for member in members}
    if succession is not None:
        restated = {**succession.relations, succession.head: HEAD}
        if set(restated.values()) - codes_of("relations", on):
            raise errors.InvalidHousehold(errors=[FieldError("code-unknown", "/succession/relations")])
        for member_id, relation in restated.items():
            member = find_member(after.values(), member_id)
            after[member_id] = replace(member, details=replace(member.details, relation=relation))
    check_members(after.values())
    return tuple(after.values())
