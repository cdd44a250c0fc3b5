"""A member of a household: who the person is, and from when to when he or she is counted.

The resident id, the name and the phone live here and in the database only; other services know the person by
`person_key`, which the caller computes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from contracts import resident_id
from contracts.errors import FieldError
from services.monitoring.domain import codes
from services.monitoring.domain.ids import HouseholdId, MemberId

_NAME = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_NAME_SEPARATORS = frozenset("·•・‧ \u3000")
PHONE = r"^1[3-9]\d{9}$"
_PHONE = re.compile(PHONE, re.ASCII)


def name_is_valid(name: str) -> bool:
    """2 to 30 Han characters; interpuncts and spaces may stand between them, never at an end."""
    if not name or name[0] in _NAME_SEPARATORS or name[-1] in _NAME_SEPARATORS:
        return False
    characters = [character for character in name if character not in _NAME_SEPARATORS]
    return 2 <= len(characters) <= 30 and all(_NAME.fullmatch(character) for character in characters)


def phone_is_valid(phone: str) -> bool:
    return _PHONE.fullmatch(phone) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDetails:
    """What is recorded about the person. None is "not reported". Personal fields stay out of `repr`, so of logs."""

    name: str = field(repr=False)
    relation: str
    resident_id: str | None = field(default=None, repr=False)
    """Normalised (contracts.resident_id); None for a newborn or while unknown."""
    person_key: str | None = None
    sex: str | None = None
    born_on: date | None = field(default=None, repr=False)
    ethnicity: str | None = None
    education: str | None = None
    schooling: str | None = None
    health: str | None = field(default=None, repr=False)
    labour: str | None = None
    phone: str | None = field(default=None, repr=False)

    @property
    def birth_date(self) -> date | None:
        """As recorded, otherwise as the resident id says."""
        if self.born_on is None and self.resident_id is not None:
            return resident_id.birth_date(self.resident_id)
        return self.born_on

    def age_on(self, day: date) -> int | None:
        """Full years, the birthday counts; None where no birth date is known."""
        born = self.birth_date
        return None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    @property
    def sex_code(self) -> str | None:
        if self.sex is None and self.resident_id is not None:
            return resident_id.sex(self.resident_id)
        return self.sex


_CODED = {
    "relation": "relations",
    "sex": "sexes",
    "ethnicity": "ethnicities",
    "education": "education-levels",
    "health": "health-states",
    "labour": "labour-abilities",
}
"""The dictionary of each coded field."""


def member_errors(details: MemberDetails, on: date, pointer: str = "") -> list[FieldError]:
    """Everything that makes these details invalid on a day, each with its JSON pointer; empty when they are fine.

    Contradictions between valid fields (sex and id, age and schooling) are no errors: quality.py names them.
    """
    errors: list[FieldError] = []
    if not name_is_valid(details.name):
        errors.append(FieldError("name-form", f"{pointer}/name"))
    if details.phone is not None and not phone_is_valid(details.phone):
        errors.append(FieldError("phone-form", f"{pointer}/phone"))
    for name, dictionary_name in _CODED.items():
        value = getattr(details, name)
        if value is not None and value not in codes.codes_of(dictionary_name, on):
            errors.append(FieldError("code-unknown", f"{pointer}/{name}"))
    if details.schooling is not None and details.schooling not in codes.SCHOOLINGS:
        errors.append(FieldError("code-unknown", f"{pointer}/schooling"))
    if details.resident_id is not None:
        try:
            if resident_id.normalise(details.resident_id) != details.resident_id:
                errors.append(FieldError("id-not-normalised", f"{pointer}/resident_id"))
        except resident_id.InvalidResidentId as error:
            errors.append(FieldError(error.reason, f"{pointer}/resident_id"))
    return errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Where a person went on as a member: household and membership."""

    household_id: HouseholdId
    member_id: MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One membership. `left_on` is the first day on which the person is no longer counted."""

    id: MemberId
    details: MemberDetails
    joined_on: date
    left_on: date | None = None
    left_reason: str | None = None
    passed_to: Passage | None = None

    def present_on(self, day: date) -> bool:
        return self.joined_on <= day and (self.left_on is None or day < self.left_on)

    @property
    def present(self) -> bool:
        """Whether no leaving is recorded."""
        return self.left_on is None

    @property
    def is_head(self) -> bool:
        return self.details.relation == codes.HEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """A person about to be counted, under a fresh membership id."""

    id: MemberId
    details: MemberDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """Who becomes head, and how others are related to the new head; relations not restated stay as recorded."""

    head: MemberId
    relations: Mapping[MemberId, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """A member who goes on in another household: the new membership and the relation to the head there."""

    member_id: MemberId
    new_id: MemberId
    relation: str
